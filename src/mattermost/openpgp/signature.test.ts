import { deepEqual, equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as openpgp from 'openpgp';
import { decodeSignature, judgeSignature } from './signature.ts';

const CONTENT = Buffer.from('a bundle');

suite('a signature of the catalog is decoded as servers decode it', () => {
  // what the catalog has; the bytes in hex, or null where a server refuses it
  const CASES: readonly (readonly [text: string, hex: string | null])[] = [
    ['', ''],
    ['AQID', '010203'],
    ['AQI=', '0102'],
    ['AQ==', '01'],
    ['AQ\n==', '01'],
    ['A\r\nQ\nID\n', '010203'],
    ['/+8=', 'ffef'],
    ['AR==', '01'],
    ['AQI', null],
    ['AQ', null],
    ['AQ=', null],
    ['AQ===', null],
    ['AQ==AQ==', null],
    ['A===', null],
    ['====', null],
    ['AQ ID', null],
    [' AQID', null],
    ['AQID ', null],
    ['AQ\tID', null],
    ['_-8=', null],
    ['AQ%3D', null],
    ['ÄQID', null],
  ];
  for (const [text, hex] of CASES) {
    test(JSON.stringify(text), () => {
      const bytes = decodeSignature(text);
      equal(bytes && Buffer.from(bytes).toString('hex'), hex);
    });
  }
});

/** A signature packet of version 4: what it is, and subpackets of its hashed and unhashed part. */
function packet({
  type = 0,
  algorithm = 1,
  hash = 8,
  hashed = [CREATED],
  unhashed = [ISSUER],
}: {
  type?: number;
  algorithm?: number;
  hash?: number;
  hashed?: readonly Buffer[];
  unhashed?: readonly Buffer[];
} = {}): Buffer {
  const parts = [hashed, unhashed].map((subpackets) => {
    const all = Buffer.concat(subpackets);
    return Buffer.concat([Buffer.from([all.length >> 8, all.length & 255]), all]);
  });
  return body(2, Buffer.concat([Buffer.from([4, type, algorithm, hash]), ...parts, END]));
}

function body(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag, content.length]), content]);
}

/** The first two bytes of the hash, and a number. */
const END = Buffer.from([0, 0, 0, 8, 255]);
const CREATED = Buffer.from([5, 2, 1, 2, 3, 4]);
const ISSUER = Buffer.from([9, 16, 1, 2, 3, 4, 5, 6, 7, 8]);
const V3 = Buffer.from([3, 5, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 1, 8, ...END]);
const EDDSA = packet({ algorithm: 22 });
const GOOD = packet();
const notation = (critical: boolean) => Buffer.from([3, critical ? 0x80 | 20 : 20, 0, 0]);

const REFUSED = 'refused-signature';

suite('a signature that no server verifies is recognized by its packets', () => {
  // what it is; its bytes; the check that names it, or null if a server could verify it; the message
  const CASES: readonly (readonly [string, Buffer | string, string | null, RegExp?])[] = [
    ['RSA', GOOD, null],
    ['RSA for signing only', packet({ algorithm: 3 }), null],
    ['DSA', packet({ algorithm: 17 }), null],
    ['ECDSA', packet({ algorithm: 19 }), null],
    ['of a text', packet({ type: 1 }), null],
    ['version 3', body(2, V3), null],
    ['the old form of a header', Buffer.concat([Buffer.from([0x88, V3.length]), V3]), null],
    ['without a length', Buffer.concat([Buffer.from([0x8b]), V3]), null],
    ...[1, 2, 8, 9, 10, 11].map((hash) => [`hash ${hash}`, packet({ hash }), null] as const),
    ['a notation', packet({ hashed: [CREATED, notation(false)] }), null],
    ['an issuer in the hashed part', packet({ hashed: [CREATED, ISSUER], unhashed: [] }), null],
    ['an unknown packet before it', Buffer.concat([body(10, END), GOOD]), null],
    ['several', Buffer.concat([GOOD, GOOD]), null],
    ['an Ed25519 one after it', Buffer.concat([GOOD, EDDSA]), null],

    ['an Ed25519 one before it', Buffer.concat([EDDSA, GOOD]), REFUSED, /EdDSA \(Ed25519\)/],
    ['EdDSA', EDDSA, REFUSED, /EdDSA \(Ed25519\)/],
    ['Ed25519', packet({ algorithm: 27 }), REFUSED, /Ed25519/],
    ['Ed448', packet({ algorithm: 28 }), REFUSED, /Ed448/],
    ['Elgamal', packet({ algorithm: 16 }), REFUSED, /Elgamal/],
    ['an algorithm to come', packet({ algorithm: 99 }), REFUSED, /algorithm 99/],
    ...[3, 0, 12, 14].map(
      (hash) => [`hash ${hash}`, packet({ hash }), REFUSED, new RegExp(`hash ${hash}`)] as const,
    ),
    ['version 5', body(2, Buffer.from([5, 0, 1, 8, ...END])), REFUSED, /version 5/],
    ['version 6', body(2, Buffer.from([6, 0, 1, 8, ...END])), REFUSED, /version 6/],
    ['a critical notation', packet({ hashed: [CREATED, notation(true)] }), REFUSED, /critical/],
    ['no time', packet({ hashed: [] }), REFUSED, /creation time/],
    ['no issuer', packet({ unhashed: [] }), REFUSED, /does not name its key/],
    ['of a key', packet({ type: 0x13 }), REFUSED, /something else than a file/],
    ['one with its contents', Buffer.concat([body(4, END), body(11, END)]), REFUSED, /detached/],
    ['one that is compressed', Buffer.from([0xa3, 1, 2, 3]), REFUSED, /detached/],

    ['nothing', '', 'unsigned', /empty/],
    ['text', 'signed by me', 'unsigned', /not an OpenPGP/],
    ['HTML', '<html>404</html>', 'unsigned', /not an OpenPGP/],
    ['a gzip file', Buffer.from([0x1f, 0x8b, 8, 0]), 'unsigned', /not an OpenPGP/],
    ['a public key', body(6, END), 'unsigned', /not an OpenPGP/],
    ['unknown packets only', body(10, END), 'unsigned', /not an OpenPGP/],
    ['one that is cut off', GOOD.subarray(0, -3), 'unsigned', /not an OpenPGP/],
    ['one that lies of its length', body(2, GOOD.subarray(2, 12)), 'unsigned', /damaged/],
    ['one byte', Buffer.from([0x88]), 'unsigned', /not an OpenPGP/],
  ];
  for (const [what, bytes, check, message] of CASES) {
    test(`${what}: ${check ?? 'taken'}`, () => {
      const finding = judgeSignature(Buffer.from(bytes).toString('base64'));
      equal(finding?.check ?? null, check);
      if (message) match(finding?.message ?? '', message);
    });
  }

  test('no Base64: unsigned', () => {
    for (const text of ['?', GOOD.toString('base64url'), ` ${GOOD.toString('base64')}`]) {
      const finding = judgeSignature(text);
      equal(finding?.check, 'unsigned', text);
      match(finding.message, /not Base64/);
    }
  });
});

suite('a signature may be armored', () => {
  const text = (bytes: Buffer, head = '') =>
    `${head}-----BEGIN PGP SIGNATURE-----\n\n${bytes.toString('base64')}\n-----END PGP SIGNATURE-----\n`;
  const checkOf = (armored: string) =>
    judgeSignature(Buffer.from(armored).toString('base64'))?.check ?? null;

  // what it is; the text; the check that names it
  const CASES: readonly (readonly [string, string, string | null])[] = [
    ['plain', text(GOOD), null],
    ['text before it', text(GOOD, 'Signed by us.\n\n'), null],
    ['lines that end as on Windows', text(GOOD).replaceAll('\n', '\r\n'), null],
    ['a header', text(GOOD).replace('\n\n', '\nComment: by us\n\n'), null],
    ['text after it', `${text(GOOD)}${text(EDDSA)}`, null],
    ['Ed25519', text(EDDSA), REFUSED],
    ['an Ed25519 one before it', `${text(EDDSA)}${text(GOOD)}`, REFUSED],
    ['a header without a value', text(GOOD).replace('\n\n', '\nComment:\n\n'), 'unsigned'],
    ['blanks at the end of lines', text(GOOD).replace('\n--', ' \n--'), 'unsigned'],
    ['other contents', text(Buffer.from('text')), 'unsigned'],
  ];
  for (const [what, armored, check] of CASES) {
    test(`${what}: ${check ?? 'taken'}`, () => equal(checkOf(armored), check));
  }

  test('a text that is signed in the clear is refused', async () => {
    const { privateKey } = await openpgp.generateKey({
      type: 'ecc',
      curve: 'nistP256',
      userIDs: [{ name: 'x' }],
      format: 'object',
    });
    const message = await openpgp.createCleartextMessage({ text: 'a bundle' });
    const signed = await openpgp.sign({ message, signingKeys: privateKey });
    equal(checkOf(signed), REFUSED);
    const inline = await openpgp.sign({
      message: await openpgp.createMessage({ binary: CONTENT }),
      signingKeys: privateKey,
    });
    equal(checkOf(inline), REFUSED);
  });
});

test('arbitrary bytes are judged without an error', () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(GOOD);
    for (let change = 0; change <= round % 4; change++) {
      bytes[random() % bytes.length] = random() % 256;
    }
    const finding = judgeSignature(
      bytes.subarray(0, 1 + (random() % bytes.length)).toString('base64'),
    );
    if (finding) deepEqual(Object.keys(finding), ['check', 'message', 'remedy']);
  }
});
