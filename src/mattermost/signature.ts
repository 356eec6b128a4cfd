import { readLength, readPackets, TAG } from './openpgp-packets.ts';
import { unarmor } from './unarmor.ts';

/** Why no server installs what carries a signature. */
export interface SignatureFinding {
  /** `unsigned`: there is no signature. `refused-signature`: there is one, of a kind that no server verifies. */
  readonly check: 'unsigned' | 'refused-signature';
  /** What is wrong, to follow the name of what carries the signature. */
  readonly message: string;
  readonly remedy: string;
}

/**
 * A signature of the catalog as a Mattermost server decodes it (Go's base64.StdEncoding): with its padding, line breaks
 * ignored, blanks and the letters of URLs refused.
 *
 * @returns null where a server refuses it
 */
export function decodeSignature(base64: string): Uint8Array | null {
  const text = base64.replace(/[\r\n]/g, '');
  const isWhole = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isWhole ? Buffer.from(text, 'base64') : null;
}

/**
 * Whether any server could verify a signature, whatever its key and the bundle are. Servers verify what they install from a
 * marketplace always, whether or not `RequirePluginSignature` is set (server/channels/app/plugin_signature.go), with the
 * OpenPGP of golang.org/x/crypto.
 *
 * @param signature Base64 of a detached signature, binary or armored, as `signature` of a catalog has it
 * @returns null where a server could
 */
export function judgeSignature(signature: string): SignatureFinding | null {
  const bytes = decodeSignature(signature);
  if (bytes === null) return unsigned('is no Base64 as servers read it');
  if (bytes.length === 0) return unsigned('is empty');
  return judgeSignatureFile(bytes);
}

/** The same for the bytes of a signature, such as those of a `.sig` file. */
export function judgeSignatureFile(bytes: Uint8Array): SignatureFinding | null {
  const block = unarmor(bytes);
  if (block?.type === 'PGP SIGNED MESSAGE') return INLINE;
  for (const packet of readPackets(block?.bytes ?? bytes)) {
    if (packet === null) return NO_SIGNATURE;
    if (packet.tag === TAG.signature) {
      // Of several, a server passes over those of keys that it does not know: the first may be the one that counts.
      const reason = explainRefusal(packet.body);
      return reason === 'damaged' ? DAMAGED : reason === null ? null : refused(reason);
    }
    if (INLINE_TAGS.includes(packet.tag)) return INLINE;
    if (OTHER_TAGS.includes(packet.tag)) return NO_SIGNATURE;
    // Servers skip packets that they do not know.
  }
  return NO_SIGNATURE;
}

/** What messages begin with that hold what they sign. */
const INLINE_TAGS: readonly number[] = [TAG.onePassSignature, TAG.compressed, TAG.literal];

/** What a server knows besides, and takes for no signature: parts of keys and of encrypted messages. */
const OTHER_TAGS: readonly number[] = [1, 3, 5, 6, 7, 9, 13, 14, 17, 18];

const HOW_TO_SIGN = 'sign the bundle with: npm run catalog -- sign BUNDLE --key FILE';

function unsigned(message: string): SignatureFinding {
  return {
    check: 'unsigned',
    message: `${message}, and no server installs a plugin without a signature`,
    remedy: HOW_TO_SIGN,
  };
}

function refused(message: string): SignatureFinding {
  return {
    check: 'refused-signature',
    message: `${message}, and no server installs a plugin with such a signature`,
    remedy: `${HOW_TO_SIGN}, and a key of RSA, DSA or ECDSA on a NIST curve`,
  };
}

const NO_SIGNATURE = unsigned('is no OpenPGP signature');
const DAMAGED = unsigned('is a damaged OpenPGP signature');
const INLINE = refused('is no detached signature: it holds what it signs');

/** What public key algorithms are called (RFC 9580, section 9.1), those that servers verify apart. */
export const VERIFIED_ALGORITHMS: Readonly<Record<number, string>> = {
  1: 'RSA',
  3: 'RSA',
  17: 'DSA',
  19: 'ECDSA',
};
const OTHER_ALGORITHMS: Readonly<Record<number, string>> = {
  2: 'RSA for encryption only',
  16: 'Elgamal',
  18: 'ECDH',
  22: 'EdDSA (Ed25519)',
  25: 'X25519',
  26: 'X448',
  27: 'Ed25519',
  28: 'Ed448',
};

/** What people call a public key algorithm. */
export function nameAlgorithm(algorithm: number): string {
  return VERIFIED_ALGORITHMS[algorithm] ?? OTHER_ALGORITHMS[algorithm] ?? `algorithm ${algorithm}`;
}

/** MD5, SHA-1, SHA-256, SHA-384, SHA-512, SHA-224. */
const VERIFIED_HASHES: readonly number[] = [1, 2, 8, 9, 10, 11];

/** Why no server verifies a signature packet; null where servers do. */
function explainRefusal(body: Uint8Array): string | 'damaged' | null {
  const [version, ...fixed] = body.subarray(0, 19);
  if (version === undefined) return 'damaged';
  if (version === 4) return explainRefusalOfV4(body);
  if (version !== 3 && version !== 2) return `is an OpenPGP signature of version ${version}`;
  // Length 5, type, time, key id, algorithm, hash.
  if (fixed[0] !== 5 || fixed.length < 18) return 'damaged';
  return explainKind(fixed[1], fixed[14] === 19 ? undefined : fixed[14], fixed[15]);
}

function explainRefusalOfV4(body: Uint8Array): string | 'damaged' | null {
  const [, type, algorithm, hash] = body;
  if (hash === undefined) return 'damaged';
  const kind = explainKind(type, algorithm, hash);
  if (kind !== null) return kind;
  const hashed = readSubpackets(body, 4);
  const unhashed = hashed && readSubpackets(body, hashed.end);
  if (!hashed || !unhashed || unhashed.end + 4 > body.length) return 'damaged';
  const all = [...hashed.subpackets, ...unhashed.subpackets];
  const critical = all.find((one) => one.isCritical && !KNOWN_SUBPACKETS.includes(one.type));
  if (critical) return `demands what servers do not know (critical subpacket ${critical.type})`;
  if (!hashed.subpackets.some((one) => one.type === CREATED))
    return 'does not say when it was made';
  if (!all.some((one) => one.type === ISSUER)) return 'does not name its key';
  return null;
}

function explainKind(
  type: number | undefined,
  algorithm: number | undefined,
  hash: number | undefined,
): string | null {
  // Of a binary file, or of a text.
  if (type !== 0 && type !== 1) return 'is an OpenPGP signature of something else than a file';
  if (algorithm === undefined || !Object.hasOwn(VERIFIED_ALGORITHMS, algorithm)) {
    return `is made with ${nameAlgorithm(algorithm ?? 19)}`;
  }
  if (hash === undefined || !VERIFIED_HASHES.includes(hash)) return `is made with hash ${hash}`;
  return null;
}

const CREATED = 2;
const ISSUER = 16;

/** The subpackets that may be critical for a server. */
const KNOWN_SUBPACKETS: readonly number[] = [CREATED, 3, 9, 11, ISSUER, 21, 22, 25, 27, 29, 30, 32];

interface Subpacket {
  readonly type: number;
  readonly isCritical: boolean;
}

/** The subpackets that begin with their length in two bytes at `at`; null where they do not end within the packet. */
function readSubpackets(
  body: Uint8Array,
  at: number,
): { readonly subpackets: Subpacket[]; readonly end: number } | null {
  const end = at + 2 + (body[at] ?? 0) * 256 + (body[at + 1] ?? 0);
  if (end > body.length) return null;
  const subpackets: Subpacket[] = [];
  let next = at + 2;
  while (next < end) {
    const size = readLength(body, next, true);
    if (size === null || size.length === 0 || size.start + size.length > end) return null;
    const type = body[size.start] as number;
    subpackets.push({ type: type & 0x7f, isCritical: (type & 0x80) !== 0 });
    next = size.start + size.length;
  }
  return { subpackets, end };
}
