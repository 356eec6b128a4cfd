import path from 'node:path';
import { nameRelease } from '../../../src/catalog/located-release.ts';
import type { Entry } from '../../../src/catalog/schema.ts';
import { type EditableCatalog, saveCatalog } from '../../../src/curation/editable-catalog.ts';
import { githubFetch } from '../../../src/curation/update/github/github-fetch.ts';
import { listGithubReleases } from '../../../src/curation/update/github/list-github-releases.ts';
import {
  type ReplaceEntriesResult,
  replaceEntries,
} from '../../../src/curation/update/replace-entries.ts';
import { createStoreLookup, type StoreLookup } from '../../../src/curation/update/store-lookup.ts';
import {
  findNewEntries,
  type UpdateOptions,
  type UpdateResult,
} from '../../../src/curation/update/update-entries.ts';
import { count, UserError } from '../../../src/lib/errors.ts';
import {
  CATALOG_SETTINGS,
  type CatalogSettings,
  type RepositorySetting,
} from '../../../src/settings/catalog-settings.ts';
import { type CommandContext, defineCommand } from '../../cli/command.ts';
import { inFolder } from '../../cli/in-folder.ts';
import { openOneCatalog } from '../open-one-catalog.ts';

const EXAMPLE_ROW = '{ "repo": "mattermost/mattermost-plugin-jira", "author": "mattermost" }';

export const update = defineCommand({
  call: 'npm run catalog -- update',
  summary: 'Adds releases from GitHub that the catalog lacks',
  details:
    'Checks the repositories in the settings. Each entry gets the data of GitHub, and the signatures and platform bundles that only the plugin store has. What is in the catalog stays as it is. Left out are drafts, tags that are not versions, and pre-releases (by their flag on GitHub or by their version).',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'store', 'github', 'cache'],
  flags: {
    preReleases: { help: 'add pre-releases, too' },
    replace: {
      value: 'id@version',
      isRepeatable: true,
      conflicts: ['pre-releases'],
      help: 'do only this: rebuild the entry of a bundle that was rebuilt. What the bundle does not contain stays as it is, and every change is reported; may be given several times',
    },
    takeOver: {
      value: 'id',
      isRepeatable: true,
      help: 'accept this plugin from another repository than before; may be given several times',
    },
    json: { help: 'what was done, as JSON' },
  },
  notes: `The variable GITHUB_TOKEN raises the limit of requests to GitHub. Where --github is not GitHub's own API, only a --store of
your own is asked.

The repositories are a list in the settings:

  "repositories": [${EXAMPLE_ROW}]

  author       mattermost, partner or community
  stage        production, beta or experimental                (production)
  enterprise   needs a Professional or Enterprise subscription (false)
  hosting      cloud, on-prem, or "" for both                  ("")
  tag          what its tags look like, such as "server/v{version}"
  asset        which file is the bundle, where there are several: "*-{version}.tar.gz", "*-linux-amd64.tar.gz"
  ignore       tags to leave out, such as ["v1.0.0", "nightly-*"]`,
  example: 'GITHUB_TOKEN=… npm run catalog -- update --pre-releases',
  action: async ({ settings, config, flags }, context) => {
    if (settings.repositories.length === 0) {
      throw new UserError(
        `the settings name no repositories: write them into ${config}, a row each (see --help), such as\n\n{\n  "repositories": [\n    ${EXAMPLE_ROW}\n  ]\n}`,
      );
    }
    const catalog = await openOneCatalog(settings.catalog, context.cwd);
    await inFolder(async (folder) => {
      const job = { catalog, settings, folder, json: flags.json, takeOver: flags.takeOver };
      await (flags.replace.length === 0
        ? addAll(job, flags.preReleases, context)
        : replaceAll(job, flags.replace, context));
    });
  },
});

interface Job {
  readonly catalog: EditableCatalog;
  readonly settings: CatalogSettings;
  /** A folder for bundles while they are read. */
  readonly folder: string;
  readonly json: boolean;
  /** Ids of plugins that may come from another repository. */
  readonly takeOver: readonly string[];
}

async function addAll(
  { catalog, settings, folder, json, takeOver }: Job,
  withPrereleases: boolean,
  context: CommandContext,
) {
  const { web, now, print, report } = context;
  const store = createStoreLookup(web, storeOf(settings));
  const options = { web, now: now(), folder, store, withPrereleases, takeOver };
  const found = await findAll(catalog.entries, settings, options, context);
  const { added, failures, notes } = found;
  const warnings = [...found.warnings, ...explainStore(store)];
  if (added.length > 0) await saveCatalog(catalog, [...catalog.entries, ...added]);
  const names = added.map(nameRelease);
  print(
    json
      ? `${JSON.stringify({ added: names, failures, warnings }, null, 2)}\n`
      : names.map((name) => `${name} is in ${catalog.file} now\n`).join(''),
  );
  for (const note of notes) report(note);
  for (const warning of warnings) report(`warning: ${warning}`);
  throwFailures(failures, 'could not be added');
  report(`${count(added.length, 'release')} added`);
}

async function replaceAll(
  { catalog, settings, folder, json, takeOver }: Job,
  names: readonly string[],
  context: CommandContext,
) {
  const { web, now, print, report, status } = context;
  const store = createStoreLookup(web, storeOf(settings));
  const found = await replaceEntries(catalog.entries, names, {
    web,
    now: now(),
    folder,
    store,
    takeOver,
    repositories: settings.repositories,
    list: createList(settings, context),
  });
  status.clear();
  const { entries, replaced, failures } = found;
  const warnings = [...found.warnings, ...explainStore(store)];
  if (replaced.length > 0) await saveCatalog(catalog, entries);
  print(
    json
      ? `${JSON.stringify({ replaced, failures, warnings }, null, 2)}\n`
      : replaced.map((one) => tellReplaced(one, catalog.file)).join(''),
  );
  for (const warning of warnings) report(`warning: ${warning}`);
  throwFailures(failures, 'could not be replaced');
}

/** The store to ask. The public one has nothing from another GitHub, and should not learn its names. */
export function storeOf({ github, store }: CatalogSettings): string {
  const isOwnGithub = github !== CATALOG_SETTINGS.github.fallback;
  return isOwnGithub && store === CATALOG_SETTINGS.store.fallback ? '' : store;
}

function tellReplaced(
  { name, changes }: ReplaceEntriesResult['replaced'][number],
  file: string,
): string {
  const what = changes.length === 0 ? 'is unchanged' : 'is rebuilt';
  return `${name} ${what} in ${file}\n${changes.map((change) => `  ${change}\n`).join('')}`;
}

function throwFailures(failures: readonly string[], what: string) {
  if (failures.length === 0) return;
  const problems = failures.map((message) => ({ level: 'error' as const, message }));
  throw new UserError(`${count(failures.length, 'release')} ${what}`, problems);
}

/** What is missing because the store failed. */
export function explainStore(store: StoreLookup): string[] {
  const failure = store.failure();
  return failure === undefined
    ? []
    : [
        `the plugin store failed, so signatures and platform bundles that only it has are missing: ${failure.message} — correct "store", or run migrate when it answers`,
      ];
}

/** Asks GitHub for the releases of a row's repository. */
export function createList(
  { github, cache }: CatalogSettings,
  { cwd, environment, web, now, report, status }: CommandContext,
) {
  const fetch = githubFetch({
    web,
    origin: new URL(github).origin,
    cacheFolder: path.resolve(cwd, cache),
    now,
    report,
  });
  const token = environment['GITHUB_TOKEN'] ?? '';
  if (!/^[\x21-\x7e]*$/.test(token)) {
    throw new UserError(
      'GITHUB_TOKEN holds a blank, a line break or the like: write the token alone',
    );
  }
  return async ({ repo }: RepositorySetting) => {
    status.show(`Asking for the releases of ${repo}`, true);
    return await listGithubReleases(repo, { github, token, fetch });
  };
}

/** Updates row by row; one that cannot be read does not affect the others. */
async function findAll(
  entries: readonly Entry[],
  settings: CatalogSettings,
  options: Omit<UpdateOptions, 'isShared'>,
  context: CommandContext,
): Promise<UpdateResult> {
  const list = createList(settings, context);
  const results: UpdateResult[] = [];
  for (const row of settings.repositories) {
    const isShared = settings.repositories.filter(({ repo }) => repo === row.repo).length > 1;
    try {
      const known = [...entries, ...results.flatMap(({ added }) => added)];
      const releases = await list(row);
      results.push(await findNewEntries(known, row, releases, { ...options, isShared }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      results.push({ added: [], failures: [error.message], warnings: [], notes: [] });
    }
  }
  context.status.clear();
  return {
    added: results.flatMap(({ added }) => added),
    failures: results.flatMap(({ failures }) => failures),
    warnings: results.flatMap(({ warnings }) => warnings),
    notes: results.flatMap(({ notes }) => notes),
  };
}
