import path from 'node:path';
import { parseArgs } from 'node:util';
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
import { readCatalogSettings } from '../../../src/settings/read-settings.ts';
import { isWebAddress, parseWholeNumber } from '../../../src/settings/setting.ts';
import type { CatalogCommand, CommandContext } from '../catalog-command.ts';
import { reportBundle, tellProgress } from './report-bundles.ts';

const HELP = `
Makes a pack for a site without a network: the bundles of the releases that are wanted, a catalog that leads to them, and
pack.json with the SHA-256 of every file. The next run fetches only what is new.

  npm run catalog -- mirror --to DIR --base-url URL [options]
  npm run catalog -- mirror --check DIR [--key FILE]...

  --to DIR              the folder of the pack
  --base-url URL        where the folder will be served; that of the marketplace where it serves
                        the bundles, too, as npm run serve -- --bundles DIR does
  --server-version V    releases for servers of this version              (for any)
  --plugin ID           this plugin only                                  (every plugin)
  --newest N            of each plugin, the N newest that a server finds  (all)
  --platform OS-ARCH    bundles of this platform besides the common ones  (every platform)
  --prune               remove bundles that are no longer wanted
  --key FILE            check signatures with these OpenPGP public keys   (keys, in the settings)
  --check DIR           check a pack, without a network, and change nothing
  --catalog FILE|GLOB   the catalog                                       (plugins.json)
  --json                the report as JSON
  --config FILE         settings as JSON                                  (marketplace.config.json)

--server-version, --plugin, --platform and --key may be given several times.

Example:
  npm run catalog -- mirror --to pack --base-url https://plugins.example.com \\
    --server-version 9.11.0 --newest 1 --platform linux-amd64
`;

const FLAGS = {
  to: { type: 'string' },
  'base-url': { type: 'string' },
  'server-version': { type: 'string', multiple: true },
  plugin: { type: 'string', multiple: true },
  newest: { type: 'string' },
  platform: { type: 'string', multiple: true },
  prune: { type: 'boolean' },
  key: { type: 'string', multiple: true },
  check: { type: 'string' },
  catalog: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  config: { type: 'string' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

export const mirror: CatalogCommand = {
  summary: 'makes or checks a pack for a site without a network',
  help: HELP,
  run: async (args, context) => {
    const { values } = parseArgs({ args, options: FLAGS });
    if (values.check === undefined) await makePack(values, context);
    else await checkOne(values.check, values, context);
  },
};

async function makePack(values: Flags, context: CommandContext) {
  const { cwd, environment, web, now, status, print, tell } = context;
  const { to } = values;
  const baseUrl = values['base-url']?.replace(/\/+$/, '');
  if (to === undefined || baseUrl === undefined) {
    throw new UsageError('name the folder with --to, and with --base-url where it will be served');
  }
  if (!isWebAddress(baseUrl)) {
    throw new UsageError(`--base-url takes a web address, not ${showValue(baseUrl)}`);
  }
  const selection = readSelection(values);
  const settings = await readCatalogSettings(values, environment, cwd);
  const keys = await readKeys(settings.keys, cwd);
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const platforms = knownPlatforms(values.platform ?? [], releases);
  const result = await mirrorReleases(selectReleases(releases, selection), {
    web,
    folder: path.resolve(cwd, to),
    baseUrl,
    platforms,
    isPruning: values.prune ?? false,
    keys,
    now: now(),
    onProgress: (progress) => status.show(tellProgress(progress)),
  });
  status.clear();
  const { bundles, downloaded, isComplete, removed } = result;
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  print(
    values.json
      ? `${JSON.stringify(result, null, 2)}\n`
      : worthTelling(bundles).map(reportBundle).join(''),
  );
  if (!isComplete) {
    throw new UserError(
      `${failed.length} of ${count(bundles.length, 'bundle')} failed, so ${to}/plugins.json is not written`,
    );
  }
  tell(
    `${count(bundles.length, 'bundle')} in ${to}: ${downloaded} downloaded, ${removed.length} removed`,
  );
}

async function checkOne(folder: string, values: Flags, context: CommandContext) {
  const { check: _check, key: _key, json, config: _config, ...others } = values;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new UsageError(`--check and --${other} do not go together`);
  const { cwd, environment, now, status, print, tell } = context;
  const settings = await readCatalogSettings(values, environment, cwd);
  const keys = await readKeys(settings.keys, cwd);
  const { problems, bundles } = await checkPack(path.resolve(cwd, folder), {
    keys,
    now: now(),
    onProgress: (progress) => status.show(tellProgress(progress)),
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
  tell(`${folder} is whole: ${count(bundles.length, 'bundle')}${unchecked}`);
}

/** Bundles that are as they should be are many. */
function worthTelling(bundles: readonly VerifiedBundle[]) {
  return bundles.filter(({ failures, notes }) => failures.length + notes.length > 0);
}

function readSelection(values: Flags) {
  const serverVersions = values['server-version'] ?? [];
  const wrong = serverVersions.find((version) => !STRICT_VERSION.test(version));
  if (wrong !== undefined) {
    throw new UsageError(
      `--server-version takes a version such as 9.11.0, not ${JSON.stringify(wrong)}`,
    );
  }
  const newest =
    values.newest === undefined ? Number.POSITIVE_INFINITY : parseWholeNumber(values.newest);
  if (newest === null) {
    throw new UsageError(`--newest takes a whole number, not ${JSON.stringify(values.newest)}`);
  }
  return { plugins: values.plugin ?? [], serverVersions, newest };
}

/** A name that neither a server nor a release has would quietly leave out what was meant. */
function knownPlatforms(wanted: readonly string[], releases: readonly Release[]) {
  const known = new Set([
    ...SERVER_PLATFORMS,
    ...releases.flatMap(({ platforms }) => Object.keys(platforms)),
  ]);
  const unknown = wanted.find((platform) => !known.has(platform));
  if (unknown === undefined) return wanted;
  throw new UsageError(
    `${JSON.stringify(unknown)} is no platform of a server or a release; there are ${[...known].sort().join(', ')}`,
  );
}
