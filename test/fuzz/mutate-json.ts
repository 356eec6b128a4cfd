import type { Random } from '../random.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { ODD_TEXTS } from './odd-texts.ts';

/** A JSON value as it will be written: objects may repeat a key, and numbers and texts be those that no parser keeps. */
type Json = { raw: string } | { items: Json[] } | { members: [key: string, value: Json][] };

const NUMBERS = [
  '0',
  '-0',
  '1e999',
  '-1',
  '1.5',
  '9007199254740993',
  `${'9'.repeat(400)}`,
  '1e-999',
];
const WORDS = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"":null}',
  '{"__proto__":{"x":1}}',
];
const LONE_SURROGATE = '"\\ud800"';

/** The text of a JSON value with one to three edits at random places; now and then the bytes themselves are edited. */
export function mutateJson(random: Random, sample: Buffer): Buffer {
  if (random.chance(0.1)) return mutateBytes(random, sample);
  const root: Json = { items: [toTree(JSON.parse(sample.toString()))] };
  for (let edits = 1 + random.below(3); edits > 0; edits--) editOnce(random, root);
  return Buffer.from(root.items.map(write).join(''));
}

function editOnce(random: Random, root: Json): void {
  const parents = parentsIn(root);
  const parent = random.pick(parents);
  if ('raw' in parent) return;
  const list: (Json | [string, Json])[] = 'items' in parent ? parent.items : parent.members;
  const at = random.below(list.length + 1);
  const old = list[at];
  const oldValue = Array.isArray(old) ? old[1] : old;
  const value = random.chance(0.2) ? random.pick(parents) : oddValue(random, oldValue);
  const key = Array.isArray(old) ? old[0] : random.pick(ODD_TEXTS);
  const added: Json | [string, Json] = 'items' in parent ? copy(value) : [key, copy(value)];
  const kind = random.below(10);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(at, 0, added);
  else if (kind === 2 && Array.isArray(old)) old[0] = oddKey(random, old[0]);
  else if (kind === 3 && old !== undefined)
    list.splice(at, 0, ...Array(random.below(12)).fill(old));
  else list.splice(at, 1, added);
}

/** Every array and object, the root first. */
function parentsIn(tree: Json): Json[] {
  if ('raw' in tree) return [];
  const children = 'items' in tree ? tree.items : tree.members.map(([, value]) => value);
  return [tree, ...children.flatMap(parentsIn)];
}

function oddKey(random: Random, key: string): string {
  return random.pick([
    random.pick(ODD_TEXTS),
    key.toUpperCase(),
    `${key} `,
    key.replace('s', '\u017f'),
  ]);
}

function oddValue(random: Random, old: Json | undefined): Json {
  switch (random.below(6)) {
    case 0:
      return { raw: random.pick(NUMBERS) };
    case 1:
      return { raw: random.pick(WORDS) };
    case 2: {
      const depth = random.pick([3, 90, 130, 1000, 20_000]);
      const [open, close] = random.pick([
        ['[', ']'],
        ['{"a":', '}'],
      ] as const);
      return { raw: `${open.repeat(depth)}0${close.repeat(depth)}` };
    }
    case 3:
      return { raw: random.pick([LONE_SURROGATE, JSON.stringify(random.pick(ODD_TEXTS))]) };
    default:
      return { raw: oddText(random, old) };
  }
}

/** A text of the sample with something odd in it, so that it passes what looks at a part of it only. */
function oddText(random: Random, old: Json | undefined): string {
  const odd = random.pick(ODD_TEXTS);
  const text: unknown = old !== undefined && 'raw' in old ? JSON.parse(old.raw) : '';
  if (typeof text !== 'string') return JSON.stringify(odd);
  const at = random.pick([0, text.length, random.below(text.length + 1)]);
  return JSON.stringify(text.slice(0, at) + odd + text.slice(at));
}

function toTree(value: unknown): Json {
  if (Array.isArray(value)) return { items: value.map(toTree) };
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) };
  return { members: Object.entries(value).map(([key, item]) => [key, toTree(item)]) };
}

function copy(tree: Json): Json {
  return structuredClone(tree);
}

function write(tree: Json): string {
  if ('raw' in tree) return tree.raw;
  if ('items' in tree) return `[${tree.items.map(write).join(',')}]`;
  return `{${tree.members.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`;
}
