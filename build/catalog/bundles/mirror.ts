import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { selectReleases } from '../../../src/curation/select-releases.ts';
import type { VerifiedBundle } from '../../../src/curation/verify/verify-bundles.ts';
import { count, formatProblem, UsageError, UserError } from '../../../src/lib/errors.ts';
import { limitRate } from '../../../src/lib/http/web.ts';
import { showValue } from '../../../src/lib/json/finding.ts';
import { requireSigned } from '../../../src/pack/carry/pack-signature.ts';
import { checkPack } from '../../../src/pack/check-pack.ts';
import { PACK_SIGNATURE_FILE } from '../../../src/pack/format/pack.ts';
import { mirrorReleases } from '../../../src/pack/mirror-releases.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { isWebAddress } from '../../../src/settings/setting.ts';
import { readKeys } from '../../../src/signatures/read-keys.ts';
import { type CommandContext, type CommandInput, defineCommand } from '../../cli/command.ts';
import { carryPack } from './carry-pack.ts';
import { MirrorMeter, parseRate } from './mirror-meter.ts';
import { knownPlatforms, narrowTo, readSelection, readServer } from './pack-selection.ts';
import { reportBundle, reportProgress } from './report-bundles.ts';

/** Flags that make a pack. */
const MAKING = ['to', 'base-url', 'plugin', 'newest', 'cache', 'catalog', 'limit-rate'];

const FLAGS = {
  to: { value: 'folder', help: 'the folder of the pack' },
  baseUrl: {
    value: 'url',
    help: 'where the folder will be served; the address of the marketplace where that serves the bundles, too, as npm run serve -- --bundles does',
  },
  serverVersion: {
    value: 'version',
    isRepeatable: true,
    help: 'releases for servers of this version (default: for any)',
  },
  plugin: { value: 'id', isRepeatable: true, help: 'this plugin only (default: every plugin)' },
  newest: {
    value: 'n',
    help: 'the n newest releases of each plugin that a server finds (default: all)',
  },
  platform: {
    value: 'os-arch',
    isRepeatable: true,
    help: 'bundles of this platform besides the common ones (default: every platform)',
  },
  limitRate: {
    value: 'rate',
    help: 'take no more bandwidth than this, in bytes a second: 500k, 2m',
  },
  prune: { help: 'remove bundles that are no longer wanted' },
  prepackaged: {
    value: 'folder',
    help: 'write the folder prepackaged_plugins of one server: of each plugin the bundle that it installs, and its signature; with --check, out of that pack',
  },
  tar: {
    value: 'file',
    help: 'write the pack into one file, with SHA256SUMS; with --check, that pack',
  },
  check: {
    value: 'folder',
    help: 'check a pack, without a network, and change nothing in it',
    conflicts: MAKING,
  },
  packKey: {
    value: 'file',
    isRepeatable: true,
    help: 'with --check: the public key that pack.json must be signed with',
    conflicts: MAKING,
  },
  json: { help: 'the report as JSON' },
} as const;

type Input = CommandInput<typeof CATALOG_SETTINGS, typeof FLAGS>;

export const mirror = defineCommand({
  call: 'npm run catalog -- mirror',
  summary: 'Makes or checks a pack for a site without a network',
  details:
    'A pack holds the bundles of the wanted releases, a catalog that leads to them, and pack.json with the SHA-256 of every file. The next run downloads only what is new.',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'keys', 'cache'],
  flags: FLAGS,
  notes: '--server-version, --plugin, --platform, --key and --pack-key may be given several times.',
  example: `npm run catalog -- mirror --to pack --base-url https://plugins.example.com \\
  --server-version 9.11.0 --newest 1 --platform linux-amd64`,
  action: async (input, context) => {
    const { check } = input.flags;
    if (check === undefined) await makePack(input, context);
    else await checkOne(check, input, context);
  },
});

async function makePack({ flags, settings }: Input, context: CommandContext) {
  const { cwd, web, now, status, print, report } = context;
  const { prune, json } = flags;
  const rate = flags.limitRate === undefined ? null : parseRate(flags.limitRate);
  const { to, baseUrl } = readPlace(flags, settings.cache);
  if (flags.packKey.length > 0) throw new UsageError('--pack-key is for --check');
  const selection = readSelection(flags);
  const keys = await readKeys(settings.keys, cwd);
  const server = flags.prepackaged === undefined ? null : readServer(flags, keys);
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const platforms = knownPlatforms(flags.platform, releases);
  const selected = selectReleases(releases, selection);
  const isOnlyPrepackaged = flags.to === undefined;
  const folder = path.resolve(cwd, to);
  const wasSigned = await isSigned(folder);
  const meter = new MirrorMeter(status, () => performance.now());
  const result = await mirrorReleases(
    server && isOnlyPrepackaged ? narrowTo(selected, server) : selected,
    {
      ...{ folder, baseUrl, platforms, keys },
      web: rate === null ? web : limitRate(web, rate),
      isPruning: prune,
      now: now(),
      onProgress: (progress) => meter.show(progress),
    },
  );
  status.clear();
  const { bundles, downloaded, isComplete, removed } = result;
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  const { prepackaged, tar } = flags;
  const carried = isComplete
    ? await carryPack({ folder, tar, prepackaged, server, isPruning: prune }, context)
    : {};
  print(
    json
      ? `${JSON.stringify({ ...result, ...carried }, null, 2)}\n`
      : worthTelling(bundles).map(reportBundle).join(''),
  );
  if (!isComplete) {
    throw new UserError(
      `${failed.length} of ${count(bundles.length, 'bundle')} failed, so ${prepackaged ?? `${to}/plugins.json`} is not written`,
    );
  }
  report(
    `${count(bundles.length, 'bundle')} in ${to}: ${downloaded} downloaded, ${removed.length} removed`,
  );
  if (wasSigned && !(await isSigned(folder))) {
    report(`${to} has changed, so its signature is removed: sign it again`);
  }
}

/** Where the pack is made, and will be served. Bundles for `prepackaged_plugins` alone are kept as a pack that nobody serves. */
function readPlace({ to, prepackaged, tar, ...flags }: Input['flags'], cache: string) {
  const isOnlyPrepackaged = prepackaged !== undefined && (to ?? flags.baseUrl ?? tar) === undefined;
  if (isOnlyPrepackaged) {
    return { to: path.join(cache, 'prepackaged'), baseUrl: 'http://localhost' };
  }
  const baseUrl = flags.baseUrl?.replace(/\/+$/, '');
  if (to === undefined || baseUrl === undefined) {
    throw new UsageError('name the folder with --to, and with --base-url where it will be served');
  }
  if (!isWebAddress(baseUrl)) {
    throw new UsageError(`--base-url takes a web address, not ${showValue(baseUrl)}`);
  }
  return { to, baseUrl };
}

async function isSigned(folder: string): Promise<boolean> {
  return await stat(path.join(folder, PACK_SIGNATURE_FILE)).then(
    () => true,
    () => false,
  );
}

async function checkOne(name: string, { settings, flags }: Input, context: CommandContext) {
  const { cwd, now, status, print, report } = context;
  const { json, prepackaged, tar, prune } = flags;
  const keys = await readKeys(settings.keys, cwd);
  const packKeys = await readKeys(flags.packKey, cwd);
  if (prepackaged === undefined && flags.serverVersion.length + flags.platform.length > 0) {
    throw new UsageError('--check takes --server-version and --platform with --prepackaged only');
  }
  const server = prepackaged === undefined ? null : readServer(flags, keys);
  const folder = path.resolve(cwd, name);
  const signed = packKeys.length > 0 ? await requireSigned(folder, packKeys, now()) : [];
  const { problems, bundles } = await checkPack(folder, {
    keys,
    now: now(),
    onProgress: (progress) => status.show(reportProgress(progress)),
  });
  status.clear();
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  const errors = problems.filter(({ level }) => level === 'error').length + failed.length;
  const carried =
    errors === 0
      ? await carryPack({ folder, tar, prepackaged, server, isPruning: prune }, context)
      : {};
  print(
    json
      ? `${JSON.stringify({ errors, problems, bundles, ...carried }, null, 2)}\n`
      : [
          ...signed.map((note) => `note: ${note}\n`),
          ...problems.map((problem) => `${problem.level}: ${formatProblem(problem)}\n`),
          ...worthTelling(bundles).map(reportBundle),
        ].join(''),
  );
  if (errors > 0) throw new UserError(`${name} is not whole: ${count(errors, 'error')}`);
  const unchecked = [
    ...(keys.length === 0 ? ['signatures were not checked: name the keys with --key'] : []),
    ...(packKeys.length === 0 && (await isSigned(folder))
      ? ['its own signature was not checked: name its key with --pack-key']
      : []),
  ];
  report([`${name} is whole: ${count(bundles.length, 'bundle')}`, ...unchecked].join('; '));
}

/** Bundles that are as they should be are many. */
function worthTelling(bundles: readonly VerifiedBundle[]) {
  return bundles.filter(({ failures, notes }) => failures.length + notes.length > 0);
}
