import { compare } from 'semver';
import type { Release } from '../catalog/release.ts';
import type { Problem } from '../lib/errors.ts';
import { hasIdCharacters } from '../mattermost/install/manifest-rules.ts';
import { findNear, matchFolded, matchIds, matchLookAlikes } from './id-pattern.ts';

/** What may come from upstream, by patterns of ids, in which `*` matches anything and `?` one character. */
export interface OverlayRules {
  /** Our ids: neither they nor lookalikes are taken from upstream; one found there causes a warning. */
  readonly reserved: readonly string[];
  readonly allow: readonly string[];
  /** In any case, as servers lower-case ids. */
  readonly deny: readonly string[];
  /** Whether a release is not taken, whatever its id. Default: each is. */
  readonly isHeldBack?: (release: Release) => boolean;
}

export interface OverlayResult {
  readonly releases: Release[];
  readonly warnings: Problem[];
}

/**
 * Lays a local catalog over that of an upstream marketplace. Of each plugin the higher version is offered, of equal ones that of
 * the upstream; in all versions both are there, the local one first. That is what the reference service answers (it asks both
 * for what it is asked for, local first, and evaluates what comes back as one catalog), but for text search: it looks through
 * the newest of either, here it looks through what is offered.
 */
export function overlay(
  local: readonly Release[],
  upstream: readonly Release[],
  rules: OverlayRules,
): OverlayResult {
  const isReserved = matchLookAlikes(rules.reserved);
  const mayCome = comesFromUpstream(rules);
  const isHeldBack = rules.isHeldBack ?? (() => false);
  const taken = upstream.filter((release) => mayCome(idOf(release)) && !isHeldBack(release));
  const reserved = new Set(upstream.map(idOf).filter(isReserved));
  const localIds = new Set(local.map(idOf));
  const takenIds = new Set(taken.map(idOf));
  const nearTo = findNear([...rules.reserved, ...[...localIds].filter(hasIdCharacters)]);
  const near = [...takenIds]
    .filter((id) => !localIds.has(id))
    .flatMap((id) => warnNear(id, nearTo(id)) ?? []);
  const shared = [...localIds].filter((id) => takenIds.has(id));
  return {
    // A later release replaces an earlier one of the same version.
    releases: [...local, ...taken],
    warnings: [
      ...[...reserved].map((id) => warnReserved(id, matchIds(rules.reserved)(id))),
      ...near,
      ...shared.map((id) => warnShared(id, newestOf(local, id), newestOf(taken, id))),
    ],
  };
}

/** Whether a plugin may come from upstream, by its id. */
export function comesFromUpstream({
  reserved,
  allow,
  deny,
}: OverlayRules): (id: string) => boolean {
  const isReserved = matchLookAlikes(reserved);
  const [isAllowed, isDenied] = [matchIds(allow), matchFolded(deny)];
  return (id) => isAllowed(id) && !isDenied(id) && !isReserved(id);
}

const idOf = ({ manifest }: Release) => manifest.id;

function newestOf(releases: readonly Release[], id: string): string {
  return releases
    .filter(({ manifest }) => manifest.id === id)
    .map(({ manifest }) => manifest.version)
    .reduce((newest, version) => (compare(version, newest) >= 0 ? version : newest));
}

function warnReserved(id: string, isItself: boolean): Problem {
  const message = isItself
    ? 'is reserved, but the upstream has a plugin of that id: it is left out'
    : 'may pass for an id that is reserved, and the upstream has a plugin of that id: it is left out';
  return {
    level: 'warning',
    found: JSON.stringify(id),
    message,
    remedy: 'find out who published it there',
  };
}

function warnNear(id: string, other: string | undefined): Problem | undefined {
  if (other === undefined) return undefined;
  return {
    level: 'warning',
    found: JSON.stringify(id),
    message: `is a plugin of the upstream, and nearly ${JSON.stringify(other)}, which is yours`,
    remedy: 'find out who published it there, and add it to upstreamDeny if it is unwanted',
  };
}

function warnShared(id: string, own: string, theirs: string): Problem {
  const isTheirs = compare(theirs, own) >= 0;
  return {
    level: 'warning',
    found: JSON.stringify(id),
    message: `is also a plugin of the upstream: newest ${theirs} there, ${own} here, and servers that can have both are offered that of the ${isTheirs ? 'upstream' : 'local catalog'}`,
    remedy: 'if it is yours, add it to upstreamReserved; otherwise see that this is meant',
  };
}
