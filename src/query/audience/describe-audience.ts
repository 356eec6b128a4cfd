import type { Audience, PlatformSet } from './audience.ts';

/**
 * An audience in words: `servers 7.8.0 up to (not including) 9.5.0, enterprise, on-prem, linux-amd64`. What holds for every edition,
 * hosting or platform goes without saying, and so do requests without a server version beside those of the newest servers.
 */
export function describeAudience(audience: Audience): string {
  const parts = [
    describeServers(audience),
    ...(audience.editions.length === 1 ? audience.editions : []),
    ...(audience.hostings.length === 1 ? audience.hostings : []),
    describePlatforms(audience.platforms),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeServers({ servers, unspecified }: Audience): string {
  if (servers === null) return 'requests without a server version';
  const { from, before } = servers;
  if (before !== null) {
    return from === null
      ? `servers before ${before}`
      : `servers ${from} up to (not including) ${before}`;
  }
  if (from === null) return unspecified ? 'every server' : 'every server that tells its version';
  return `servers ${from} and newer${unspecified ? '' : ' that tell their version'}`;
}

function describePlatforms(platforms: PlatformSet): string {
  if ('only' in platforms) return joinWords(platforms.only);
  return platforms.except.length === 0 ? '' : `every platform but ${joinWords(platforms.except)}`;
}

function joinWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)]
    .filter((part) => part !== '')
    .join(' and ');
}
