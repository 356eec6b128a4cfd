import { compare } from 'semver';
import type { Release } from '../catalog/release.ts';
import type { Problem } from '../errors.ts';

/** Which plugins may come from upstream: patterns of ids, in which `*` stands for anything and `?` for one character. */
export interface OverlayRules {
  /** These are ours: they never come from upstream, and it is a warning where one is there. */
  readonly reserved: readonly string[];
  readonly allow: readonly string[];
  readonly deny: readonly string[];
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
  const isReserved = matcher(rules.reserved);
  const mayCome = comesFromUpstream(rules);
  const taken = upstream.filter((release) => mayCome(idOf(release)));
  const reserved = new Set(upstream.map(idOf).filter(isReserved));
  const takenIds = new Set(taken.map(idOf));
  const shared = [...new Set(local.map(idOf))].filter((id) => takenIds.has(id));
  return {
    // A later release wins over an earlier one of the same version.
    releases: [...local, ...taken],
    warnings: [
      ...[...reserved].map(warnReserved),
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
  const [isReserved, isAllowed, isDenied] = [matcher(reserved), matcher(allow), matcher(deny)];
  return (id) => isAllowed(id) && !isDenied(id) && !isReserved(id);
}

const idOf = ({ manifest }: Release) => manifest.id;

function matcher(patterns: readonly string[]): (id: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
  });
  return (id) => expressions.some((expression) => expression.test(id));
}

function newestOf(releases: readonly Release[], id: string): string {
  return releases
    .filter(({ manifest }) => manifest.id === id)
    .map(({ manifest }) => manifest.version)
    .reduce((newest, version) => (compare(version, newest) >= 0 ? version : newest));
}

function warnReserved(id: string): Problem {
  return {
    level: 'warning',
    found: JSON.stringify(id),
    message: 'is reserved, but the upstream has a plugin of that id: it is left out',
    remedy: 'find out who published it there',
  };
}

function warnShared(id: string, own: string, theirs: string): Problem {
  const isTheirs = compare(theirs, own) >= 0;
  return {
    level: 'warning',
    found: JSON.stringify(id),
    message: `is a plugin of the upstream, too: newest ${theirs} there, ${own} here, and servers that can have both are offered that of the ${isTheirs ? 'upstream' : 'local catalog'}`,
    remedy: 'if it is yours, add it to upstreamReserved; otherwise see that this is meant',
  };
}
