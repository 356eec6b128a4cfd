import { digestOf } from '../lib/digests.ts';

/** Longer names are cut: file systems end a name at 255 bytes, and a set's name holds three. */
const LONGEST = 80;

/**
 * The folder for a plugin's answers: its id, where that is safe as a name. Two ids never get the same folder, also where a
 * file system ignores case, and none gets one that is a path, a device or hidden.
 *
 * Upper-case letters become `!` and the lower-case one; other bytes than letters, digits, `.`, `_` and `-` become their hex in
 * parentheses: `Todo/x` is `!todo(2f)x`. Only characters that object stores, URLs and file systems all take as they are.
 */
export function folderName(id: string): string {
  const name = [...Buffer.from(id)].map((byte) => escapeByte(byte)).join('');
  const safe = RESERVED.test(name) ? `(${hex(name.charCodeAt(0))})${name.slice(1)}` : name;
  const unambiguous = safe.endsWith('.') ? `${safe.slice(0, -1)}(2e)` : safe;
  if (unambiguous.length <= LONGEST) return unambiguous;
  const digest = digestOf(id).slice(0, 16);
  return `${unambiguous.slice(0, LONGEST - 20)}(${digest})`;
}

/** A leading dot, the names that mean something to us, and the devices of Windows. */
const RESERVED = /^(\.|(all|con|prn|aux|nul|com\d|lpt\d)(\.|$))/;

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9._-]/.test(character)) return character;
  return /[A-Z]/.test(character) ? `!${character.toLowerCase()}` : `(${hex(byte)})`;
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
