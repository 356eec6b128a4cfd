import type { Release } from '../../../catalog/release.ts';
import { type RunsOn, runsOn } from '../../../mattermost/platforms.ts';
import {
  type Candidate,
  type Condition,
  newestOf,
  offeredTo,
  unmetConditions,
} from '../../../query/offer.ts';
import { versionKey } from '../../../router/request/version-key.ts';
import type { Attributes } from '../piece.ts';
import { missingProgram } from '../runs-on.ts';
import { shortVersion } from '../server-words.ts';
import type { ServerView } from '../view-state.ts';

/** A release on the page of its plugin: what decides which servers get it, and what the page says of that. */
export interface ReleaseFacts extends Candidate {
  /** The id of its element. */
  readonly anchor: string;
  /** Its place among the plugin's releases in the order of an index, which is not that of the page. */
  readonly place: number;
  readonly version: string;
  readonly minServerVersion: string;
  readonly runsOn: RunsOn;
  /** Whether some server can install it from the marketplace. */
  readonly isInstallable: boolean;
}

/** What goes into `factAttributes`. */
export interface FactSource extends Pick<ReleaseFacts, 'anchor' | 'place' | 'isInstallable'> {
  readonly indexed: Pick<Candidate, 'versionRank'> & { readonly release: Release };
}

/** The attributes of a release's element. `readFacts` reads them. */
export function factAttributes({
  indexed: { release, versionRank },
  anchor,
  place,
  isInstallable,
}: FactSource): Attributes {
  const { version, min_server_version } = release.manifest;
  const on = runsOn(release);
  return {
    id: anchor,
    'data-version': version,
    'data-place': `${place}`,
    'data-rank': `${versionRank}`,
    'data-server': min_server_version || undefined,
    'data-hosting': release.hosting || undefined,
    'data-enterprise': release.enterprise || undefined,
    // No server sends a platform with a blank.
    'data-runs-on': typeof on === 'string' ? on : on.filter((name) => !/\s/.test(name)).join(' '),
    'data-refused': isInstallable ? undefined : true,
  };
}

/** @param read gives the value of an attribute of a release's element; null where it is missing */
export function readFacts(read: (name: string) => string | null): ReleaseFacts {
  const minServerVersion = read('data-server') ?? '';
  const on = read('data-runs-on') ?? '';
  return {
    anchor: read('id') ?? '',
    version: read('data-version') ?? '',
    place: Number(read('data-place')),
    versionRank: Number(read('data-rank')),
    minServerVersion,
    minServerKey: (minServerVersion && versionKey(minServerVersion)) ?? '',
    release: {
      enterprise: read('data-enterprise') !== null,
      hosting: (read('data-hosting') ?? '') as Release['hosting'],
    },
    runsOn: on === 'any' || on === 'unstated' ? on : on.split(' ').filter((name) => name !== ''),
    isInstallable: read('data-refused') === null,
  };
}

/** What a server gets of a plugin. */
export interface Offer {
  /** The release that the API answers; undefined: none. */
  readonly gets: ReleaseFacts | undefined;
  /** The newest release, whoever gets it. */
  readonly newest: ReleaseFacts;
  /** Why a server does not get a release at all, in words; without those that it is offered. */
  readonly excluded: readonly { readonly release: ReleaseFacts; readonly reasons: Reason[] }[];
  /** That what it gets does not run there, in words. */
  readonly missingProgram: string | undefined;
  /** The newest of those offered that runs there; undefined: none, or it gets that anyway. */
  readonly runnable: ReleaseFacts | undefined;
}

/**
 * What a server gets of a plugin, by the rule of the API.
 *
 * @param releases of one plugin, in the order of an index; at least one
 */
export function findOffer(releases: readonly ReleaseFacts[], server: ServerView): Offer {
  const offered = releases.filter(offeredTo(server));
  const gets = offered.length === 0 ? undefined : newestOf(offered);
  const runs = ({ runsOn }: ReleaseFacts) => missingProgram(runsOn, server.platform) === undefined;
  return {
    gets,
    newest: newestOf(releases),
    excluded: releases.flatMap((release) => {
      const reasons = reasonsAgainst(release, server);
      return reasons.length === 0 ? [] : [{ release, reasons }];
    }),
    missingProgram: gets && missingProgram(gets.runsOn, server.platform),
    runnable: gets === undefined || runs(gets) ? undefined : offered.find(runs),
  };
}

/** What keeps a release from a server, to follow its name: `needs`, `server 9.5`. */
export type Reason = readonly [verb: keyof typeof PLURALS, rest: string];

const PLURALS = { needs: 'need', has: 'have', is: 'are' } as const;

/** @param count of the releases that they are about */
export function reasonWords(reasons: readonly Reason[], count: number): string {
  return reasons
    .map(([verb, rest]) => `${count === 1 ? verb : PLURALS[verb]} ${rest}`)
    .join(' and ');
}

/** Why a server is not offered a release, or cannot run it. */
function reasonsAgainst(release: ReleaseFacts, server: ServerView): Reason[] {
  const unmet = unmetConditions(release, server).map((condition) => REASONS[condition](release));
  const missing = missingProgram(release.runsOn, server.platform);
  return missing === undefined ? unmet : [...unmet, ['has', missing]];
}

const REASONS: Readonly<Record<Condition, (release: ReleaseFacts) => Reason>> = {
  serverVersion: ({ minServerVersion }) => ['needs', `server ${shortVersion(minServerVersion)}`],
  enterprise: () => ['needs', 'Mattermost Professional or Enterprise'],
  cloud: ({ release }) => [
    'is',
    release.hosting === 'cloud' ? 'for Cloud servers only' : 'for self-hosted servers only',
  ],
};
