import { nameRelease } from '../catalog/located-release.ts';
import type { Entry } from '../catalog/schema.ts';
import { UserError } from '../lib/errors.ts';

/**
 * The entries with one more, or with one replaced if `isReplacing`. One version may have an entry
 * for servers in the cloud beside one for servers on-prem. Labels and unknown fields are kept from the
 * replaced one.
 *
 * @throws {UserError} if the release exists and may not be replaced, or it is ambiguous which one is meant
 */
export function insertEntry(
  entries: readonly Entry[],
  entry: Entry,
  isReplacing: boolean,
): Entry[] {
  const name = nameRelease(entry);
  const same = entries.filter((other) => isSameRelease(other, entry));
  if (same.length === 0) return [...entries, entry];
  if (!isReplacing) {
    throw new UserError(
      `${name} is in the catalog already: use --replace to overwrite the one for ${describeHosting(same)}`,
    );
  }
  const replaced = pickAlike(same, entry);
  if (replaced === undefined) {
    throw new UserError(
      `${name} is in the catalog ${same.length} times, and it is not clear which one to replace: remove the one that is wrong by hand`,
    );
  }
  return entries.map((other) => (other === replaced ? merge(replaced, entry) : other));
}

/** Whether some server would be offered both as one and the same: an empty hosting is either. */
export function isSameRelease(one: Entry, other: Entry): boolean {
  if (nameRelease(one) !== nameRelease(other)) return false;
  return !one.hosting || !other.hosting || one.hosting === other.hosting;
}

function describeHosting(entries: readonly Entry[]): string {
  const hostings = [...new Set(entries.map(({ hosting }) => hosting || 'every hosting'))];
  return hostings.join(' and ');
}

/** The only entry, or the only one of the same hosting, or of the same hosting and edition. */
function pickAlike(same: readonly Entry[], entry: Entry): Entry | undefined {
  const ofHosting = same.filter(({ hosting }) => (hosting ?? '') === (entry.hosting ?? ''));
  const ofEdition = ofHosting.filter(
    ({ enterprise }) => (enterprise ?? false) === (entry.enterprise ?? false),
  );
  const only = [same, ofHosting, ofEdition].find((candidates) => candidates.length === 1);
  return only?.[0];
}

/** Replaces the old fields; built from entries, so that `__proto__` can be the name of a field. */
function merge(old: Entry, entry: Entry): Entry {
  const kept = Object.entries(old).filter(([key]) => !Object.hasOwn(entry, key));
  return Object.fromEntries([...Object.entries(entry), ...kept]) as Entry;
}
