import type { Release } from '../catalog/release.ts';
import { EDITIONS, HOSTINGS } from '../router/axes.ts';
import { versionKey } from '../router/request/version-key.ts';

/** Servers before this one did not send `enterprise_plugins` and are shown enterprise plugins. */
const ENTERPRISE_FLAG_SINCE = '5.25.0';
const FLAG_SINCE_KEY = versionKey(ENTERPRISE_FLAG_SINCE) as string;

/** The server versions other than the releases' own minimums at which an answer may change. */
export const RULE_SERVER_VERSIONS: readonly string[] = [ENTERPRISE_FLAG_SINCE];

/** The fields of a filter that say, beside its version, what kind of server asks; false is the default. */
export type AxisKey = 'enterprise' | 'cloud';

/** A parameter that is true or false and decides which releases a server is offered. */
export interface Axis {
  readonly key: AxisKey;
  /** Its field of an audience. */
  readonly kinds: 'editions' | 'hostings';
  /** What servers are called for which it is false, and true: in paths, in words and in an audience. */
  readonly words: readonly string[];
  /**
   * Whether servers are offered a release.
   *
   * @param serverKey `versionKey` of their version; null where they tell none
   */
  readonly offers: (
    release: Pick<Release, 'enterprise' | 'hosting'>,
    value: boolean,
    serverKey: string | null,
  ) => boolean;
}

/** The axes, in the order of the bits of a row. */
export const AXES: readonly Axis[] = [
  {
    key: 'enterprise',
    kinds: 'editions',
    words: EDITIONS,
    offers: ({ enterprise }, isWanted, serverKey) =>
      !enterprise || isWanted || (serverKey !== null && serverKey < FLAG_SINCE_KEY),
  },
  {
    key: 'cloud',
    kinds: 'hostings',
    words: HOSTINGS,
    offers: ({ hosting }, isCloud) => hosting !== (isCloud ? 'on-prem' : 'cloud'),
  },
];
