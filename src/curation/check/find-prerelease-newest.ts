import { prerelease } from 'semver';
import { groupBy, type PlacedRelease, problemAt } from '../../catalog/placed-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { LOWEST_VERSION, type Offers, offersOf } from './offers-of.ts';

/**
 * Pre-releases that some server is offered as the newest, although nothing on them says that they are none for production:
 * a stage of beta or experimental shows a label.
 */
export function findPrereleaseNewest(plugin: readonly PlacedRelease[]): Problem[] {
  if (!plugin.some(isUntoldPrerelease)) return [];
  const offers = offersOf(plugin);
  return plugin.flatMap((placed, position) => {
    const servers = isUntoldPrerelease(placed) ? nameServers(offers, position) : '';
    if (servers === '') return [];
    const { release_stage } = placed.release;
    const stage = release_stage === '' ? 'without a release stage' : `of stage ${release_stage}`;
    return problemAt(placed, ['manifest', 'version'], {
      level: 'warning',
      check: 'prerelease-newest',
      message: `is a pre-release ${stage}, and the newest for ${servers}`,
      remedy: 'make its release_stage beta or experimental, or leave it out until it is final',
    });
  });
}

function isUntoldPrerelease({ release: { manifest, release_stage } }: PlacedRelease): boolean {
  return prerelease(manifest.version) !== null && ['', 'production'].includes(release_stage);
}

/** Kinds of servers, what they are called; those that are all of one hosting, or edition, are called by it alone. */
const KINDS: readonly (readonly [enterprise: boolean, cloud: boolean, name: string])[] = [
  [false, false, 'on premises without Enterprise'],
  [true, false, 'on premises with Enterprise'],
  [false, true, 'in the cloud without Enterprise'],
  [true, true, 'in the cloud with Enterprise'],
];
const TOGETHER: readonly (readonly [kinds: string, name: string])[] = [
  [KINDS.map(([, , name]) => name).join(), ''],
  ...['on premises', 'in the cloud', 'without Enterprise', 'with Enterprise'].map(
    (part) => [kindsNamed(part).join(), part] as const,
  ),
];

function kindsNamed(part: string): string[] {
  return KINDS.map(([, , name]) => name).filter((name) => ` ${name} `.includes(` ${part} `));
}

/** The servers for which a release is the newest; empty where it is for none. */
function nameServers({ versions, newestFor }: Offers, position: number): string {
  const kinds = KINDS.map(([enterprise, cloud, name]) => {
    const isNewest = versions.map(
      (serverVersion) => newestFor({ serverVersion, enterprise, cloud }) === position,
    );
    return { name, span: nameSpans(versions, isNewest) };
  });
  const bySpan = groupBy(
    kinds.filter(({ span }) => span !== ''),
    ({ span }) => span,
  );
  return [...bySpan]
    .map(([span, group]) => {
      const names = group.map(({ name }) => name);
      const together = TOGETHER.find(([all]) => all === names.join())?.[1];
      return `${span} ${together ?? names.join(' and ')}`.trim();
    })
    .join(', and for ');
}

/** Where neighbouring versions are true: `servers 6.0.0 and newer`. */
function nameSpans(versions: readonly string[], holds: readonly boolean[]): string {
  const spans = versions.flatMap((first, i) => {
    if (!holds[i] || holds[i - 1]) return [];
    const next = versions.find((_, j) => j > i && !holds[j]);
    if (first === LOWEST_VERSION)
      return next === undefined ? 'all servers' : `servers below ${next}`;
    return next === undefined ? `servers ${first} and newer` : `servers ${first} to below ${next}`;
  });
  return spans.join(' and ');
}
