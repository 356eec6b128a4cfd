// Edge dialect: this file is part of the router.

/**
 * Decoded parameters. Keys carry a `?` in front, so that `?__proto__` is a key like any other. Null where it is not known which
 * of several values was sent first.
 */
export type Parameters = Record<string, string | null>;

/**
 * The parameters of a raw query string (without `?`): the first occurrence of each key, decoded. A pair with a malformed
 * percent-escape or a `;` is dropped, `+` is a space.
 *
 * Source: net/url.ParseQuery of Go, which the reference uses.
 */
export function parseQueryString(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  // Patterns are slow in njs, and what real clients send has nothing to decode.
  const isPlain = !/[%+;]/.test(query);
  query.split('&').forEach((pair) => {
    if (isPlain || !/;|%(?![\da-fA-F]{2})/.test(pair)) {
      const at = `${pair}=`.indexOf('=');
      const sent = pair.slice(0, at);
      const text = pair.slice(at + 1);
      const key = `?${isPlain ? sent : decode(sent)}`;
      if (!(key in values)) values[key] = isPlain ? text : decode(text);
    }
  });
  return values;
}

/** The text of well-formed escapes. Those that are no UTF-8 become U+FFFD. */
function decode(text: string): string {
  const spaced = text.replace(/\+/g, ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (_error) {
    return decodeURIComponent(spaced.replace(/%[89a-fA-F]./g, '\ufffd'));
  }
}
