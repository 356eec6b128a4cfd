import path from 'node:path';
import { STRICT_VERSION } from '../../../src/catalog/problems/strict-version.ts';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import type { Release } from '../../../src/catalog/release.ts';
import { selectReleases } from '../../../src/curation/select-releases.ts';
import { readKeys } from '../../../src/curation/signatures/read-keys.ts';
import type { VerifiedBundle } from '../../../src/curation/verify/verify-bundles.ts';
import { count, formatProblem, UsageError, UserError } from '../../../src/lib/errors.ts';
import { showValue } from '../../../src/lib/json/finding.ts';
import { SERVER_PLATFORMS } from '../../../src/mattermost/server-line.ts';
import { checkPack } from '../../../src/pack/check-pack.ts';
import { mirrorReleases } from '../../../src/pack/mirror-releases.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { isWebAddress, parseWholeNumber } from '../../../src/settings/setting.ts';
import { type CommandContext, type CommandInput, defineCommand } from '../../cli/command.ts';
import { reportBundle, reportProgress } from './report-bundles.ts';

const OTHERS = ['to', 'base-url', 'server-version', 'plugin', 'newest', 'platform', 'prune'];

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
  prune: { help: 'remove bundles that are no longer wanted' },
  check: {
    value: 'folder',
    help: 'check a pack, without a network, and change nothing',
    conflicts: [...OTHERS, 'catalog'],
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
  settingFlags: ['catalog', 'keys'],
  flags: FLAGS,
  notes: '--server-version, --plugin, --platform and --key may be given several times.',
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
  const { to, prune, json } = flags;
  const baseUrl = flags.baseUrl?.replace(/\/+$/, '');
  if (to === undefined || baseUrl === undefined) {
    throw new UsageError('name the folder with --to, and with --base-url where it will be served');
  }
  if (!isWebAddress(baseUrl)) {
    throw new UsageError(`--base-url takes a web address, not ${showValue(baseUrl)}`);
  }
  const selection = readSelection(flags);
  const keys = await readKeys(settings.keys, cwd);
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const platforms = knownPlatforms(flags.platform, releases);
  const result = await mirrorReleases(selectReleases(releases, selection), {
    web,
    folder: path.resolve(cwd, to),
    baseUrl,
    platforms,
    isPruning: prune,
    keys,
    now: now(),
    onProgress: (progress) => status.show(reportProgress(progress)),
  });
  status.clear();
  const { bundles, downloaded, isComplete, removed } = result;
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  print(
    json
      ? `${JSON.stringify(result, null, 2)}\n`
      : worthTelling(bundles).map(reportBundle).join(''),
  );
  if (!isComplete) {
    throw new UserError(
      `${failed.length} of ${count(bundles.length, 'bundle')} failed, so ${to}/plugins.json is not written`,
    );
  }
  report(
    `${count(bundles.length, 'bundle')} in ${to}: ${downloaded} downloaded, ${removed.length} removed`,
  );
}

async function checkOne(
  folder: string,
  { settings, flags: { json } }: Input,
  { cwd, now, status, print, report }: CommandContext,
) {
  const keys = await readKeys(settings.keys, cwd);
  const { problems, bundles } = await checkPack(path.resolve(cwd, folder), {
    keys,
    now: now(),
    onProgress: (progress) => status.show(reportProgress(progress)),
  });
  status.clear();
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  const errors = problems.filter(({ level }) => level === 'error').length + failed.length;
  print(
    json
      ? `${JSON.stringify({ errors, problems, bundles }, null, 2)}\n`
      : [
          ...problems.map((problem) => `${problem.level}: ${formatProblem(problem)}\n`),
          ...worthTelling(bundles).map(reportBundle),
        ].join(''),
  );
  if (errors > 0) throw new UserError(`${folder} is not whole: ${count(errors, 'error')}`);
  const unchecked =
    keys.length === 0 ? '; signatures were not checked: name the keys with --key' : '';
  report(`${folder} is whole: ${count(bundles.length, 'bundle')}${unchecked}`);
}

/** Bundles that are as they should be are many. */
function worthTelling(bundles: readonly VerifiedBundle[]) {
  return bundles.filter(({ failures, notes }) => failures.length + notes.length > 0);
}

function readSelection({ serverVersion: serverVersions, newest, plugin }: Input['flags']) {
  const wrong = serverVersions.find((version) => !STRICT_VERSION.test(version));
  if (wrong !== undefined) {
    throw new UsageError(
      `--server-version takes a version such as 9.11.0, not ${JSON.stringify(wrong)}`,
    );
  }
  const most = newest === undefined ? Number.POSITIVE_INFINITY : parseWholeNumber(newest);
  if (most === null) {
    throw new UsageError(`--newest takes a whole number, not ${JSON.stringify(newest)}`);
  }
  return { plugins: plugin, serverVersions, newest: most };
}

/** An unknown name would silently leave out the intended platform. */
function knownPlatforms(wanted: readonly string[], releases: readonly Release[]) {
  const known = new Set([
    ...SERVER_PLATFORMS,
    ...releases.flatMap(({ platforms }) => Object.keys(platforms)),
  ]);
  const unknown = wanted.find((platform) => !known.has(platform));
  if (unknown === undefined) return wanted;
  throw new UsageError(
    `${JSON.stringify(unknown)} is not a platform of any server or release; known are ${[...known].sort().join(', ')}`,
  );
}
