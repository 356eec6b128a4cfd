import type { Random } from '../random.ts';

/** Bytes at which numbers, texts and formats change their meaning. */
const ODD_BYTES = [0x00, 0x0a, 0x1b, 0x20, 0x22, 0x25, 0x2d, 0x2f, 0x30, 0x37, 0x7f, 0x80, 0xff];

/** The most that one edit adds. */
const MOST_ADDED = 8192;

/** Some bytes with one to four edits: flipped bits, odd bytes, parts cut out, repeated or moved, an end too early. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  let mutated: Buffer = bytes;
  for (let edits = 1 + random.below(4); edits > 0; edits--) mutated = editOnce(random, mutated);
  return mutated;
}

function editOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.pick([1, 4, 32, 600])));
  const splice = (from: number, to: number, ...parts: Buffer[]) =>
    Buffer.concat([bytes.subarray(0, from), ...parts, bytes.subarray(to)]);
  const part = bytes.subarray(at, end);
  if (part.length === 0) return splice(at, at, Buffer.from([random.pick(ODD_BYTES)]));
  switch (random.below(7)) {
    case 0:
      return splice(at, end, Buffer.from(part.map((byte) => byte ^ (1 << random.below(8)))));
    case 1:
      return splice(at, end, Buffer.alloc(part.length, random.pick(ODD_BYTES)));
    case 2:
      return splice(at, at, Buffer.from([random.pick(ODD_BYTES)]));
    case 3:
      return splice(at, end);
    case 4:
      return splice(at, at, Buffer.alloc(random.below(MOST_ADDED), part));
    case 5: {
      const to = random.below(bytes.length + 1);
      return splice(to, to, part);
    }
    default:
      return bytes.subarray(0, at);
  }
}
