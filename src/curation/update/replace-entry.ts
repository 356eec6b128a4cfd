import semver from 'semver';
import type { Entry } from '../../catalog/schema.ts';

export interface ReplaceEntryResult {
  readonly entry: Entry;
  /** The differences, each in a line, and what was kept despite the bundle. */
  readonly changes: readonly string[];
}

/** Fields that people decide and bundles do not have. */
const DECIDED = ['hosting', 'author_type', 'release_stage', 'enterprise', 'repo_name'] as const;

/** Fields that a bundle or GitHub may have; if they lack them, what people wrote stays. */
const FILLED_IN = ['homepage_url', 'icon_data', 'release_notes_url'] as const;

/**
 * Rebuilds an entry from a new bundle: what people decided stays, and so do unknown fields. A
 * `min_server_version` that was raised above the bundle's stays raised.
 *
 * @param updatedAt when the bundle was uploaded, as in RFC 3339; empty if unknown
 */
export function replaceEntry(old: Entry, made: Entry, updatedAt: string): ReplaceEntryResult {
  const fields = new Map<string, unknown>([...Object.entries(old), ...Object.entries(made)]);
  for (const name of DECIDED) {
    if (Object.hasOwn(old, name)) fields.set(name, old[name]);
  }
  // The page that GitHub has of every release is worth less than one that somebody chose.
  for (const name of FILLED_IN) {
    const isSaid = name === 'icon_data' ? made.icon_data : made.manifest[name];
    if (!isSaid && old[name]) fields.set(name, old[name]);
  }
  fields.set('platforms', mergePlatforms(old, made));
  if (Date.parse(updatedAt) > Date.parse(made.updated_at ?? ''))
    fields.set('updated_at', updatedAt);
  const raised = raisedVersion(old, made);
  if (raised !== undefined) {
    fields.set('manifest', { ...made.manifest, min_server_version: raised });
  }
  // Built from pairs, so that `__proto__` can be the name of a field.
  const entry = Object.fromEntries(fields) as Entry;
  const kept =
    raised === undefined
      ? []
      : [
          `manifest.min_server_version stays ${JSON.stringify(raised)}, above the bundle's ${JSON.stringify(made.manifest.min_server_version ?? '')}`,
        ];
  return { entry, changes: [...describeChanges(old, entry), ...kept] };
}

/** Today's bundles, with the unknown fields of the old ones. */
function mergePlatforms({ platforms: old }: Entry, { platforms: made }: Entry): object {
  return Object.fromEntries(
    Object.entries(made ?? {}).map(([name, bundle]) => [name, { ...old?.[name], ...bundle }]),
  );
}

function raisedVersion({ manifest: old }: Entry, { manifest: made }: Entry): string | undefined {
  const raised = old.min_server_version ?? '';
  const said = made.min_server_version ?? '';
  if (!semver.valid(raised)) return undefined;
  return said === '' || (semver.valid(said) && semver.gt(raised, said)) ? raised : undefined;
}

/** How much of a value a line shows, in characters. */
const SHOWN_LENGTH = 60;

/** Objects whose fields are compared one by one. */
const NESTED: readonly string[] = ['manifest', 'platforms'];

/** The differences between two entries, each field in a line: `manifest.name "A" -> "B"`. */
function describeChanges(old: object, changed: object): string[] {
  return compare(old, changed, '');
}

function compare(old: object, changed: object, prefix: string): string[] {
  const before = new Map<string, unknown>(Object.entries(old));
  const after = new Map<string, unknown>(Object.entries(changed));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (prefix === '' && NESTED.includes(name) && isObject(was) && isObject(is)) {
      return compare(was, is, `${name}.`);
    }
    return [`${prefix}${name} ${show(was)} -> ${show(is)}`];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const [...characters] = JSON.stringify(value);
  return characters.length <= SHOWN_LENGTH
    ? characters.join('')
    : `${characters.slice(0, SHOWN_LENGTH - 1).join('')}…`;
}
