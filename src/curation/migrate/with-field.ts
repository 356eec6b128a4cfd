import type { Entry } from '../../catalog/schema.ts';

/** The fields of an entry in the order in which catalogs have them. */
const FIELDS: readonly string[] = [
  'homepage_url',
  'icon_data',
  'download_url',
  'release_notes_url',
  'labels',
  'hosting',
  'author_type',
  'release_stage',
  'enterprise',
  'signature',
  'repo_name',
  'manifest',
  'platforms',
  'updated_at',
];

/** The entry with one field set, in its old position or else the usual one, so that nothing else moves. */
export function withField<Name extends keyof Entry & string>(
  entry: Entry,
  name: Name,
  value: Entry[Name],
): Entry {
  // Built from pairs, so that `__proto__` can be the name of a field.
  const pairs = Object.entries(entry) as [string, unknown][];
  const at = pairs.findIndex(([key]) => key === name);
  if (at >= 0) return Object.fromEntries(pairs.with(at, [name, value])) as Entry;
  const later = pairs.findIndex(([key]) => FIELDS.indexOf(key) > FIELDS.indexOf(name));
  const before = later < 0 ? pairs.length : later;
  return Object.fromEntries(pairs.toSpliced(before, 0, [name, value])) as Entry;
}

/** The entry without a field. */
export function withoutField(entry: Entry, name: keyof Entry & string): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => key !== name)) as Entry;
}
