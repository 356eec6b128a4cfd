import {
  groupBy,
  type LocatedRelease,
  nameRelease,
  problemAt,
} from '../../catalog/located-release.ts';
import { compareText } from '../../lib/compare-text.ts';
import type { Problem } from '../../lib/errors.ts';
import { isAtLeast, lineOf, nameLines, SERVER_LINES } from '../../mattermost/server-line.ts';
import { EVERYTHING, ROWS } from '../../query/audience/space.ts';
import { RULE_SERVER_VERSIONS } from '../../query/axes.ts';
import { type IndexedRelease, indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';

/** The lines that look for a plugin by text and take the first answer of the clicked version, whatever its id. */
const SEARCHING_LINES = SERVER_LINES.filter(({ installRequest }) => installRequest === 'filter');

/**
 * Finds plugins instead of which some old server installs another: one whose name or description contains the id, that has
 * the same version, and that comes earlier in the answer.
 */
export function findMistaken(located: readonly LocatedRelease[]): Problem[] {
  const index = indexCatalog(located.map(({ release }) => release));
  const mistaken = new Map<number, IndexedRelease>();
  for (const view of viewsOf(located)) {
    const listed = evaluate(index, { ...EVERYTHING, ...view }) ?? [];
    for (const group of groupBy(listed, ({ release }) => release.manifest.version).values()) {
      const alike = group.toSorted((a, b) => compareText(a.id, b.id));
      for (const wanted of group.length > 1 ? group : []) {
        const [first] = evaluate(alike, { ...EVERYTHING, ...view, text: wanted.id }) ?? [];
        if (first && first !== wanted) mistaken.set(wanted.position, first);
      }
    }
  }
  return [...mistaken].flatMap(([position, { release }]) => {
    const wanted = located[position];
    if (wanted === undefined) return [];
    return problemAt(wanted, ['manifest', 'id'], {
      level: 'warning',
      check: 'mistaken-for-other',
      message: `is in the texts of ${nameRelease(release)}, which servers ${nameLines(SEARCHING_LINES)} install instead`,
      remedy:
        'leave the id out of the name and description of the other, or give one of them another version',
    });
  });
}

/** Servers of those lines of every kind that may be answered otherwise. */
function viewsOf(located: readonly LocatedRelease[]) {
  const minimums = located.map(({ release }) => release.manifest.min_server_version || '');
  const firsts = SEARCHING_LINES.map(({ first }) => first);
  const versions = new Set([...firsts, ...RULE_SERVER_VERSIONS, ...minimums.filter(isSearching)]);
  return [...versions].flatMap((serverVersion) => ROWS.map((row) => ({ ...row, serverVersion })));
}

function isSearching(version: string): boolean {
  return (
    version !== '' && isAtLeast(version, '5.18.0') && lineOf(version)?.installRequest === 'filter'
  );
}
