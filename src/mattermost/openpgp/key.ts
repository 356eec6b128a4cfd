import { createHash } from 'node:crypto';
import { type OpenPgpPacket, readPackets, TAG } from './openpgp-packets.ts';
import {
  isVerified,
  nameAlgorithm,
  parseSignaturePacket,
  type SignaturePacket,
  toHex,
  toNumber,
} from './signature-packet.ts';
import { unarmorAll } from './unarmor.ts';

/** A public key of a file that `SignaturePublicKeyFiles` names, as a Mattermost server takes it. */
export interface ServerKey {
  /** Of the primary key, in upper-case hex. */
  readonly id: string;
  /** The fingerprint of the primary key, in upper-case hex. Empty for a key whose version is not 4. */
  readonly fingerprint: string;
  /** The ids of the primary key and its subkeys. */
  readonly ids: readonly string[];
  /** Why a server ignores the key, worded to follow its name; null if it uses the key. */
  readonly refusal: string | null;
  /** The ids of those that a server takes signatures of. */
  readonly signerIds: readonly string[];
  /** When it expires; null where it does not. A server does not look at that. */
  readonly expiresAt: Date | null;
  /** When those of its subkeys expire that do, by their ids. */
  readonly subkeysExpireAt: ReadonlyMap<string, Date>;
  /** Its packets. */
  readonly bytes: Uint8Array;
}

/**
 * The public keys of a file, armored or binary, including those that a server ignores. A server reads them anew for each
 * signature (server/channels/app/plugin_signature.go) with golang.org/x/crypto/openpgp: one packet that it does not know in
 * a key, such as a subkey of Ed25519, makes it ignore the whole key.
 */
export function readServerKeys(file: Uint8Array): ServerKey[] {
  const blocks = unarmorAll(file);
  if (blocks.length === 0) return readBlock(file);
  return blocks.flatMap(({ bytes }, index) =>
    readBlock(bytes).map((key) => (index === 0 ? key : { ...key, signerIds: [], refusal: SECOND })),
  );
}

const SECOND =
  'is after the first block of its file, and servers read only the first block of an armored file: put it into a file of its own';

function readBlock(bytes: Uint8Array): ServerKey[] {
  const keys: OpenPgpPacket[][] = [];
  for (const packet of readPackets(bytes)) {
    if (packet === null) break;
    if (packet.tag === TAG.publicKey) keys.push([packet]);
    else keys.at(-1)?.push(packet);
  }
  return keys.map(readKey);
}

function readKey(packets: readonly OpenPgpPacket[]): ServerKey {
  const [primary, ...others] = packets as [OpenPgpPacket, ...OpenPgpPacket[]];
  const fingerprint = fingerprintOf(primary.body);
  const id = fingerprint.slice(-ID_LENGTH);
  const parts = splitParts(primary, others);
  const refusal = explainRefusal(primary, others, parts);
  const own = parts[0]?.isRevoked ? null : ownSignature(parts, id);
  const signers = refusal === null ? parts.filter((part) => maySign(part, own)) : [];
  const subkeys = parts.filter((part) => part.isSubkey);
  return {
    id,
    fingerprint,
    ids: parts.map((part) => part.id),
    refusal: refusal ?? (signers.length === 0 ? 'is not for signing' : null),
    signerIds: signers.map((part) => part.id),
    expiresAt: parts[0] ? expiryOf(parts[0], own) : null,
    subkeysExpireAt: new Map(
      subkeys.flatMap((part) => {
        const expiry = expiryOf(part, newest(bindingsOf(part)));
        return expiry === null ? [] : [[part.id, expiry]];
      }),
    ),
    bytes: Buffer.concat(packets.map(({ bytes }) => bytes)),
  };
}

/** A primary key or a subkey, with the signatures that servers look at. */
interface KeyPart {
  readonly id: string;
  readonly isSubkey: boolean;
  readonly algorithm: number;
  readonly createdSeconds: number;
  isRevoked: boolean;
  readonly signatures: SignaturePacket[];
}

/** The kinds of signatures that keys carry: RFC 4880, section 5.2.1. */
const TYPE = { generic: 0x10, positive: 0x13, binding: 0x18, revoked: 0x20, subkeyRevoked: 0x28 };

function splitParts(primary: OpenPgpPacket, others: readonly OpenPgpPacket[]): KeyPart[] {
  const parts: KeyPart[] = [toPart(primary)];
  for (const packet of others) {
    if (packet.tag === TAG.publicSubkey) parts.push(toPart(packet));
    const signature = packet.tag === TAG.signature ? parseSignaturePacket(packet.body) : null;
    const part = parts.at(-1);
    if (!part || !signature || 'refusal' in signature) continue;
    part.signatures.push(signature);
    const { type } = signature;
    if (type === TYPE.revoked || type === TYPE.subkeyRevoked) part.isRevoked = true;
  }
  return parts;
}

function toPart({ tag, body }: OpenPgpPacket): KeyPart {
  const isSubkey = tag === TAG.publicSubkey;
  const id = fingerprintOf(body).slice(-ID_LENGTH);
  const createdSeconds = toNumber(body.subarray(1, 5));
  const algorithm = body[5] ?? 0;
  return { id, isSubkey, algorithm, createdSeconds, isRevoked: false, signatures: [] };
}

/** The newest self-signature on one of the key's names; null if a server finds none. */
function ownSignature([primary]: readonly KeyPart[], id: string): SignaturePacket | null {
  const own = primary?.signatures.filter(
    ({ type, issuer }) => (type === TYPE.generic || type === TYPE.positive) && issuer === id,
  );
  return newest(own ?? []);
}

function newest(signatures: readonly SignaturePacket[]): SignaturePacket | null {
  const inOrder = signatures.toSorted((one, two) => one.createdSeconds - two.createdSeconds);
  return inOrder.at(-1) ?? null;
}

const bindingsOf = ({ signatures }: KeyPart) =>
  signatures.filter(({ type }) => type === TYPE.binding);

function expiryOf({ createdSeconds }: KeyPart, said: SignaturePacket | null): Date | null {
  const lifetime = said?.keyLifetimeSeconds ?? null;
  return lifetime === null ? null : new Date((createdSeconds + lifetime) * 1000);
}

function maySign(part: KeyPart, own: SignaturePacket | null): boolean {
  const said = part.isSubkey ? newest(bindingsOf(part)) : own;
  const flags = said?.keyFlags ?? null;
  const isFor = flags === null || (flags & FLAG_SIGN) !== 0;
  return said !== null && !part.isRevoked && isVerified(part.algorithm) && isFor;
}

const FLAG_SIGN = 2;

/** Why a server ignores a key as a whole. */
function explainRefusal(
  primary: OpenPgpPacket,
  others: readonly OpenPgpPacket[],
  parts: readonly KeyPart[],
): string | null {
  const kind = explainKind(primary.body);
  if (kind !== null) return `is ${kind}, which servers do not know`;
  if (!isVerified(primary.body[5] ?? 0)) return 'has a primary key that cannot sign';
  for (const { tag, body } of others) {
    const subkey = tag === TAG.publicSubkey ? explainKind(body) : null;
    if (subkey !== null) return `has a subkey that is ${subkey}, and servers refuse the whole key`;
    const signature = tag === TAG.signature ? parseSignaturePacket(body) : null;
    if (signature && 'refusal' in signature) {
      return `carries a signature that ${signature.refusal}, and servers refuse the whole key`;
    }
  }
  if (parts[0]?.isRevoked) return 'has been revoked';
  const isUnnamed = ownSignature(parts, parts[0]?.id ?? '') === null;
  return isUnnamed ? 'carries no name that it has signed itself' : null;
}

/** The kind of a key that servers do not know; null if they do. */
function explainKind(body: Uint8Array): string | null {
  const [version, , , , , algorithm = 0] = body;
  if (version !== 4) return `a key of version ${version}`;
  // For encryption.
  if (algorithm === RSA_ENCRYPTION || algorithm === ELGAMAL) return null;
  if (algorithm !== ECDH && !isVerified(algorithm)) return `of ${nameAlgorithm(algorithm)}`;
  if (algorithm !== ECDH && algorithm !== ECDSA) return null;
  const curve = Buffer.from(body.subarray(7, 7 + (body[6] ?? 0))).toString('hex');
  if (NIST_CURVES.includes(curve)) return null;
  return `of ${nameAlgorithm(algorithm)} on ${OTHER_CURVES[curve] ?? 'an unknown curve'}`;
}

const RSA_ENCRYPTION = 2;
const ELGAMAL = 16;
const ECDH = 18;
const ECDSA = 19;

/** P-256, P-384, P-521, by their object identifier. */
const NIST_CURVES: readonly string[] = ['2a8648ce3d030107', '2b81040022', '2b81040023'];
const OTHER_CURVES: Readonly<Record<string, string>> = {
  '2b8104000a': 'secp256k1',
  '2b060104019755010501': 'Curve25519',
  '2b2403030208010107': 'brainpoolP256r1',
  '2b240303020801010b': 'brainpoolP384r1',
  '2b240303020801010d': 'brainpoolP512r1',
};

/** An id is the last eight bytes of a fingerprint. */
const ID_LENGTH = 16;

/** The fingerprint of a key of version 4; empty for others, whose signatures servers do not take. */
function fingerprintOf(body: Uint8Array): string {
  if (body[0] !== 4) return '';
  const head = [0x99, body.length >> 8, body.length & 0xff];
  return toHex(createHash('sha1').update(Uint8Array.from(head)).update(body).digest());
}

/** Whether a file that should hold public keys holds a private one. */
export function holdsPrivateKey(file: Uint8Array): boolean {
  const blocks = unarmorAll(file);
  const parts = blocks.length === 0 ? [file] : blocks.map(({ bytes }) => bytes);
  return parts.some((bytes) => {
    const [first] = readPackets(bytes);
    return first?.tag === TAG.secretKey;
  });
}
