import { builds, catalogs, locks } from './catalog-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/** Everything that reads what others wrote, by the names that `npm run fuzz` takes. */
export const TARGETS: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  catalogs,
  builds,
  locks,
};
