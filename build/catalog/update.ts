import path from 'node:path';
import { parseArgs } from 'node:util';
import { nameRelease } from '../../src/catalog/placed-release.ts';
import { saveCatalog } from '../../src/curation/editable-catalog.ts';
import { githubFetch } from '../../src/curation/update/github-fetch.ts';
import { listGithubReleases } from '../../src/curation/update/list-github-releases.ts';
import { findNewEntries, type UpdateResult } from '../../src/curation/update/update-entries.ts';
import { UserError } from '../../src/errors.ts';
import type { CatalogSettings } from '../../src/settings/catalog-settings.ts';
import { readCatalogSettings } from '../../src/settings/read-settings.ts';
import { inFolder } from '../in-folder.ts';
import type { CatalogCommand, CommandContext } from './catalog-command.ts';
import { openOneCatalog } from './open-one-catalog.ts';

const HELP = `
Adds the releases on GitHub that the catalog lacks, of the repositories in the settings. Drafts are left out, and so are tags
that are no versions. What is in the catalog stays as it is.

  npm run catalog -- update [--pre-releases] [--catalog FILE] [--json]

  --pre-releases   add those too
  --github URL     GitHub's API, or that of an Enterprise Server   (https://api.github.com)
  --cache DIR      where GitHub's answers are kept                 (.marketplace-cache)
  --catalog FILE   the catalog                                     (plugins.json)
  --json           what was added, as JSON
  --config FILE    settings as JSON                                (marketplace.config.json)

The variable GITHUB_TOKEN makes GitHub answer more often. The repositories, in the settings:
  "repositories": [{ "repo": "mattermost/mattermost-plugin-jira", "author": "mattermost" }]

Example: GITHUB_TOKEN=… npm run catalog -- update --pre-releases
`;

export const update: CatalogCommand = {
  summary: 'adds releases from GitHub that it lacks',
  help: HELP,
  run: async (args, context) => {
    const { values } = parseArgs({
      args,
      options: {
        'pre-releases': { type: 'boolean', default: false },
        github: { type: 'string' },
        cache: { type: 'string' },
        catalog: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
        config: { type: 'string' },
      },
    });
    const { cwd, environment, print } = context;
    const settings = await readCatalogSettings(values, environment, cwd);
    if (settings.repositories.length === 0) {
      throw new UserError(
        'the settings name no repositories: write them into marketplace.config.json (see --help)',
      );
    }
    const catalog = await openOneCatalog(settings.catalog, cwd);
    const { added, failures } = await inFolder((folder) =>
      findAll(
        catalog.entries,
        settings,
        { folder, withPrereleases: values['pre-releases'] },
        context,
      ),
    );
    if (added.length > 0) await saveCatalog(catalog, [...catalog.entries, ...added]);
    const names = added.map(nameRelease);
    print(
      values.json
        ? `${JSON.stringify({ added: names, failures }, null, 2)}\n`
        : names.map((name) => `${name} is in ${catalog.file} now\n`).join(''),
    );
    if (failures.length > 0) {
      const problems = failures.map((message) => ({ level: 'error' as const, message }));
      throw new UserError(`${failures.length} releases could not be added`, problems);
    }
    context.tell(`${added.length} releases added`);
  },
};

/** Every repository in turn; one that cannot be read keeps the others from nothing. */
async function findAll(
  entries: Parameters<typeof findNewEntries>[0],
  { repositories, github, cache }: CatalogSettings,
  options: { readonly folder: string; readonly withPrereleases: boolean },
  { cwd, environment, web, now, tell, status }: CommandContext,
): Promise<UpdateResult> {
  const cacheFolder = path.resolve(cwd, cache);
  const fetch = githubFetch({ web, cacheFolder, now, tell });
  const token = environment['GITHUB_TOKEN'] ?? '';
  const results: UpdateResult[] = [];
  for (const repository of repositories) {
    status.show(`Asking for the releases of ${repository.repo}`, true);
    try {
      const releases = await listGithubReleases(repository.repo, { github, token, fetch });
      const known = [...entries, ...results.flatMap(({ added }) => added)];
      results.push(
        await findNewEntries(known, repository, releases, { ...options, web, now: now() }),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      results.push({ added: [], failures: [error.message] });
    }
  }
  status.clear();
  return {
    added: results.flatMap(({ added }) => added),
    failures: results.flatMap(({ failures }) => failures),
  };
}
