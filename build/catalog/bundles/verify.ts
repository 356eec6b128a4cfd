import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { selectReleases } from '../../../src/curation/select-releases.ts';
import { readKeys } from '../../../src/curation/signatures/read-keys.ts';
import { openBundleCache } from '../../../src/curation/verify/bundle-cache.ts';
import { bundlesOf } from '../../../src/curation/verify/bundles-of.ts';
import { changedBundles } from '../../../src/curation/verify/changed-bundles.ts';
import { verifyBundles } from '../../../src/curation/verify/verify-bundles.ts';
import { count, UsageError, UserError } from '../../../src/lib/errors.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { defineCommand } from '../../cli/command.ts';
import { readSide } from '../../diff/read-side.ts';
import { reportBundle, reportProgress } from './report-bundles.ts';

export const verify = defineCommand({
  call: 'npm run catalog -- verify',
  summary: 'Checks signatures and contents of every bundle',
  details:
    'Downloads every bundle of the catalog and checks that it is signed with one of the keys, that its manifest is that of its entry, and that the programs which the manifest declares are in it. Bundles are kept, and downloaded again only where they changed.',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'keys', 'cache'],
  flags: {
    plugin: { value: 'id', isRepeatable: true, help: 'this plugin only (default: every plugin)' },
    changedSince: {
      value: 'old',
      help: 'only what is new or changed since: a git revision, a catalog or a build, as for npm run diff',
    },
    json: { help: 'the report as JSON' },
  },
  example: 'npm run catalog -- verify --key mattermost.asc --plugin jira',
  action: async ({ settings, flags }, { cwd, web, now, status, print, report }) => {
    const { plugin: plugins, changedSince: old, json } = flags;
    if (settings.keys.length === 0) {
      throw new UsageError('name the public keys with --key, or as keys in the settings');
    }
    const keys = await readKeys(settings.keys, cwd);
    const { releases } = await readCatalog(settings.catalog, { cwd });
    const everything = { serverVersions: [], newest: Number.POSITIVE_INFINITY };
    const selected = selectReleases(releases, { ...everything, plugins });
    const wanted =
      old === undefined
        ? selected.flatMap(bundlesOf)
        : changedBundles(
            selected,
            (await readSide(old, { catalog: settings.catalog, cwd })).releases,
          );
    const cache = openBundleCache(path.resolve(cwd, settings.cache), web);
    const bundles = await verifyBundles(wanted, {
      keys,
      now: now(),
      fetch: ({ url }, onBytes) => cache.fetch(url, onBytes),
      onProgress: (progress) => status.show(reportProgress(progress)),
    });
    status.clear();
    const failed = bundles.filter(({ failures }) => failures.length > 0).length;
    print(
      json
        ? `${JSON.stringify({ failed, bundles }, null, 2)}\n`
        : bundles.map(reportBundle).join(''),
    );
    const reported = `${count(bundles.length, 'bundle')} checked, ${failed} failed`;
    if (failed > 0) throw new UserError(reported);
    report(reported);
  },
});
