import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { readSettings } from '../../../src/settings.ts';
import { buildSite } from '../../../src/site/build-site.ts';

/** Milliseconds of a build from inside its process, in the order in which things happen. */
export interface BuildPhases {
  /** Reading and checking the catalog. */
  readonly readMs: number;
  /** Finding out which answers there are, and making the router. */
  readonly planMs: number;
  /** Putting answers together, hashing and writing them. */
  readonly writeMs: number;
  /** The snapshot's name and list, and putting the folder into place. */
  readonly finishMs: number;
}

// Usage: time-build.ts CATALOG OUT. Builds as `npm run build` does and prints `BuildPhases`; its own process, so that each run
// begins with cold code and an empty heap.
const [file = '', out = ''] = process.argv.slice(2);
const settings = await readSettings({ catalog: [file], out }, process.env, process.cwd());
const started = performance.now();
const { releases } = await readCatalog(settings.catalog, { cwd: process.cwd() });
const read = performance.now();
let firstWritten = 0;
let lastWritten = 0;
await buildSite({
  ...settings,
  releases,
  onProgress: () => {
    lastWritten = performance.now();
    firstWritten ||= lastWritten;
  },
});
const phases: BuildPhases = {
  readMs: read - started,
  planMs: firstWritten - read,
  writeMs: lastWritten - firstWritten,
  finishMs: performance.now() - lastWritten,
};
process.stdout.write(JSON.stringify(phases));
