import { CATALOG_FIELDS } from '../../catalog/check-entry.ts';
import type { JsonPath } from '../../catalog/finding.ts';
import { type PlacedRelease, problemAt } from '../../catalog/placed-release.ts';
import type { Problem } from '../../errors.ts';
import { entryType } from '../../mattermost/answer-type.ts';
import type { GoType } from '../../mattermost/go-decoder.ts';
import { SERVER_LINES } from '../../mattermost/server-line.ts';

/** What an entry is to each server line, and to the catalog. */
const ENTRY: readonly GoType[] = [
  ...SERVER_LINES.map(({ first }) => entryType(first)),
  CATALOG_FIELDS,
];

/** Keys that nothing reads and that are a slip of the pen away from one that is read, at every depth that is read. */
export function findMisspeltKeys(placed: PlacedRelease): Problem[] {
  return findSlips(ENTRY, placed.release, []).map(({ path, meant }) =>
    problemAt(placed, path, {
      level: 'warning',
      check: 'misspelt-key',
      message: 'stands under a key that nothing reads',
      remedy: `write ${JSON.stringify(meant)} if that is meant`,
    }),
  );
}

interface Slip {
  readonly path: JsonPath;
  readonly meant: string;
}

function findSlips(types: readonly GoType[], value: unknown, path: JsonPath): Slip[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const items = types.flatMap((type) => (type.kind === 'slice' ? type.of : []));
    return value.flatMap((item, i) => findSlips(items, item, [...path, i]));
  }
  const values = types.flatMap((type) => (type.kind === 'map' ? type.of : []));
  const structs = types.flatMap((type) => (type.kind === 'struct' ? [type.fields] : []));
  const known = [...new Set(structs.flatMap((fields) => Object.keys(fields)))];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    // Where any server reads a map, a key is whatever it is.
    const meant = values.length > 0 ? undefined : findMeant(key, known);
    if (meant !== undefined) return [{ path: at, meant }];
    const ofKey = structs.flatMap((fields) =>
      Object.hasOwn(fields, key) ? (fields[key] ?? []) : [],
    );
    return findSlips([...values, ...ofKey], inner, at);
  });
}

/** The known key that a key is meant to be; undefined where it is one itself, or like none. */
function findMeant(key: string, known: readonly string[]): string | undefined {
  if (known.includes(key)) return undefined;
  const [nearest] = known
    .map((name) => ({ name, slips: countSlips(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= mostSlips(name))
    .sort((a, b) => a.slips - b.slips);
  return nearest?.name;
}

/** In a short word two letters make another word. */
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
