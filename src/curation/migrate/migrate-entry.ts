import { nameRelease } from '../../catalog/located-release.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { Problem } from '../../lib/errors.ts';
import { withField, withoutField } from './with-field.ts';

type Fact = Pick<Entry, 'author_type' | 'release_stage' | 'enterprise'>;

/** The field that replaced a label. The computed labels of today, and a name that one of them had. */
const MEANINGS: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ['Partner', { author_type: 'partner' }],
  ['Community', { author_type: 'community' }],
  ['Beta', { release_stage: 'beta' }],
  ['Experimental', { release_stage: 'experimental' }],
  ['Professional/Enterprise', { enterprise: true }],
  ['Enterprise (E20)', { enterprise: true }],
]);

const DEFAULTS: Fact = { author_type: 'mattermost', release_stage: 'production' };

export interface MigrateEntryResult {
  readonly entry: Entry;
  /** Labels that contradict the fields: the entry stays as it was. */
  readonly problems: readonly Problem[];
}

/**
 * An entry in today's form: labels that have become fields are fields, including author type and release
 * stage. An entry already in that form does not change.
 */
export function migrateEntry(entry: Entry): MigrateEntryResult {
  const labels = entry.labels ?? [];
  const meant = labels.flatMap((label) => {
    const fact = MEANINGS.get(label.name);
    return fact ? [{ label: label.name, fact }] : [];
  });
  let migrated = entry;
  const problems: Problem[] = [];
  for (const { label, fact } of meant) {
    for (const [field, value] of Object.entries(fact) as [keyof Fact, string | boolean][]) {
      const found = migrated[field] ?? '';
      if (found === '' || found === value) migrated = withField(migrated, field, value as never);
      else problems.push(contradiction(entry, label, field, found));
    }
  }
  if (problems.length > 0) return { entry, problems };
  const others = labels.filter(({ name }) => !MEANINGS.has(name));
  if (others.length === 0) migrated = withoutField(migrated, 'labels');
  else if (others.length < labels.length) migrated = withField(migrated, 'labels', others);
  for (const [field, value] of Object.entries(DEFAULTS) as [keyof Fact, string][]) {
    if (!migrated[field]) migrated = withField(migrated, field, value as never);
  }
  return { entry: migrated, problems };
}

function contradiction(
  entry: Entry,
  label: string,
  field: string,
  found: string | boolean,
): Problem {
  return {
    level: 'error',
    release: nameRelease(entry),
    path: `${nameRelease(entry)} ${field}`,
    found: JSON.stringify(found),
    message: `contradicts the label ${JSON.stringify(label)}`,
    remedy: 'remove the label, or the field, whichever is wrong',
  };
}
