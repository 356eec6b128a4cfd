import type { Random } from '../random.ts';

/** Texts that steer terminals, leave folders, name what objects inherit, or are not texts: each has broken some reader. */
export const ODD_TEXTS: readonly string[] = [
  ...['', ' ', '\0', '\n', '\r\n', '\t', '\u001b[2J', '\u009b31m', '\u007f', '\u202e', '\u2066'],
  ...'\u200b \ufeff \ufffd \ud800 \udc00x \u{1f600} \u0130 \u00df e\u0301'.split(' '),
  ...'. .. ../x ..\\x /etc/passwd C:\\x a/../../b bundles/.. %2e%2e%2f % %zz %c3'.split(' '),
  ...'__proto__ constructor prototype toString hasOwnProperty length then'.split(' '),
  ...'0 -1 -0 1e999 9007199254740993 NaN Infinity null true 0x10'.split(' '),
  ...'1.0.0- 1.0.0-0.0.0 01.0.0 99999999999999999999.0.0 1.0.0+ v1.0.0'.split(' '),
  ...'https://user:secret@example.com/x.tar.gz javascript:alert(1) http://[ //x/'.split(' '),
  ...'https:\\\\x 0000-00-00T00:00:00Z 9999-12-31T23:59:59-24:00 2024-02-30'.split(' '),
  ...'+275760-09-13T00:00:00Z {{x}} <script> "\'` \\ $& (a+)+$'.split(' '),
  ...['x'.repeat(300), 'x'.repeat(20_000), '-0'.repeat(2000), '\u202e'.repeat(500)],
  ...['*a'.repeat(100), '*'.repeat(30)],
];

/** Bytes at which numbers, texts and formats change their meaning. */
const ODD_BYTES = [0x00, 0x0a, 0x1b, 0x20, 0x22, 0x25, 0x2d, 0x2f, 0x30, 0x37, 0x7f, 0x80, 0xff];

/** The most that one edit adds. */
const MOST_ADDED = 8192;

/** Some bytes with one to four edits: flipped bits, odd bytes, parts cut out, repeated or moved, an end too early. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  let mutated: Buffer = bytes;
  for (let edits = 1 + random.below(4); edits > 0; edits--) mutated = editBytes(random, mutated);
  return mutated;
}

function editBytes(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.pick([1, 4, 32, 600])));
  const splice = (from: number, to: number, ...parts: Buffer[]) =>
    Buffer.concat([bytes.subarray(0, from), ...parts, bytes.subarray(to)]);
  const part = bytes.subarray(at, end);
  const odd = random.pick(ODD_BYTES);
  const edits = [
    () => splice(at, at, Buffer.from([odd])),
    () => splice(at, end, Buffer.from(part.map((byte) => byte ^ (1 << random.below(8))))),
    () => splice(at, end, Buffer.alloc(part.length, odd)),
    () => splice(at, end),
    () => splice(at, at, Buffer.alloc(random.below(MOST_ADDED), part)),
    () => {
      const to = random.below(bytes.length + 1);
      return splice(to, to, part);
    },
    () => bytes.subarray(0, at),
  ];
  return random.pick(part.length === 0 ? edits.slice(0, 1) : edits)();
}

/** A JSON value as it will be written: objects may repeat a key, and numbers and texts be those that no parser keeps. */
type Json = { raw: string } | { items: Json[] } | { members: [key: string, value: Json][] };

/** Numbers, constants and structures that readers trip over, and half a surrogate pair. */
const ODD_VALUES = [
  ...`0 -0 1e999 -1 1.5 9007199254740993 1e-999 ${'9'.repeat(400)}`.split(' '),
  ...'null true false [] {} [[]] [null] {"":null} {"__proto__":{"x":1}} "\\ud800"'.split(' '),
];

/** The text of a JSON value with one to three edits at random positions; now and then the bytes themselves are edited. */
export function mutateJson(random: Random, sample: Buffer): Buffer {
  if (random.chance(0.1)) return mutateBytes(random, sample);
  const root: Json = { items: [toTree(JSON.parse(sample.toString()))] };
  for (let edits = 1 + random.below(3); edits > 0; edits--) editJson(random, root);
  return Buffer.from(root.items.map(write).join(''));
}

function editJson(random: Random, root: Json): void {
  const parents = parentsIn(root);
  const parent = random.pick(parents);
  if ('raw' in parent) return;
  const list: (Json | [string, Json])[] = 'items' in parent ? parent.items : parent.members;
  const at = random.below(list.length + 1);
  const old = list[at];
  const oldValue = Array.isArray(old) ? old[1] : old;
  const value = structuredClone(
    random.chance(0.2) ? random.pick(parents) : oddValue(random, oldValue),
  );
  const key = Array.isArray(old) ? old[0] : random.pick(ODD_TEXTS);
  const added: Json | [string, Json] = 'items' in parent ? value : [key, value];
  const kind = random.below(10);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(at, 0, added);
  else if (kind === 2 && Array.isArray(old)) old[0] = oddKey(random, old[0]);
  else if (kind === 3 && old) list.splice(at, 0, ...Array(random.below(12)).fill(old));
  else list.splice(at, 1, added);
}

/** Every array and object, the root first. */
function parentsIn(tree: Json): Json[] {
  if ('raw' in tree) return [];
  const children = 'items' in tree ? tree.items : tree.members.map(([, value]) => value);
  return [tree, ...children.flatMap(parentsIn)];
}

function oddKey(random: Random, key: string): string {
  const odd = random.pick(ODD_TEXTS);
  return random.pick([odd, key.toUpperCase(), `${key} `, key.replace('s', '\u017f')]);
}

function oddValue(random: Random, old: Json | undefined): Json {
  const kind = random.below(6);
  if (kind < 2) return { raw: random.pick(ODD_VALUES) };
  if (kind === 2) {
    const depth = random.pick([3, 90, 130, 1000, 20_000]);
    const open = random.pick(['[', '{"a":']);
    return { raw: `${open.repeat(depth)}0${(open === '[' ? ']' : '}').repeat(depth)}` };
  }
  const odd = random.pick(ODD_TEXTS);
  const text: unknown = old !== undefined && 'raw' in old ? JSON.parse(old.raw) : undefined;
  if (kind === 3 || typeof text !== 'string') return { raw: JSON.stringify(odd) };
  // A text of the sample with something odd in it passes what looks at a part of it only.
  const at = random.pick([0, text.length, random.below(text.length + 1)]);
  return { raw: JSON.stringify(text.slice(0, at) + odd + text.slice(at)) };
}

function toTree(value: unknown): Json {
  if (Array.isArray(value)) return { items: value.map(toTree) };
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) };
  return { members: Object.entries(value).map(([key, item]) => [key, toTree(item)]) };
}

function write(tree: Json): string {
  if ('raw' in tree) return tree.raw;
  if ('items' in tree) return `[${tree.items.map(write).join(',')}]`;
  return `{${tree.members.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`;
}
