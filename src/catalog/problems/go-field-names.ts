import type { JsonPath } from '../../lib/json/finding.ts';

/** The fields of an entry by the names that Go has for them: catalogs of 2019 were written with those. */
const ENTRY_FIELDS: ReadonlyMap<string, string> = new Map([
  ['HomepageURL', 'homepage_url'],
  ['IconData', 'icon_data'],
  ['DownloadURL', 'download_url'],
  ['ReleaseNotesURL', 'release_notes_url'],
  ['Labels', 'labels'],
  ['Hosting', 'hosting'],
  ['AuthorType', 'author_type'],
  ['ReleaseStage', 'release_stage'],
  ['Enterprise', 'enterprise'],
  ['DownloadSignature', 'signature'],
  ['Signature', 'signature'],
  ['RepoName', 'repo_name'],
  ['Manifest', 'manifest'],
  ['Platforms', 'platforms'],
  ['UpdatedAt', 'updated_at'],
]);

const LABEL_FIELDS: ReadonlyMap<string, string> = new Map([
  ['Name', 'name'],
  ['Description', 'description'],
  ['URL', 'url'],
  ['Color', 'color'],
]);

const BUNDLE_FIELDS: ReadonlyMap<string, string> = new Map([
  ['DownloadURL', 'download_url'],
  ['DownloadSignature', 'signature'],
  ['Signature', 'signature'],
]);

/** A field that an entry has under both names, with different values. */
export interface NameConflict {
  /** Its path in the entry, by today's names. */
  readonly path: JsonPath;
  readonly goName: string;
}

/**
 * Whether a value is an entry with field names of Go, such as `Manifest` and `HomepageURL`: `migrate` brings it to today's
 * form, and no other command reads it.
 */
export function hasGoFieldNames(entry: unknown): boolean {
  return isObject(entry) && Object.keys(entry).some((key) => ENTRY_FIELDS.has(key));
}

/**
 * The first field of an entry that only `migrate` understands; undefined where there is none. A name that differs from today's
 * in case only is a slip if the entry has today's manifest.
 */
export function findGoFieldName(entry: unknown): string | undefined {
  if (!isObject(entry)) return undefined;
  const names = Object.keys(entry).filter((key) => ENTRY_FIELDS.has(key));
  return Object.hasOwn(entry, 'manifest')
    ? names.find((key) => ENTRY_FIELDS.get(key) !== key.toLowerCase())
    : names[0];
}

/**
 * A value with today's names instead of Go's, in an entry, its labels and its bundles; everything else stays as it is.
 * The manifest inside always had its own names.
 */
export function withoutGoFieldNames(entry: unknown): {
  readonly entry: unknown;
  readonly conflicts: readonly NameConflict[];
} {
  if (!hasGoFieldNames(entry)) return { entry, conflicts: [] };
  const conflicts: NameConflict[] = [];
  const renamed = new Map(Object.entries(rename(entry, ENTRY_FIELDS, [], conflicts) as object));
  const labels: unknown = renamed.get('labels');
  if (Array.isArray(labels)) {
    renamed.set(
      'labels',
      labels.map((label, i) => rename(label, LABEL_FIELDS, ['labels', i], conflicts)),
    );
  }
  const platforms: unknown = renamed.get('platforms');
  if (isObject(platforms)) {
    const bundles = Object.entries(platforms).map(([platform, bundle]) => [
      platform,
      rename(bundle, BUNDLE_FIELDS, ['platforms', platform], conflicts),
    ]);
    renamed.set('platforms', Object.fromEntries(bundles));
  }
  return { entry: Object.fromEntries(renamed), conflicts };
}

/** Renames each field. Of two names for one field, an empty one gives way. */
function rename(
  value: unknown,
  names: ReadonlyMap<string, string>,
  path: JsonPath,
  conflicts: NameConflict[],
): unknown {
  if (!isObject(value)) return value;
  const fields = new Map<string, unknown>();
  const goNames = new Map<string, string>();
  for (const [key, field] of Object.entries(value)) {
    const name = names.get(key) ?? key;
    if (names.has(key)) goNames.set(name, key);
    const other = fields.get(name);
    if (isEmpty(other)) fields.set(name, field);
    else if (!isEmpty(field) && JSON.stringify(field) !== JSON.stringify(other)) {
      conflicts.push({ path: [...path, name], goName: goNames.get(name) ?? key });
    }
  }
  // Built from pairs, so that `__proto__` can be the name of a field.
  return Object.fromEntries(fields);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
