import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { saveCatalog } from '../../src/curation/editable-catalog.ts';
import { addPlatforms } from '../../src/curation/migrate/add-platforms.ts';
import { migrateEntry } from '../../src/curation/migrate/migrate-entry.ts';
import { parseOldEntries } from '../../src/curation/migrate/parse-old-entries.ts';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { readCatalogSettings } from '../../src/settings/read-settings.ts';
import type { CatalogCommand } from './catalog-command.ts';
import { openOneCatalog } from './open-one-catalog.ts';

const HELP = `
Brings old entries to today's form: fields have their names of today (Manifest, HomepageURL and the like are of 2019), labels
that have become fields are fields, who maintains a plugin and how far it is stands there, and so do the bundles of single
platforms that the plugin store has.

  npm run catalog -- migrate [--catalog FILE] [--offline | --store URL]

  --catalog FILE   the catalog                                     (plugins.json)
  --offline        look up no bundles
  --store URL      the plugin store                                (https://plugins.releases.mattermost.com/release)
  --config FILE    settings as JSON                                (marketplace.config.json)

Example: npm run catalog -- migrate --offline
`;

/** How many entries are looked up at a time, each with a request for each platform. */
const ENTRIES_AT_A_TIME = 4;

export const migrate: CatalogCommand = {
  summary: "brings old entries to today's form",
  help: HELP,
  run: async (args, { cwd, environment, web, status, print }) => {
    const { values } = parseArgs({
      args,
      options: {
        catalog: { type: 'string', multiple: true },
        offline: { type: 'boolean', default: false },
        store: { type: 'string' },
        config: { type: 'string' },
      },
    });
    if (values.offline && values.store !== undefined) {
      throw new UsageError('--offline and --store contradict each other');
    }
    const settings = await readCatalogSettings(values, environment, cwd);
    const catalog = await openOneCatalog(settings.catalog, cwd, parseOldEntries);
    const results = catalog.entries.map(migrateEntry);
    const problems = results.flatMap((result) => result.problems);
    if (problems.length > 0) {
      throw new UserError(
        `${catalog.file} says two things at once, so it is left as it was`,
        problems,
      );
    }
    const limit = pLimit(ENTRIES_AT_A_TIME);
    let looked = 0;
    const entries = await Promise.all(
      results.map(({ entry }) =>
        limit(async () => {
          const complete = values.offline ? entry : await addPlatforms(web, settings.store, entry);
          looked++;
          status.show(`Looked up ${looked} of ${results.length} releases`);
          return complete;
        }),
      ),
    );
    const before = JSON.parse(catalog.text.replace(/^\uFEFF/, '')) as unknown[];
    const changed = entries.filter((entry, i) => !isSame(entry, before[i]));
    await saveCatalog(catalog, entries);
    print(`${changed.length} of ${entries.length} entries changed in ${catalog.file}\n`);
  },
};

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
