// Edge dialect: this file is part of the router.
import { matchWhole } from './match-whole.ts';
import { numberKey } from './number-key.ts';

const NUMBER = '(?:0|[1-9]\\d*)';
const IDENTIFIER = `(?:\\d*[A-Za-z-][\\dA-Za-z-]*|${NUMBER})`;
const VERSION = new RegExp(
  `^(${NUMBER}\\.${NUMBER}\\.${NUMBER})(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[\\dA-Za-z-]+(?:\\.[\\dA-Za-z-]+)*)?`,
);

/** The largest number a part of a version may be: the reference keeps them in 64 unsigned bits. */
const LARGEST = numberKey('18446744073709551615');

/**
 * A key for a strict semantic version such that keys compare (`<`) as versions do: `6.0.0-rc1` before `6.0.0`, build
 * metadata without influence. Null where the text is no semantic version.
 *
 * A number becomes its length and its digits; a pre-release sorts before the `~` that ends a release. Source:
 * semver.org 2.0.0, section 11.
 */
export function versionKey(text: string): string | null {
  const match = matchWhole(VERSION, text);
  if (!match) return null;
  const identifiers = (match[1] as string).split('.').concat(match[2] ? match[2].split('.') : []);
  let key = '';
  for (let i = 0; i < identifiers.length; i++) {
    const identifier = identifiers[i] as string;
    if (i > 2) key += '!';
    if (/\D/.test(identifier)) {
      key += `1${identifier}`;
    } else {
      const number = numberKey(identifier);
      if (number > LARGEST) return null;
      key += i > 2 ? `0${number}` : number;
    }
  }
  return match[2] ? key : `${key}~`;
}
