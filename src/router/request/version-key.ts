// Edge dialect: this file is part of the router.

import { digit } from '../table/encoding.ts';
import { matchWhole } from './match-whole.ts';

/**
 * A key for a number in decimal digits without leading zeros, such that keys compare as numbers do; beyond 100 digits only
 * with shorter ones.
 */
export const numberKey = (digits: string): string =>
  digit(24 + Math.min(digits.length, 100)) + digits;

/** What a version looks like at first sight: its numbers, the pre-release, the build metadata. */
const VERSION = /^(\d+\.\d+\.\d+)(?:-([\dA-Za-z.-]+))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?/;

/**
 * A key for a strict semantic version such that keys compare (`<`) as versions do: `6.0.0-rc1` before `6.0.0`, build
 * metadata without influence. Null where the text is no semantic version.
 *
 * A number becomes its length, as a capital letter, and its digits; a pre-release sorts before the `~` that ends a release:
 * `5.37.0` is `A5B37A0~`. Source: semver.org 2.0.0, section 11.
 */
export function versionKey(text: string): string | null {
  const match = matchWhole(VERSION, text);
  if (!match) return null;
  const identifiers = (match[2] ? `${match[1]}.${match[2]}` : (match[1] as string)).split('.');
  const keys = identifiers.map((identifier, i) => {
    // Digits alone are an exponent. A pattern for each would take njs most of its time.
    if (i > 2 && !(+`1e1${identifier}` >= 0)) return `!1${identifier}`;
    const number = numberKey(identifier);
    // The reference keeps numbers in 64 unsigned bits: the key of the largest.
    const isTooLarge = number > 'T18446744073709551615';
    const isWrong = !identifier || (identifier[0] === '0' && identifier[1]) || isTooLarge;
    return isWrong ? '' : i > 2 ? `!0${number}` : number;
  });
  return keys.indexOf('') < 0 ? keys.join('') + (match[2] ? '' : '~') : null;
}
