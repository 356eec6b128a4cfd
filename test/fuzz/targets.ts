import { bundles, packs } from './bundle-targets.ts';
import { builds, catalogs, locks, notices } from './catalog-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { manifests, records, snapshots, storeKeys } from './publish-targets.ts';
import { queries } from './query-target.ts';
import { keys, signatures } from './signature-targets.ts';
import { github, requests, stores, upstreams } from './web-targets.ts';

/** Everything that reads what others wrote, by the names that `npm run fuzz` takes. */
export const TARGETS: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  queries,
  catalogs,
  builds,
  notices,
  locks,
  bundles,
  packs,
  snapshots,
  manifests,
  records,
  storeKeys,
  signatures,
  keys,
  github,
  upstreams,
  stores,
  requests,
};
