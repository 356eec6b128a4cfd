import { digestOf } from '../lib/digests.ts';

/** Longer names are cut: a name in a file system has at most 255 bytes, and the rest of an answer's name takes up to 170. */
const LONGEST = 80;

/**
 * The folder for a plugin's answers: its id if that is safe as a name. Two ids never get the same folder, not even on a file
 * system that ignores case, and no folder is a path, a device or hidden.
 *
 * An upper-case letter becomes `!` and the lower-case letter; bytes other than letters, digits, `.`, `_` and `-` become their
 * hex in parentheses: `Todo/x` is `!todo(2f)x`. Object stores, URLs and file systems all take these characters as they are.
 */
export function folderName(id: string): string {
  const name = [...Buffer.from(id)].map((byte) => escapeByte(byte)).join('');
  const safe = RESERVED.test(name) ? `(${hex(name.charCodeAt(0))})${name.slice(1)}` : name;
  const unambiguous = safe.endsWith('.') ? `${safe.slice(0, -1)}(2e)` : safe;
  if (unambiguous.length <= LONGEST) return unambiguous;
  const digest = digestOf(id).slice(0, 16);
  return `${unambiguous.slice(0, LONGEST - 20)}(${digest})`;
}

/** A leading dot, our own names, and the devices of Windows. */
const RESERVED = /^(\.|(all|some|con|prn|aux|nul|com\d|lpt\d)(\.|$))/;

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9._-]/.test(character)) return character;
  return /[A-Z]/.test(character) ? `!${character.toLowerCase()}` : `(${hex(byte)})`;
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
