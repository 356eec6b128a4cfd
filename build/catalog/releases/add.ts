import path from 'node:path';
import { parseArgs } from 'node:util';
import { nameRelease } from '../../../src/catalog/placed-release.ts';
import { STRICT_VERSION } from '../../../src/catalog/problems/strict-version.ts';
import { entryFromDisk, entryFromStore } from '../../../src/curation/add-release.ts';
import { saveCatalog } from '../../../src/curation/editable-catalog.ts';
import { insertEntry } from '../../../src/curation/insert-entry.ts';
import { type FoundBundle, inspectBundle } from '../../../src/curation/inspect-bundle.ts';
import type { Placement } from '../../../src/curation/make-entry.ts';
import { decodePlus } from '../../../src/curation/plugin-store.ts';
import { readKeys } from '../../../src/curation/signatures/read-keys.ts';
import { findTakeOver, repositoryIn } from '../../../src/curation/take-over.ts';
import { UsageError, UserError } from '../../../src/lib/errors.ts';
import { judgeDownload } from '../../../src/mattermost/install/installable.ts';
import { readCatalogSettings } from '../../../src/settings/read-settings.ts';
import { inFolder } from '../../cli/in-folder.ts';
import type { CatalogCommand, CommandContext } from '../catalog-command.ts';
import { openOneCatalog } from '../open-one-catalog.ts';

const HELP = `
Adds a release to the catalog: what its bundle says, its signature, and the bundles of single platforms.

  npm run catalog -- add REPO TAG --official|--partner|--community [options]
  npm run catalog -- add REPO TAG --bundle FILE --download-url URL --official|--partner|--community [options]

  --official, --partner, --community   who maintains the plugin; one of the three
  --beta, --experimental               how far it is                      (for production)
  --enterprise                         needs a Professional or Enterprise subscription
  --cloud, --on-prem                   for servers hosted so              (for both); a version may have an entry for each
  --replace                            put it in the place of the same release of the same hosting
  --take-over ID                       take the plugin from another repository than the catalog has it from
  --store URL                          the plugin store                   (https://plugins.releases.mattermost.com/release)
  --bundle FILE                        a bundle on disk instead
  --signature FILE                     its detached signature             (the bundle's name with .sig, where that is there)
  --download-url URL                   where servers will find the bundle
  --key FILE                           check the signature with these OpenPGP public keys (keys, in the settings)
  --catalog FILE                       the catalog                        (plugins.json)
  --config FILE                        settings as JSON                   (marketplace.config.json)

Example: npm run catalog -- add mattermost-plugin-jira v4.1.1 --official
`;

const FLAGS = {
  official: { type: 'boolean', default: false },
  partner: { type: 'boolean', default: false },
  community: { type: 'boolean', default: false },
  beta: { type: 'boolean', default: false },
  experimental: { type: 'boolean', default: false },
  enterprise: { type: 'boolean', default: false },
  cloud: { type: 'boolean', default: false },
  'on-prem': { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  'take-over': { type: 'string', multiple: true },
  store: { type: 'string' },
  bundle: { type: 'string' },
  signature: { type: 'string' },
  'download-url': { type: 'string' },
  key: { type: 'string', multiple: true },
  catalog: { type: 'string', multiple: true },
  config: { type: 'string' },
} as const;

export const add: CatalogCommand = {
  summary: 'adds a release from the plugin store or from disk',
  help: HELP,
  run: async (args, context) => {
    const { values, positionals } = parseArgs({ args, options: FLAGS, allowPositionals: true });
    const { repo, tag } = readNames(positionals);
    const now = context.now();
    const placement = readPlacement(values);
    const disk = readDisk(values, context.cwd);
    const settings = await readCatalogSettings(values, context.environment, context.cwd);
    const keys = await readKeys(settings.keys, context.cwd);
    const inspect = async (found: FoundBundle) => {
      const warnings = await inspectBundle(found, keys, now);
      for (const warning of warnings) context.tell(`warning: ${warning}`);
    };
    const options = { placement, now, inspect };
    const catalog = await openOneCatalog(settings.catalog, context.cwd);
    const entry = disk
      ? await entryFromDisk({ ...disk, repo, tag }, options)
      : await inFolder((folder) =>
          entryFromStore(context.web, { store: settings.store, repo, tag }, folder, options),
        );
    const repositories = [repositoryIn(entry.download_url ?? '') ?? repo];
    const takeOver = values['take-over'] ?? [];
    const newcomer = { entry, repositories };
    const foreign = findTakeOver(catalog.entries, newcomer, takeOver);
    if (foreign !== null) throw new UserError(`${nameRelease(entry)} ${foreign}`);
    await saveCatalog(catalog, insertEntry(catalog.entries, entry, values.replace));
    for (const { check, message, remedy } of judgeDownload(entry.download_url ?? '')) {
      context.tell(`warning: ${entry.download_url} ${message} [${check}]: ${remedy}`);
    }
    tellAdded(entry, catalog.file, context);
  },
};

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

function readNames(positionals: readonly string[]) {
  const [repo, given] = positionals;
  if (repo === undefined || given === undefined || positionals.length > 2) {
    throw new UsageError('name a repository and a tag, such as mattermost-plugin-jira v4.1.1');
  }
  if (!/^[\w.-]+$/.test(repo)) {
    throw new UsageError(
      `${JSON.stringify(repo)} is no repository: write its name without the owner`,
    );
  }
  const tag = decodePlus(given);
  if (!STRICT_VERSION.test(tag.replace(/^v/, ''))) {
    throw new UsageError(`${JSON.stringify(tag)} is no tag of a release: write one such as v1.2.3`);
  }
  return { repo, tag };
}

/** @throws {UsageError} where flags say nothing or contradict each other */
function readPlacement(values: Flags): Placement {
  const author = oneOf(values, ['official', 'partner', 'community']);
  if (author === undefined) {
    throw new UsageError('say who maintains the plugin: --official, --partner or --community');
  }
  return {
    author: author === 'official' ? 'mattermost' : author,
    stage: oneOf(values, ['beta', 'experimental']) ?? 'production',
    isEnterprise: values.enterprise,
    hosting: oneOf(values, ['cloud', 'on-prem']) ?? '',
  };
}

function oneOf<Flag extends keyof Flags>(values: Flags, flags: readonly Flag[]): Flag | undefined {
  const [flag, ...others] = flags.filter((name) => values[name] === true);
  if (others.length === 0) return flag;
  throw new UsageError(
    `--${flag} and --${others.join(' and --')} contradict each other: give at most one of them`,
  );
}

function readDisk(values: Flags, cwd: string) {
  const { bundle, signature, 'download-url': downloadUrl } = values;
  if (bundle === undefined) {
    if (signature === undefined && downloadUrl === undefined) return undefined;
    throw new UsageError('--signature and --download-url belong to --bundle');
  }
  if (values.store !== undefined)
    throw new UsageError('--store and --bundle contradict each other');
  if (!downloadUrl) {
    throw new UsageError('--bundle needs --download-url: where servers will find the bundle');
  }
  return {
    file: path.resolve(cwd, bundle),
    signatureFile: signature === undefined ? undefined : path.resolve(cwd, signature),
    downloadUrl,
  };
}

function tellAdded(
  entry: Parameters<typeof nameRelease>[0] & { readonly platforms?: object | null },
  file: string,
  { print }: CommandContext,
) {
  const platforms = Object.keys(entry.platforms ?? {}).join(', ') || 'none';
  print(`${nameRelease(entry)} is in ${file}, platforms of its own: ${platforms}\n`);
}
