import { type Audience, toAudience } from '../../../query/audience/audience.ts';
import { findBoxes } from '../../../query/audience/find-boxes.ts';
import { EVERYTHING, ROWS, type Step } from '../../../query/audience/space.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { evaluate } from '../../../query/evaluate.ts';
import { shortVersion } from '../../shared/server-words.ts';

/** The newest release does not depend on the platform. */
const ANY_PLATFORM = new Set([0]);
const NO_PLATFORM = new Set<number>();

/**
 * The servers that get each release of a plugin as its newest, in words: `Servers 7.8 up to 9.5`. No words for a release that
 * no server gets.
 *
 * @param releases of one plugin, in the order of an index
 */
export function newestFor(
  releases: readonly IndexedRelease[],
  steps: readonly Step[],
): Map<IndexedRelease, readonly string[]> {
  const offered = steps.map(({ serverVersion }) =>
    ROWS.map((row) => evaluate(releases, { ...EVERYTHING, ...row, serverVersion })?.[0]),
  );
  const axes = { steps, platforms: ['default'] };
  return new Map(
    releases.map((release) => {
      const cells = offered.map((rows) =>
        rows.map((newest) => (newest === release ? ANY_PLATFORM : NO_PLATFORM)),
      );
      return [release, findBoxes(cells).map((box) => audienceWords(toAudience(box, axes)))];
    }),
  );
}

const HOSTINGS: Readonly<Record<string, string>> = { 'on-prem': 'self-hosted', cloud: 'Cloud' };
const EDITIONS: Readonly<Record<string, string>> = { team: 'Team', enterprise: 'Enterprise' };

/** Such as `Every server` or `Self-hosted Enterprise servers from 9.5`. Requests without a server version are of no server. */
function audienceWords({ servers, hostings, editions }: Audience): string {
  const kinds = [...namesOfOne(hostings, HOSTINGS), ...namesOfOne(editions, EDITIONS)];
  const range = rangeWords(servers?.from ?? null, servers?.before ?? null);
  const words = range === '' ? ['every', ...kinds, 'server'] : [...kinds, 'servers', range];
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What holds for both kinds goes without saying. */
function namesOfOne(kinds: readonly string[], names: Readonly<Record<string, string>>): string[] {
  const [kind, other] = kinds;
  return kind === undefined || other !== undefined ? [] : [names[kind] ?? kind];
}

function rangeWords(from: string | null, before: string | null): string {
  if (from === null) return before === null ? '' : `before ${shortVersion(before)}`;
  return before === null
    ? `from ${shortVersion(from)}`
    : `${shortVersion(from)} up to ${shortVersion(before)}`;
}
