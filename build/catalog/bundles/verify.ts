import path from 'node:path';
import { parseArgs } from 'node:util';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { selectReleases } from '../../../src/curation/select-releases.ts';
import { readKeys } from '../../../src/curation/signatures/read-keys.ts';
import { openBundleCache } from '../../../src/curation/verify/bundle-cache.ts';
import { bundlesOf } from '../../../src/curation/verify/bundles-of.ts';
import { changedBundles } from '../../../src/curation/verify/changed-bundles.ts';
import { verifyBundles } from '../../../src/curation/verify/verify-bundles.ts';
import { count, UsageError, UserError } from '../../../src/lib/errors.ts';
import { readCatalogSettings } from '../../../src/settings/read-settings.ts';
import { readSide } from '../../diff/read-side.ts';
import type { CatalogCommand } from '../catalog-command.ts';
import { reportBundle, tellProgress } from './report-bundles.ts';

const HELP = `
Downloads every bundle of the catalog and checks it: that it is signed with one of the keys, that its manifest is the one of
its entry, and that the programs which that declares are in it. Bundles are kept, and asked for again only where they changed.

  npm run catalog -- verify --key FILE... [--plugin ID]... [--changed-since OLD] [--catalog FILE|GLOB]... [--json]

  --key FILE           OpenPGP public keys, armored or binary             (keys, in the settings)
  --plugin ID          this plugin only                                   (every plugin)
  --changed-since OLD  only what is new or changed since then: a git revision, a catalog or a build, as for npm run diff
  --catalog FILE|GLOB  the catalog                                        (plugins.json)
  --cache DIR          where bundles are kept                             (.marketplace-cache)
  --json               the report as JSON
  --config FILE        settings as JSON                                   (marketplace.config.json)

Example: npm run catalog -- verify --key mattermost.asc --plugin jira
`;

export const verify: CatalogCommand = {
  summary: 'checks signatures and contents of every bundle',
  help: HELP,
  run: async (args, { cwd, environment, web, now, status, print, tell }) => {
    const { values } = parseArgs({
      args,
      options: {
        key: { type: 'string', multiple: true },
        plugin: { type: 'string', multiple: true, default: [] },
        'changed-since': { type: 'string' },
        catalog: { type: 'string', multiple: true },
        cache: { type: 'string' },
        json: { type: 'boolean', default: false },
        config: { type: 'string' },
      },
    });
    const settings = await readCatalogSettings(values, environment, cwd);
    if (settings.keys.length === 0) {
      throw new UsageError('name the public keys with --key, or as keys in the settings');
    }
    const keys = await readKeys(settings.keys, cwd);
    const { releases } = await readCatalog(settings.catalog, { cwd });
    const everything = { serverVersions: [], newest: Number.POSITIVE_INFINITY };
    const selected = selectReleases(releases, { ...everything, plugins: values.plugin });
    const old = values['changed-since'];
    const wanted =
      old === undefined
        ? selected.flatMap(bundlesOf)
        : changedBundles(selected, await readSide(old, { catalog: settings.catalog, cwd }));
    const cache = openBundleCache(path.resolve(cwd, settings.cache), web);
    const bundles = await verifyBundles(wanted, {
      keys,
      now: now(),
      fetch: ({ url }, onBytes) => cache.fetch(url, onBytes),
      onProgress: (progress) => status.show(tellProgress(progress)),
    });
    status.clear();
    const failed = bundles.filter(({ failures }) => failures.length > 0).length;
    print(
      values.json
        ? `${JSON.stringify({ failed, bundles }, null, 2)}\n`
        : bundles.map(reportBundle).join(''),
    );
    const told = `${count(bundles.length, 'bundle')} checked, ${failed} failed`;
    if (failed > 0) throw new UserError(told);
    tell(told);
  },
};
