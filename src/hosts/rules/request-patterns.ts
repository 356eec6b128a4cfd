import { MAX_VALUE_LENGTH } from '../../router/request/parse-query-string.ts';

// What rules let through, in regular expressions that JavaScript, PCRE and RE2 read alike.

/** A character of a value in which there is nothing to decode. */
export const PLAIN = '[0-9A-Za-z._~-]';

const PLAIN_VALUE = new RegExp(`^${PLAIN}{0,${MAX_VALUE_LENGTH}}$`);

/** Whether a value can be asked for without escapes. Only what is about such ids is in rules. */
export const isPlain = (value: string): boolean => PLAIN_VALUE.test(value);

/** The spellings of true, that of servers first. */
export const TRUE = ['true', 't', 'True', 'T', 'TRUE', '1'];

/** The spellings of false, besides an empty value. */
export const FALSE = ['false', 'f', 'False', 'F', 'FALSE', '0'];

/** Matches a text exactly. */
export const escapePattern = (text: string): string => text.replace(/[.+*?()[\]{}|\\^$]/g, '\\$&');

/** Matches one of some texts; nothing where there are none. */
export const oneOf = (texts: readonly string[]): string =>
  `(?:${texts.map(escapePattern).join('|') || '[^\\s\\S]'})`;

/**
 * Matches an `If-None-Match` to which 304 is the answer: any tag, or that of the snapshot among others, strong or weak.
 *
 * @param quote how the pattern spells `"`
 */
export const knownTag = (snapshotId: string, quote = '"'): string =>
  `^\\s*\\*\\s*$|^(?:[^${quote}]*${quote}[^${quote}]*${quote})*?[^${quote}]*${quote}${snapshotId}${quote}`;
