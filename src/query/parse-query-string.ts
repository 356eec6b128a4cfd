// Edge dialect: this file is part of the router.

/**
 * The parameters of a raw query string (without `?`): the first occurrence of each key, decoded. A pair with a malformed
 * percent-escape or a `;` is dropped, `+` is a space. Keys carry a `?` in front, so that `?__proto__` is a key like any other.
 *
 * Source: net/url.ParseQuery of Go, which the reference uses.
 */
export function parseQueryString(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  const pairs = query.split('&');
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string;
    if (pair.indexOf(';') >= 0) continue;
    const at = pair.indexOf('=');
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    const value = decode(at < 0 ? '' : pair.slice(at + 1));
    if (key !== null && value !== null && values[`?${key}`] === undefined) {
      values[`?${key}`] = value;
    }
  }
  return values;
}

/** The text, or null where an escape is malformed. Escapes that are no UTF-8 become U+FFFD. */
function decode(text: string): string | null {
  const spaced = text.replace(/\+/g, ' ');
  if (spaced.indexOf('%') < 0) return spaced;
  if (/%(?![\da-fA-F]{2})/.test(spaced)) return null;
  try {
    return decodeURIComponent(spaced);
  } catch (_error) {
    return decodeURIComponent(spaced.replace(/%[89a-fA-F]./g, '\ufffd'));
  }
}
