/** The declared type of an armored OpenPGP message, such as `PGP SIGNATURE`, and its bytes. */
export interface ArmoredBlock {
  readonly type: string;
  /** Empty where the block is damaged. */
  readonly bytes: Uint8Array;
}

/** A server does not accept longer lines in an armor. */
const MOST_CHARACTERS = 96;

/**
 * The armored blocks of a file, as a Mattermost server looks for them (golang.org/x/crypto/openpgp/armor): text before a block
 * is skipped. A server reads the first and no other. None: it takes the file as binary.
 */
export function unarmorAll(bytes: Uint8Array): ArmoredBlock[] {
  // Every byte is one character, so that no decoding changes any.
  const lines = Buffer.from(bytes).toString('latin1').split(/\r?\n/);
  const blocks: ArmoredBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, type] = /^\s*-----BEGIN (.+)-----\s*$/.exec(lines[at] as string) ?? [];
    if (type === undefined || (lines[at] as string).length > MOST_CHARACTERS) continue;
    let start = at + 1;
    while (/: ./.test(lines[start]?.trim() ?? '')) start++;
    // A header without a value, such as "Comment:", makes a server drop the block and look for another one.
    if (lines[start]?.trim() !== '') continue;
    const length = lines.slice(start).findIndex((line) => line.startsWith('-----END '));
    const end = length === -1 ? lines.length : start + length;
    blocks.push({ type, bytes: decodeBody(lines.slice(start + 1, end)) });
    at = end;
  }
  return blocks;
}

function decodeBody(lines: readonly string[]): Uint8Array {
  const checksum = lines.findIndex((line) => /^=.{4}$/.test(line));
  const body = checksum === -1 ? lines : lines.slice(0, checksum);
  const text = body.join('');
  const isWhole = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const isShort = body.every((line) => line.length <= MOST_CHARACTERS);
  return isWhole && isShort ? Buffer.from(text, 'base64') : new Uint8Array();
}
