import { compare } from 'semver';
import type { PlacedRelease } from '../../catalog/placed-release.ts';
import { RULE_SERVER_VERSIONS } from '../../query/axes.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import type { Filter } from '../../router/request/parse-filter.ts';

/** A server as far as it decides what it is offered of a plugin. */
export type View = Pick<Filter, 'serverVersion' | 'enterprise' | 'cloud'>;

/** What servers of each kind are offered of one plugin. */
export interface Offers {
  /** The server versions at which the offer may change, oldest first: from the lowest that there is. */
  readonly versions: readonly string[];
  /** The position of the newest release for a server; undefined where none fits. */
  readonly newestFor: (view: View) => number | undefined;
}

/** Below every version that a server may have. */
export const LOWEST_VERSION = '0.0.0-0';

/** What a plugin's releases are to servers: an offer can change only at a minimum version or where a rule names one. */
export function offersOf(plugin: readonly PlacedRelease[]): Offers {
  const index = indexCatalog(plugin.map(({ release }) => release));
  const minimums = plugin.map(
    ({ release }) => release.manifest.min_server_version || LOWEST_VERSION,
  );
  const versions = new Set([LOWEST_VERSION, ...RULE_SERVER_VERSIONS, ...minimums]);
  return {
    versions: [...versions].sort(compare),
    newestFor: (view) => {
      const everything = { text: '', pluginId: '', platform: '', page: 0, perPage: -1 };
      return evaluate(index, { ...everything, ...view, allVersions: false })?.[0]?.position;
    },
  };
}
