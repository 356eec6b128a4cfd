import { nameRelease } from '../catalog/placed-release.ts';
import type { Entry } from '../catalog/schema.ts';
import { UserError } from '../errors.ts';

/**
 * The entries with one more, or with one in the place of the same release where `isReplacing`. Labels and fields that we do
 * not know are taken over from the replaced one.
 *
 * @throws {UserError} where the release is there already and may not be replaced, or it cannot be told which one is meant
 */
export function insertEntry(
  entries: readonly Entry[],
  entry: Entry,
  isReplacing: boolean,
): Entry[] {
  const name = nameRelease(entry);
  const same = entries.filter((other) => nameRelease(other) === name);
  if (same.length === 0) return [...entries, entry];
  if (!isReplacing) {
    throw new UserError(
      `${name} is in the catalog already: use --replace to put this in its place`,
    );
  }
  // One version may have an entry for each hosting and edition.
  const alike = same.filter(
    (other) =>
      (other.hosting ?? '') === entry.hosting && (other.enterprise ?? false) === entry.enterprise,
  );
  const candidates = same.length === 1 ? same : alike;
  const [replaced] = candidates;
  if (replaced === undefined || candidates.length > 1) {
    throw new UserError(
      `${name} is in the catalog ${same.length} times, and it is not clear which one to replace: remove the one that is wrong by hand`,
    );
  }
  return entries.map((other) => (other === replaced ? merge(replaced, entry) : other));
}

/** The new fields in the place of the old ones; from entries, so that a field named __proto__ is one. */
function merge(old: Entry, entry: Entry): Entry {
  const kept = Object.entries(old).filter(([key]) => !Object.hasOwn(entry, key));
  return Object.fromEntries([...Object.entries(entry), ...kept]) as Entry;
}
