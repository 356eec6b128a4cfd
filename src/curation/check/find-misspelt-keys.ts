import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import { CATALOG_FIELDS } from '../../catalog/problems/check-entry.ts';
import type { Problem } from '../../lib/errors.ts';
import type { JsonPath } from '../../lib/json/finding.ts';
import { entryType } from '../../mattermost/answers/answer-type.ts';
import type { GoType } from '../../mattermost/answers/go-decoder.ts';
import { SERVER_LINES } from '../../mattermost/server-line.ts';

/** Finds keys that nothing reads and that are one typo away from a key that is read, at every depth. */
export function findMisspeltKeys(located: LocatedRelease): Problem[] {
  return findSlips(ENTRY_KEYS, located.release, []).map(({ path, meant }) =>
    problemAt(located, path, {
      level: 'warning',
      check: 'misspelt-key',
      message: 'is under a key that nothing reads',
      remedy: `write ${JSON.stringify(meant)} if that is meant`,
    }),
  );
}

interface Slip {
  readonly path: JsonPath;
  readonly meant: string;
}

/** The keys that are read of a value. */
interface ReadKeys {
  readonly fields: ReadonlyMap<string, ReadKeys>;
  /** The keys of its elements, if it is a list or a map. */
  readonly items: ReadKeys | undefined;
  /** Whether anything reads it as a map: then a key is whatever it is. */
  readonly isMap: boolean;
}

/** All keys of an entry that some server line or the catalog reads. */
const ENTRY_KEYS = mergeTypes([
  ...SERVER_LINES.map(({ first }) => entryType(first)),
  CATALOG_FIELDS,
]);

function mergeTypes(types: readonly GoType[]): ReadKeys {
  const items = types.flatMap((type) => ('of' in type ? type.of : []));
  const fields = new Map<string, GoType[]>();
  for (const type of types) {
    for (const [key, field] of type.kind === 'struct' ? Object.entries(type.fields) : []) {
      fields.set(key, [...(fields.get(key) ?? []), field]);
    }
  }
  return {
    fields: new Map([...fields].map(([key, ofKey]) => [key, mergeTypes(ofKey)])),
    items: items.length > 0 ? mergeTypes(items) : undefined,
    isMap: types.some(({ kind }) => kind === 'map'),
  };
}

function findSlips(keys: ReadKeys | undefined, value: unknown, path: JsonPath): Slip[] {
  if (keys === undefined || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => findSlips(keys.items, item, [...path, i]));
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    if (keys.isMap) return findSlips(keys.items, inner, at);
    const meant = findMeant(key, keys.fields);
    return meant === undefined ? findSlips(keys.fields.get(key), inner, at) : [{ path: at, meant }];
  });
}

/** The known key that a key probably means; undefined if it is known itself, or like none. */
function findMeant(key: string, known: ReadonlyMap<string, unknown>): string | undefined {
  if (known.has(key)) return undefined;
  const [nearest] = [...known.keys()]
    .map((name) => ({ name, slips: countSlips(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= mostSlips(name))
    .sort((a, b) => a.slips - b.slips);
  return nearest?.name;
}

/** In a short word, two different letters make another word. */
function mostSlips(name: string): number {
  return name.length < 7 ? 1 : 2;
}

/** How many letters have to be put in, left out, replaced, or swapped with their neighbour to make one word of another. */
function countSlips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1]),
          isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
