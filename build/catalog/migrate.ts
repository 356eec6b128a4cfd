import pLimit from 'p-limit';
import { saveCatalog } from '../../src/curation/editable-catalog.ts';
import { addPlatforms } from '../../src/curation/migrate/add-platforms.ts';
import { migrateEntry } from '../../src/curation/migrate/migrate-entry.ts';
import { parseOldEntries } from '../../src/curation/migrate/parse-old-entries.ts';
import { UserError } from '../../src/lib/errors.ts';
import { CATALOG_SETTINGS } from '../../src/settings/catalog-settings.ts';
import { defineCommand } from '../cli/command.ts';
import { openOneCatalog } from './open-one-catalog.ts';

/** How many entries are looked up at a time, each with a request for each platform. */
const ENTRIES_AT_A_TIME = 4;

export const migrate = defineCommand({
  call: 'npm run catalog -- migrate',
  summary: "Brings old entries to today's form",
  details:
    'Fields get their names of today (Manifest, HomepageURL and the like are from 2019). Labels that have become fields become fields. Author, stage and the bundles that the plugin store has for single platforms are filled in.',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'store'],
  flags: { offline: { help: 'look up no bundles', conflicts: ['store'] } },
  example: 'npm run catalog -- migrate --offline',
  action: async ({ settings, flags: { offline } }, { cwd, web, status, print }) => {
    const catalog = await openOneCatalog(settings.catalog, cwd, parseOldEntries);
    const results = catalog.entries.map(migrateEntry);
    const problems = results.flatMap((result) => result.problems);
    if (problems.length > 0) {
      throw new UserError(`${catalog.file} contradicts itself, so it stays as it was`, problems);
    }
    const limit = pLimit(ENTRIES_AT_A_TIME);
    let looked = 0;
    const entries = await Promise.all(
      results.map(({ entry }) =>
        limit(async () => {
          const complete = offline ? entry : await addPlatforms(web, settings.store, entry);
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
});

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
