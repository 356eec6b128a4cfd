import type { RunsOn } from '../../mattermost/platforms.ts';

/** The names of operating systems, in the order in which they are listed. */
const SYSTEMS: readonly (readonly [system: string, name: string])[] = [
  ['linux', 'Linux'],
  ['darwin', 'macOS'],
  ['windows', 'Windows'],
  ['freebsd', 'FreeBSD'],
  ['openbsd', 'OpenBSD'],
];

/**
 * Where a release runs, in words: `Linux (amd64, arm64), Windows (amd64)`.
 *
 * @returns undefined where it is not stated
 */
export function platformWords(runsOn: RunsOn): string | undefined {
  if (runsOn === 'unstated') return undefined;
  if (runsOn === 'any') return 'Any platform';
  if (runsOn.length === 0) return 'No platform';
  const bySystem = new Map<string, string[]>(SYSTEMS.map(([system]) => [system, []]));
  for (const platform of [...runsOn].sort()) {
    const [system = '', ...architecture] = platform.split('-');
    const known = bySystem.get(system) ?? [];
    bySystem.set(system, [...known, architecture.join('-')]);
  }
  return [...bySystem]
    .filter(([, architectures]) => architectures.length > 0)
    .map(([system, architectures]) => {
      const name = SYSTEMS.find(([known]) => known === system)?.[1] ?? system;
      const named = architectures.filter((architecture) => architecture !== '');
      return named.length === 0 ? name : `${name} (${named.join(', ')})`;
    })
    .join(', ');
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The day of a time in UTC, for programs and for people: `2024-05-17` and `17 May 2024`. */
export interface Day {
  readonly iso: string;
  readonly words: string;
}

/**
 * The day of a time in a catalog; undefined for the zero time. It does not depend on the reader's time zone and language, so
 * that a page is the same everywhere.
 */
export function formatDay(time: string): Day | undefined {
  const iso = new Date(time).toISOString().slice(0, 10);
  const [year = '', month = '', day = ''] = iso.split('-');
  if (year === '0001') return undefined;
  return { iso, words: `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}` };
}
