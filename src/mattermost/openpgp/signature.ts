import { type OpenPgpPacket, readPackets, TAG } from './openpgp-packets.ts';
import { parseSignaturePacket, type SignaturePacket } from './signature-packet.ts';
import { unarmorAll } from './unarmor.ts';

/** Why no server installs what carries a signature. */
export interface SignatureFinding {
  /** `unsigned`: there is no signature. `refused-signature`: there is one, of a kind that no server verifies. */
  readonly check: 'unsigned' | 'refused-signature';
  /** The problem, worded to follow the name of what carries the signature. */
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
  if (bytes === null) return unsigned('is not Base64 as servers read it');
  if (bytes.length === 0) return unsigned('is empty');
  return judgeSignatureFile(bytes);
}

/** The same for the bytes of a signature, such as those of a `.sig` file. */
export function judgeSignatureFile(bytes: Uint8Array): SignatureFinding | null {
  const [first] = readSignatures(bytes);
  // A server skips signatures by keys that it does not know: any of them may be the one that counts.
  return first === undefined ? NO_SIGNATURE : 'check' in first ? first : null;
}

/** A signature of a file with several: the key that made it, and the packet alone. */
export interface FileSignature extends SignaturePacket {
  readonly issuer: string;
  readonly packet: Uint8Array;
}

/**
 * The signatures of a file in the order in which a server tries them, until one that it cannot read: it skips those of keys
 * that it does not know, and stops at anything other than a signature.
 */
export function* readSignatures(bytes: Uint8Array): Generator<FileSignature | SignatureFinding> {
  const [block] = unarmorAll(bytes);
  if (block?.type === 'PGP SIGNED MESSAGE') return yield INLINE;
  for (const packet of readPackets(block?.bytes ?? bytes)) {
    const tag = packet?.tag ?? 0;
    // Servers skip packets that they do not know.
    if (packet !== null && tag !== TAG.signature && !KNOWN_TAGS.includes(tag)) continue;
    const found = tag === TAG.signature && packet ? readOne(packet) : explainTag(tag);
    yield found;
    if ('check' in found) return;
  }
}

/** Tags at the beginning of messages that contain the signed data. */
const INLINE_TAGS: readonly number[] = [TAG.onePassSignature, TAG.compressed, TAG.literal];

/** Other tags that a server knows, which are not signatures: parts of keys and of encrypted messages. */
const KNOWN_TAGS: readonly number[] = [...INLINE_TAGS, 1, 3, 5, 6, 7, 9, 13, 14, 17, 18];

function explainTag(tag: number): SignatureFinding {
  return INLINE_TAGS.includes(tag) ? INLINE : NO_SIGNATURE;
}

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

const NO_SIGNATURE = unsigned('is not an OpenPGP signature');
const INLINE = refused('is not a detached signature: it contains what it signs');

/** MD5, SHA-1, SHA-256, SHA-384, SHA-512, SHA-224. */
const VERIFIED_HASHES: readonly number[] = [1, 2, 8, 9, 10, 11];

function readOne({ bytes, body }: OpenPgpPacket): FileSignature | SignatureFinding {
  const signature = parseSignaturePacket(body);
  if ('refusal' in signature) {
    return signature.isDamaged ? unsigned(signature.refusal) : refused(signature.refusal);
  }
  const { type, hash, issuer } = signature;
  // Of a binary file, or of a text.
  if (type !== 0 && type !== 1) {
    return refused('is an OpenPGP signature of something else than a file');
  }
  if (!VERIFIED_HASHES.includes(hash)) return refused(`is made with hash ${hash}`);
  if (issuer === null) return refused('does not name its key');
  return { ...signature, issuer, packet: bytes };
}
