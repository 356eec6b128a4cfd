import type { Release } from '../../catalog/release.ts';
import type { RunsOn } from '../../mattermost/platforms.ts';

/** The operating systems of servers, in the order in which platforms are listed. */
const SYSTEMS = ['linux', 'darwin', 'windows', 'freebsd', 'openbsd'];

/**
 * Where a release runs, as servers name platforms: `linux-amd64, windows-amd64`.
 *
 * @returns undefined where it is not stated
 */
export function platformWords(runsOn: RunsOn): string | undefined {
  if (runsOn === 'unstated') return undefined;
  if (runsOn === 'any') return 'any platform';
  return runsOn.length === 0 ? 'no platform' : sortPlatforms(runsOn).join(', ');
}

/** In the order of their systems, and then by name. */
export function sortPlatforms(platforms: readonly string[]): string[] {
  const rank = (platform: string) => {
    const at = SYSTEMS.indexOf(platform.split('-')[0] as string);
    return at < 0 ? SYSTEMS.length : at;
  };
  return [...platforms].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** Whether a text has the form of a platform that servers run on: `linux-arm64`. */
export function isPlatform(text: string): boolean {
  const [system, ...rest] = text.split('-');
  return SYSTEMS.includes(system as string) && /^[a-z\d_]{2,12}$/.test(rest.join('-'));
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The day of a time in UTC, for programs and for people: `2024-05-17` and `17 May 2024`. */
export interface Day {
  readonly iso: string;
  readonly words: string;
}

/**
 * The day of a time in a catalog; undefined for the zero time, and for none. It does not depend on the reader's time zone and language, so
 * that a page is the same everywhere.
 */
export function formatDay(time: string): Day | undefined {
  if (time === '') return undefined;
  const iso = new Date(time).toISOString().slice(0, 10);
  const [year = '', month = '', day = ''] = iso.split('-');
  if (year === '0001') return undefined;
  return { iso, words: `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}` };
}

/** The days of releases, `2024-05-17`, from the first to the latest; without unknown ones. */
export function daysOf(
  releases: readonly { readonly release: Pick<Release, 'updated_at'> }[],
): string[] {
  return releases.flatMap(({ release }) => formatDay(release.updated_at)?.iso ?? []).sort();
}

/** Two years of days. */
const OLD_DAYS = 730;

/**
 * Whether there has been no release for two years.
 *
 * @param day of the latest one, `2024-05-17`; empty: unknown
 * @param now in milliseconds
 */
export function isOld(day: string, now: number): boolean {
  return day !== '' && now - Date.parse(day) > OLD_DAYS * 86_400_000;
}
