import { readLength } from './openpgp-packets.ts';

/** The part of a signature that servers look at: RFC 4880, section 5.2. */
export interface SignaturePacket {
  /** 0 and 1 are of files, the others of keys. */
  readonly type: number;
  readonly hash: number;
  /** The id of the key that made it, in upper-case hex; null if absent. */
  readonly issuer: string | null;
  readonly createdSeconds: number;
  /** When it expires, in seconds; null if it does not. */
  readonly expiresSeconds: number | null;
  /** How long its key is valid, from the key's creation; null if it does not expire. */
  readonly keyLifetimeSeconds: number | null;
  /** What its key may be used for; null: everything. */
  readonly keyFlags: number | null;
}

/** Why a server cannot read a packet, to follow `it `. */
export interface UnreadablePacket {
  readonly refusal: string;
  readonly isDamaged: boolean;
}

/** The public key algorithms that servers verify, by their number: RFC 9580, section 9.1. */
const VERIFIED_ALGORITHMS: Readonly<Record<number, string>> = {
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
const ECDSA = 19;

/** Whether servers verify signatures of this algorithm. */
export function isVerified(algorithm: number): boolean {
  return Object.hasOwn(VERIFIED_ALGORITHMS, algorithm);
}

/** The name of a public key algorithm. */
export function nameAlgorithm(algorithm: number): string {
  return VERIFIED_ALGORITHMS[algorithm] ?? OTHER_ALGORITHMS[algorithm] ?? `algorithm ${algorithm}`;
}

/** MD5, SHA-1, RIPEMD-160, SHA-256, SHA-384, SHA-512, SHA-224. */
const KNOWN_HASHES: readonly number[] = [1, 2, 3, 8, 9, 10, 11];

/** The kinds of subpackets that matter here. */
const SUBPACKET = { created: 2, expires: 3, keyLifetime: 9, issuer: 16, keyFlags: 27 } as const;

/** The subpackets that may be critical for a server. */
const KNOWN_SUBPACKETS: readonly number[] = [2, 3, 9, 11, 16, 21, 22, 25, 27, 29, 30, 32];

/** Reads a signature packet as golang.org/x/crypto/openpgp/packet does, versions 2 to 4. */
export function parseSignaturePacket(body: Uint8Array): SignaturePacket | UnreadablePacket {
  const [version] = body;
  if (version === undefined) return DAMAGED;
  if (version === 4) return parseV4(body);
  return version === 3 || version === 2
    ? parseV3(body)
    : unreadable(`is an OpenPGP signature of version ${version}`);
}

const DAMAGED: UnreadablePacket = { refusal: 'is a damaged OpenPGP signature', isDamaged: true };

function unreadable(refusal: string): UnreadablePacket {
  return { refusal, isDamaged: false };
}

function parseV3(body: Uint8Array): SignaturePacket | UnreadablePacket {
  const [, length, type, , , , , , , , , , , , , algorithm, hash] = body;
  if (length !== 5 || type === undefined || algorithm === undefined || hash === undefined) {
    return DAMAGED;
  }
  const unknown = algorithm === ECDSA ? ALGORITHM_OF_V3 : explainKind(algorithm, hash);
  if (unknown !== null) return unreadable(unknown);
  return {
    type,
    hash,
    issuer: toHex(body.subarray(7, 15)),
    createdSeconds: toNumber(body.subarray(3, 7)),
    expiresSeconds: null,
    keyLifetimeSeconds: null,
    keyFlags: null,
  };
}

const ALGORITHM_OF_V3 = 'is made with ECDSA in a version before that';

function explainKind(algorithm: number, hash: number): string | null {
  if (!isVerified(algorithm)) return `is made with ${nameAlgorithm(algorithm)}`;
  return KNOWN_HASHES.includes(hash) ? null : `is made with hash ${hash}`;
}

function parseV4(body: Uint8Array): SignaturePacket | UnreadablePacket {
  const [, type, algorithm, hash] = body;
  if (type === undefined || algorithm === undefined || hash === undefined) return DAMAGED;
  const unknown = explainKind(algorithm, hash);
  if (unknown !== null) return unreadable(unknown);
  const hashed = readSubpackets(body, 4);
  const unhashed = hashed && readSubpackets(body, hashed.end);
  if (!hashed || !unhashed || unhashed.end + 4 > body.length) return DAMAGED;
  const all = [...hashed.subpackets, ...unhashed.subpackets];
  const critical = all.find((one) => one.isCritical && !KNOWN_SUBPACKETS.includes(one.type));
  if (critical) {
    return unreadable(`demands what servers do not know (critical subpacket ${critical.type})`);
  }
  // The last of repeated subpackets counts.
  const find = (type: number, where = hashed.subpackets) =>
    where.findLast((one) => one.type === type)?.data;
  const created = find(SUBPACKET.created);
  if (created === undefined) return unreadable('does not contain its creation time');
  const issuer = find(SUBPACKET.issuer, all);
  const lifetime = toNumber(find(SUBPACKET.expires) ?? []);
  return {
    type,
    hash,
    issuer: issuer ? toHex(issuer) : null,
    createdSeconds: toNumber(created),
    expiresSeconds: lifetime === 0 ? null : toNumber(created) + lifetime,
    keyLifetimeSeconds: toNumber(find(SUBPACKET.keyLifetime) ?? []) || null,
    keyFlags: find(SUBPACKET.keyFlags)?.[0] ?? null,
  };
}

interface Subpacket {
  readonly type: number;
  readonly isCritical: boolean;
  readonly data: Uint8Array;
}

/** The subpackets that begin with their length in two bytes at `at`; null where they do not end within the packet. */
function readSubpackets(
  body: Uint8Array,
  at: number,
): { readonly subpackets: Subpacket[]; readonly end: number } | null {
  const end = at + 2 + toNumber(body.subarray(at, at + 2));
  if (end > body.length) return null;
  const subpackets: Subpacket[] = [];
  let next = at + 2;
  while (next < end) {
    const size = readLength(body, next, true);
    if (size === null || size.length === 0 || size.start + size.length > end) return null;
    const type = body[size.start] as number;
    next = size.start + size.length;
    subpackets.push({
      type: type & 0x7f,
      isCritical: (type & 0x80) !== 0,
      data: body.subarray(size.start + 1, next),
    });
  }
  return { subpackets, end };
}

/** A number from bytes, the highest first. */
export function toNumber(bytes: Iterable<number>): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** The id of a key as people write it. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
