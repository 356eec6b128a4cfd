import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { writeSite } from '../../../src/site/build-site.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import { ALWAYS_FLAGS } from '../always-flags.ts';

/** Milliseconds of a build from inside its process, in the order in which things happen. */
export interface BuildPhases {
  /** Reading and checking the catalog. */
  readonly readMs: number;
  /** Finding out which answers there are, what of them is published, and making the router. */
  readonly planMs: number;
  /** Putting answers together, hashing and writing them. */
  readonly writeMs: number;
  /** The snapshot's name and list, and putting the folder into place. */
  readonly finishMs: number;
}

// Usage: time-build.ts CATALOG OUT. Builds what is always published, as `npm run build` does, and prints `BuildPhases`; its own process, so that each run
// begins with cold code and an empty heap.
const [file = '', out = ''] = process.argv.slice(2);
const settings = await readBuildSettings(
  { catalog: [file], out, ...ALWAYS_FLAGS },
  {},
  process.cwd(),
);
const started = performance.now();
const { releases } = await readCatalog(settings.catalog, { cwd: process.cwd() });
const read = performance.now();
const plan = await planSite({ ...settings, releases });
const planned = performance.now();
let lastWritten = planned;
await writeSite(plan, {
  ...settings,
  out: settings.dir,
  onProgress: () => {
    lastWritten = performance.now();
  },
});
const phases: BuildPhases = {
  readMs: read - started,
  planMs: planned - read,
  writeMs: lastWritten - planned,
  finishMs: performance.now() - lastWritten,
};
process.stdout.write(JSON.stringify(phases));
