import type { Release } from '../catalog/release.ts';
import type { Filter } from '../router/request/parse-filter.ts';
import { versionKey } from '../router/request/version-key.ts';
import { AXES, type AxisKey } from './axes.ts';

/** What decides which servers are offered a release, and which of a plugin's releases is the newest. */
export interface Candidate {
  readonly release: Pick<Release, 'enterprise' | 'hosting'>;
  /** `versionKey` of the minimum server version; empty, and so below every key, where there is none. */
  readonly minServerKey: string;
  /** Equal for versions with the same precedence. */
  readonly versionRank: number;
}

/** The part of a filter that describes the server that asks. */
export type AskingServer = Pick<Filter, 'serverVersion' | AxisKey>;

/** What a release may require of a server, by the field of a filter that tells it. */
export type Condition = 'serverVersion' | AxisKey;

interface ConditionRule {
  readonly condition: Condition;
  /** @param serverKey `versionKey` of the server's version; null where it tells none */
  readonly isMet: (candidate: Candidate, server: AskingServer, serverKey: string | null) => boolean;
}

/** A server is offered the releases for which all of these are met. */
const CONDITIONS: readonly ConditionRule[] = [
  {
    condition: 'serverVersion',
    isMet: ({ minServerKey }, _server, serverKey) =>
      serverKey === null || minServerKey <= serverKey,
  },
  ...AXES.map(
    ({ key, offers }): ConditionRule => ({
      condition: key,
      isMet: ({ release }, server, serverKey) => offers(release, server[key], serverKey),
    }),
  ),
];

/** Whether a server is offered a release. */
export function offeredTo(server: AskingServer): (candidate: Candidate) => boolean {
  const serverKey = keyOf(server);
  return (candidate) => CONDITIONS.every(({ isMet }) => isMet(candidate, server, serverKey));
}

/** What keeps a server from being offered a release; empty where it is offered. */
export function unmetConditions(candidate: Candidate, server: AskingServer): Condition[] {
  const serverKey = keyOf(server);
  return CONDITIONS.filter(({ isMet }) => !isMet(candidate, server, serverKey)).map(
    ({ condition }) => condition,
  );
}

function keyOf({ serverVersion }: AskingServer): string | null {
  return serverVersion === '' ? null : versionKey(serverVersion);
}

/**
 * The highest version; of equal ones the last in the catalog.
 *
 * @param releases of one plugin, in the order of an index; at least one
 */
export function newestOf<Found extends Candidate>(releases: readonly Found[]): Found {
  const first = releases[0] as Found;
  return releases.findLast(({ versionRank }) => versionRank === first.versionRank) ?? first;
}
