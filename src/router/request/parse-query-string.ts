// Edge dialect: this file is part of the router.

// The bounds of what is read, so that no request takes much longer than another. A Mattermost server sends 11 pairs, about 270
// characters, and no value longer than a plugin's id, which it takes up to 190.

/** The longest query, in characters as sent. */
export const MAX_QUERY_LENGTH = 1024;

/** The most pairs in it. */
export const MAX_PAIRS = 32;

/** The longest value, in characters as sent: a percent-escape has three. */
export const MAX_VALUE_LENGTH = 256;

/**
 * Decoded parameters. Keys carry a `?` in front, so that `?__proto__` is a key like any other. Null where a value is too long,
 * or where it is not known which of several was sent first.
 */
export type Parameters = Record<string, string | null>;

/**
 * The parameters of a raw query string (without `?`): the first occurrence of each key, decoded. A pair with a malformed
 * percent-escape or a `;` is dropped, and one with an escape beyond ASCII in its key, which is no parameter's; `+` is a space.
 * Null where the query is longer than what is read.
 *
 * Source: net/url.ParseQuery of Go, which the reference uses.
 *
 * @param isMixed whether of a key that was sent in two spellings, such as `filter` and `%66ilter`, it is not known which came
 *   first
 */
export function parseQueryString(query: string, isMixed?: boolean): Parameters | null {
  const pairs = query.split('&', MAX_PAIRS + 1);
  if (query.length > MAX_QUERY_LENGTH || pairs.length > MAX_PAIRS) return null;
  const values: Parameters = {};
  const spellings: Record<string, string> = {};
  // Patterns are slow in njs, and what real clients send has nothing to decode.
  const isPlain = !/[%+;]/.test(query);
  pairs.forEach((pair) => {
    if (isPlain || !/;|%(?![\da-fA-F]{2})|^[^=]*%[89a-fA-F]/.test(pair)) {
      const at = `${pair}=`.indexOf('=');
      const sent = pair.slice(0, at);
      const text = pair.slice(at + 1);
      const key = `?${isPlain ? sent : decode(sent)}`;
      const value = text.length > MAX_VALUE_LENGTH ? null : isPlain ? text : decode(text);
      if (!(key in values)) {
        values[key] = value;
        spellings[key] = sent;
      } else if (isMixed && spellings[key] !== sent && values[key] !== value) {
        values[key] = null;
      }
    }
  });
  return values;
}

/** The text of well-formed escapes. Those that are no UTF-8 become U+FFFD. */
function decode(text: string): string {
  const spaced = text.split('+').join(' ');
  try {
    return decodeURIComponent(spaced);
  } catch (_error) {
    return decodeURIComponent(spaced.replace(/%[89a-fA-F]./g, '\ufffd'));
  }
}

/** Path and query of a request target as sent: `/api/v1/plugins?page=1`. The query is without `?`. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
