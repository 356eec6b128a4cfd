import { compare } from 'semver';
import { compareText } from '../lib/compare-text.ts';
import type { Release } from './release.ts';

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

/** The same for releases, whose defaults are filled in. Catalogs have no empty lists of labels. */
export function formatReleases(releases: readonly Release[]): string {
  return formatCatalog(
    releases.map((release) => {
      const { labels, ...others } = release;
      return labels.length > 0 ? release : { ...others, manifest: release.manifest };
    }),
  );
}

function sortEntries(entries: readonly AnyEntry[]): AnyEntry[] {
  return entries.toSorted(
    (a, b) =>
      compareText(a.manifest.id, b.manifest.id) || compare(b.manifest.version, a.manifest.version),
  );
}
