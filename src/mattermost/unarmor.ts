/** What a block of text with an OpenPGP message inside says that it is, such as `PGP SIGNATURE`, and its bytes. */
export interface ArmoredBlock {
  readonly type: string;
  /** Empty where the block is damaged. */
  readonly bytes: Uint8Array;
}

/** Longer ones are none of an armor to a server. */
const MOST_CHARACTERS = 96;

/**
 * The first armored block of a file, as a Mattermost server looks for it (golang.org/x/crypto/openpgp/armor): text before it
 * is skipped, what follows it is not looked at. Null where there is none: then the file is taken as binary.
 */
export function unarmor(bytes: Uint8Array): ArmoredBlock | null {
  // Every byte is one character, so that no decoding changes any.
  const lines = Buffer.from(bytes).toString('latin1').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const [, type] = /^\s*-----BEGIN (.+)-----\s*$/.exec(lines[at] as string) ?? [];
    if (type === undefined || (lines[at] as string).length > MOST_CHARACTERS) continue;
    let body = at + 1;
    while (/: ./.test(lines[body]?.trim() ?? '')) body++;
    // A header without a value, such as "Comment:", ends the block for a server, and it looks for another one.
    if (lines[body]?.trim() !== '') continue;
    return { type, bytes: decodeBody(lines.slice(body + 1)) };
  }
  return null;
}

function decodeBody(lines: readonly string[]): Uint8Array {
  const end = lines.findIndex((line) => line.startsWith('-----END ') || /^=.{4}$/.test(line));
  const body = end === -1 ? lines : lines.slice(0, end);
  const text = body.join('');
  const isWhole = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const isShort = body.every((line) => line.length <= MOST_CHARACTERS);
  return isWhole && isShort ? Buffer.from(text, 'base64') : new Uint8Array();
}
