import path from 'node:path';
import { nameRelease } from '../../../src/catalog/located-release.ts';
import { STRICT_VERSION } from '../../../src/catalog/problems/strict-version.ts';
import { entryFromDisk, entryFromStore } from '../../../src/curation/add-release.ts';
import { saveCatalog } from '../../../src/curation/editable-catalog.ts';
import { insertEntry } from '../../../src/curation/insert-entry.ts';
import { type FoundBundle, inspectBundle } from '../../../src/curation/inspect-bundle.ts';
import type { Placement } from '../../../src/curation/make-entry.ts';
import { decodePlus } from '../../../src/curation/plugin-store.ts';
import { findTakeOver, repositoryIn } from '../../../src/curation/take-over.ts';
import { UsageError, UserError } from '../../../src/lib/errors.ts';
import { judgeDownload } from '../../../src/mattermost/install/installable.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { readKeys } from '../../../src/signatures/read-keys.ts';
import { type CommandInput, defineCommand } from '../../cli/command.ts';
import { inFolder } from '../../cli/in-folder.ts';
import { openOneCatalog } from '../open-one-catalog.ts';

const AUTHORS = ['official', 'partner', 'community'] as const;

const FLAGS = {
  official: { help: 'Mattermost maintains the plugin', conflicts: ['partner', 'community'] },
  partner: { help: 'a partner maintains it', conflicts: ['community'] },
  community: { help: 'the community maintains it' },
  beta: { help: 'a beta (default: for production)', conflicts: ['experimental'] },
  experimental: { help: 'an experiment' },
  enterprise: { help: 'needs a Professional or Enterprise subscription' },
  cloud: {
    help: 'for cloud servers only (default: for both); a version may have an entry for each',
    conflicts: ['on-prem'],
  },
  onPrem: { help: 'for on-prem servers only' },
  replace: { help: 'replace the same release for the same hosting' },
  takeOver: {
    value: 'id',
    isRepeatable: true,
    help: 'accept this plugin from another repository than before',
  },
  bundle: { value: 'file', help: 'a bundle on disk instead of the store', conflicts: ['store'] },
  signature: {
    value: 'file',
    help: 'its detached signature (default: the name of the bundle with .sig, if that exists)',
  },
  downloadUrl: { value: 'url', help: 'where servers will find the bundle' },
} as const;

type Flags = CommandInput<typeof CATALOG_SETTINGS, typeof FLAGS>['flags'];

export const add = defineCommand({
  call: 'npm run catalog -- add',
  summary: 'Adds a release from the plugin store or from disk',
  details:
    'The entry gets the data of the bundle, its signature, and the bundles for single platforms. One of --official, --partner and --community is required.',
  operands: 'REPO TAG',
  operandsRemedy: 'name a repository and a tag, such as mattermost-plugin-jira v4.1.1',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'store', 'keys'],
  flags: FLAGS,
  example: `npm run catalog -- add mattermost-plugin-jira v4.1.1 --official
npm run catalog -- add plugin-hello v1.0.0 --community \\
  --bundle hello.tar.gz --download-url https://plugins.example.com/hello.tar.gz`,
  action: async ({ operands, flags, settings }, context) => {
    const { repo, tag } = readNames(operands);
    const now = context.now();
    const placement = readPlacement(flags);
    const disk = readDisk(flags, context.cwd);
    const keys = await readKeys(settings.keys, context.cwd);
    const inspect = async (found: FoundBundle) => {
      const warnings = await inspectBundle(found, keys, now);
      for (const warning of warnings) context.report(`warning: ${warning}`);
    };
    const options = { placement, now, inspect };
    const catalog = await openOneCatalog(settings.catalog, context.cwd);
    const entry = disk
      ? await entryFromDisk({ ...disk, repo, tag }, options)
      : await inFolder((folder) =>
          entryFromStore(context.web, { store: settings.store, repo, tag }, folder, options),
        );
    const repositories = [repositoryIn(entry.download_url ?? '') ?? repo];
    const foreign = findTakeOver(catalog.entries, { entry, repositories }, flags.takeOver);
    if (foreign !== null) throw new UserError(`${nameRelease(entry)} ${foreign}`);
    await saveCatalog(catalog, insertEntry(catalog.entries, entry, flags.replace));
    for (const { check, message, remedy } of judgeDownload(entry.download_url ?? '')) {
      context.report(`warning: ${entry.download_url} ${message} [${check}]: ${remedy}`);
    }
    const platforms = Object.keys(entry.platforms ?? {}).join(', ') || 'none';
    context.print(
      `${nameRelease(entry)} is in ${catalog.file}, platforms of its own: ${platforms}\n`,
    );
  },
});

function readNames([repo = '', given = '']: readonly string[]) {
  if (!/^[\w.-]+$/.test(repo)) {
    throw new UsageError(
      `${JSON.stringify(repo)} is not a repository: write its name without the owner`,
    );
  }
  const tag = decodePlus(given);
  if (!STRICT_VERSION.test(tag.replace(/^v/, ''))) {
    throw new UsageError(
      `${JSON.stringify(tag)} is not a tag of a release: write one such as v1.2.3`,
    );
  }
  return { repo, tag };
}

/** @throws {UsageError} where the flags do not state who maintains the plugin */
function readPlacement(flags: Flags): Placement {
  const author = AUTHORS.find((name) => flags[name]);
  if (author === undefined) {
    throw new UsageError('state who maintains the plugin: --official, --partner or --community');
  }
  return {
    author: author === 'official' ? 'mattermost' : author,
    stage: flags.beta ? 'beta' : flags.experimental ? 'experimental' : 'production',
    isEnterprise: flags.enterprise,
    hosting: flags.cloud ? 'cloud' : flags.onPrem ? 'on-prem' : '',
  };
}

function readDisk({ bundle, signature, downloadUrl }: Flags, cwd: string) {
  if (bundle === undefined) {
    if (signature === undefined && downloadUrl === undefined) return undefined;
    throw new UsageError('--signature and --download-url belong to --bundle');
  }
  if (!downloadUrl) {
    throw new UsageError('--bundle needs --download-url: where servers will find the bundle');
  }
  return {
    file: path.resolve(cwd, bundle),
    signatureFile: signature === undefined ? undefined : path.resolve(cwd, signature),
    downloadUrl,
  };
}
