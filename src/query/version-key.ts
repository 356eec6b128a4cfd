// Edge dialect: this file is part of the router.
import { matchWhole } from './match-whole.ts';

const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?/;

/** The largest number a part of a version may be, as digits: the reference keeps them in 64 unsigned bits. */
const LARGEST = '18446744073709551615';

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
  let key = '';
  for (let i = 1; i < 4; i++) {
    if (isTooLarge(match[i] as string)) return null;
    key += numberKey(match[i] as string);
  }
  if (!match[4]) return `${key}~`;
  const identifiers = match[4].split('.');
  for (let i = 0; i < identifiers.length; i++) {
    const identifier = identifiers[i] as string;
    if (/\D/.test(identifier)) key += `1${identifier}!`;
    else if (isTooLarge(identifier) || (identifier[0] === '0' && identifier !== '0')) return null;
    else key += `0${numberKey(identifier)}!`;
  }
  return key;
}

const numberKey = (digits: string) => String.fromCharCode(64 + digits.length) + digits;

const isTooLarge = (digits: string) =>
  digits.length > 20 || (digits.length === 20 && digits > LARGEST);
