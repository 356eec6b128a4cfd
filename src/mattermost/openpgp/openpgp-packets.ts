/** One packet of an OpenPGP message: RFC 4880, section 4. */
export interface OpenPgpPacket {
  readonly tag: number;
  readonly body: Uint8Array;
  /** Including its header. */
  readonly bytes: Uint8Array;
}

/** The tags of packets that signatures and keys consist of: RFC 4880, section 4.3. */
export const TAG = {
  signature: 2,
  onePassSignature: 4,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressed: 8,
  literal: 11,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
} as const;

/** Signature files hold one packet or a few, key files some hundred. */
const MOST_PACKETS = 10_000;

/**
 * The packets of a message, one after the other, ending with null if the rest is not a packet. Copies nothing.
 * Partial lengths, which only streamed data has, end the reading as well.
 */
export function* readPackets(bytes: Uint8Array): Generator<OpenPgpPacket | null> {
  let at = 0;
  for (let count = 0; at < bytes.length; count++) {
    const header = count < MOST_PACKETS ? readHeader(bytes, at) : null;
    if (header === null) {
      yield null;
      return;
    }
    const end = header.start + header.length;
    yield {
      tag: header.tag,
      body: bytes.subarray(header.start, end),
      bytes: bytes.subarray(at, end),
    };
    at = end;
  }
}

function readHeader(bytes: Uint8Array, at: number) {
  const first = bytes[at] as number;
  if ((first & 0x80) === 0) return null;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first & 0x3f) >> 2;
  // A signature may be as long as the rest of the file, in the old form.
  const rest = { length: bytes.length - at - 1, start: at + 1 };
  const size = isNew ? readLength(bytes, at + 1) : readOldLength(bytes, at + 1, first & 3, rest);
  if (size === null) return null;
  // The first packet of an inline signature is recognized by its tag alone.
  if (size.start + size.length > bytes.length) return isInline(tag) ? { tag, ...rest } : null;
  return { tag, ...size };
}

function isInline(tag: number) {
  return tag === TAG.compressed || tag === TAG.literal;
}

interface Size {
  readonly length: number;
  /** Where the body begins. */
  readonly start: number;
}

function readOldLength(bytes: Uint8Array, at: number, lengthType: number, rest: Size): Size | null {
  return lengthType === 3 ? rest : readNumber(bytes, at, 1 << lengthType);
}

/** A length of the new form, as packets and subpackets of signatures have it. */
export function readLength(bytes: Uint8Array, at: number, isSubpacket = false): Size | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 192) return { length: first, start: at + 1 };
  if (first < (isSubpacket ? 255 : 224)) {
    const second = bytes[at + 1];
    return second === undefined
      ? null
      : { length: (first - 192) * 256 + second + 192, start: at + 2 };
  }
  if (first === 255) return readNumber(bytes, at + 1, 4);
  return { length: Number.POSITIVE_INFINITY, start: at + 1 };
}

function readNumber(bytes: Uint8Array, at: number, count: number): Size | null {
  if (at + count > bytes.length) return null;
  let length = 0;
  for (const byte of bytes.subarray(at, at + count)) length = length * 256 + byte;
  return { length, start: at + count };
}
