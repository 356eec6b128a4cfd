import { compare } from 'semver';
import { compareText } from '../query/catalog-index.ts';

/** An entry, with defaults filled in or without. */
interface AnyEntry {
  readonly manifest: { readonly id: string; readonly version: string };
}

/**
 * The text of a catalog file: entries by id, within a plugin by version, highest first; two spaces, a final newline, only
 * necessary escapes. Entries of equal versions keep their order, as the later one is answered; none is ever dropped,
 * however similar two are.
 */
export function formatCatalog(entries: readonly AnyEntry[]): string {
  return `${JSON.stringify(sortEntries(entries), null, 2)}\n`;
}

function sortEntries(entries: readonly AnyEntry[]): AnyEntry[] {
  return entries.toSorted(
    (a, b) =>
      compareText(a.manifest.id, b.manifest.id) || compare(b.manifest.version, a.manifest.version),
  );
}
