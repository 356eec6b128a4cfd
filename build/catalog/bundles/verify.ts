import path from 'node:path';
import { bundlesOf } from '../../../src/catalog/bundles/bundles-of.ts';
import { formatVerified, readVerified } from '../../../src/catalog/bundles/verified-file.ts';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { selectReleases } from '../../../src/curation/select-releases.ts';
import { openBundleCache } from '../../../src/curation/verify/bundle-cache.ts';
import { changedBundles } from '../../../src/curation/verify/changed-bundles.ts';
import { findChange, recordSeen, type SeenBundle } from '../../../src/curation/verify/evidence.ts';
import { verifyBundles } from '../../../src/curation/verify/verify-bundles.ts';
import { hashFile } from '../../../src/lib/digests.ts';
import { count, UsageError, UserError } from '../../../src/lib/errors.ts';
import { replaceFile } from '../../../src/lib/files/replace-file.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { readKeys } from '../../../src/signatures/read-keys.ts';
import { defineCommand } from '../../cli/command.ts';
import { readSide } from '../../diff/read-side.ts';
import { reportBundle, reportProgress } from './report-bundles.ts';

export const verify = defineCommand({
  call: 'npm run catalog -- verify',
  summary: 'Checks signatures and contents of every bundle',
  details:
    'Downloads every bundle of the catalog and checks that it is signed with one of the keys, that its manifest is that of its entry, and that the programs which the manifest declares are in it. Bundles are kept, and downloaded again only where they changed. Reports a bundle with other contents than verified.json has of it.',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'keys', 'cache', 'verified'],
  flags: {
    plugin: { value: 'id', isRepeatable: true, help: 'this plugin only (default: every plugin)' },
    changedSince: {
      value: 'old',
      help: 'only what is new or changed since: a git revision, a catalog or a build, as for npm run diff',
    },
    record: { help: 'write what was seen of the good bundles to verified.json, to be committed' },
    json: { help: 'the report as JSON' },
  },
  example: 'npm run catalog -- verify --key mattermost.asc --plugin jira',
  action: async ({ settings, flags }, { cwd, web, now, status, print, report }) => {
    const { plugin: plugins, changedSince: old, record, json } = flags;
    if (settings.keys.length === 0) {
      throw new UsageError('name the public keys with --key, or as keys in the settings');
    }
    const keys = await readKeys(settings.keys, cwd);
    const { releases, byFile } = await readCatalog(settings.catalog, { cwd });
    const everything = { serverVersions: [], newest: Number.POSITIVE_INFINITY };
    const selected = selectReleases(releases, { ...everything, plugins });
    const wanted =
      old === undefined
        ? selected.flatMap(bundlesOf)
        : changedBundles(
            selected,
            (await readSide(old, { catalog: settings.catalog, cwd })).releases,
          );
    const records = await readVerified(path.resolve(cwd, settings.verified), settings.verified);
    const cache = openBundleCache(path.resolve(cwd, settings.cache), web);
    const seen: SeenBundle[] = [];
    const bundles = await verifyBundles(wanted, {
      keys,
      now: now(),
      onSound: async (bundle, { file, signer }) => {
        const sha256 = (await hashFile(file))?.sha256 ?? '';
        const own = { bundle, sha256, key: signer?.key.fingerprint ?? '' };
        const change = findChange(own, records);
        if (change === undefined) seen.push(own);
        return change;
      },
      fetch: ({ url }, onBytes) => cache.fetch(url, onBytes),
      onProgress: (progress) => status.show(reportProgress(progress)),
    });
    status.clear();
    if (record) {
      const day = now().toISOString().slice(0, 10);
      const all = byFile.flatMap((one) => one.releases).flatMap(bundlesOf);
      const next = recordSeen(records, seen, all, day);
      await replaceFile(path.resolve(cwd, settings.verified), formatVerified(next), {
        name: settings.verified,
      });
    }
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
