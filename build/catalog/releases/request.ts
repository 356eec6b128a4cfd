import path from 'node:path';
import { nameRelease } from '../../../src/catalog/located-release.ts';
import { saveCatalog } from '../../../src/curation/editable-catalog.ts';
import { parseRequest } from '../../../src/curation/requests/parse-request.ts';
import { createStoreLookup } from '../../../src/curation/update/store-lookup.ts';
import { findNewEntries } from '../../../src/curation/update/update-entries.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { readNeeded } from '../../../src/lib/files/explain-file-error.ts';
import { CATALOG_SETTINGS } from '../../../src/settings/catalog-settings.ts';
import { defineCommand } from '../../cli/command.ts';
import { inFolder } from '../../cli/in-folder.ts';
import { openOneCatalog } from '../open-one-catalog.ts';
import { createList, explainStore, storeOf } from './update.ts';

export const request = defineCommand({
  call: 'npm run catalog -- request',
  summary: 'Adds the release that an issue asks for',
  details:
    'Reads an issue that the form "Add or update a plugin" made, and adds its release from GitHub as update does. Nothing of the issue is run, and it names no server: only the API of GitHub, the addresses that it answers with, and the plugin store are asked.',
  operands: 'FILE',
  operandsRemedy: 'name a file with the text of the issue',
  settings: CATALOG_SETTINGS,
  settingFlags: ['catalog', 'store', 'github', 'cache'],
  flags: {
    takeOver: {
      value: 'id',
      isRepeatable: true,
      help: 'accept this plugin from another repository than before; may be given several times',
    },
  },
  example:
    'gh issue view 12 --json body --jq .body > issue.md && npm run catalog -- request issue.md',
  action: async ({ operands: [file = ''], flags: { takeOver }, settings }, context) => {
    const { cwd, web, now, print, report, status } = context;
    const text = (await readNeeded(path.resolve(cwd, file), file)).toString('utf8');
    const { repository: asked, tag } = parseRequest(text, pagesOf(settings.github));
    const rows = settings.repositories.filter((row) => isSame(row.repo, asked.repo));
    if (rows.length > 1) {
      throw new UserError(
        `the settings have ${rows.length} rows of ${asked.repo}, and a request cannot tell which it means: use npm run catalog -- update`,
      );
    }
    // What its tags and files look like, the settings may know.
    const repository = { ...rows[0], ...asked, ignore: [] };
    const catalog = await openOneCatalog(settings.catalog, cwd);
    const releases = await createList(settings, context)(repository);
    status.clear();
    const release = releases.find((one) => one.tag === tag);
    if (release === undefined) {
      throw new UserError(
        `${asked.repo} has no release with the tag ${tag} on GitHub: publish it there, or correct the tag`,
      );
    }
    const store = createStoreLookup(web, storeOf(settings));
    const { added, failures, warnings } = await inFolder((folder) =>
      findNewEntries(catalog.entries, repository, [release], {
        ...{ web, now: now(), folder, store, takeOver },
        withPrereleases: true,
        isShared: false,
      }),
    );
    const [entry] = added;
    if (entry === undefined) {
      const reasons = [...failures, ...warnings];
      if (reasons.length === 0) reasons.push('the catalog has it, or its tag is not a version');
      const problems = reasons.map((message) => ({ level: 'error' as const, message }));
      throw new UserError(`${asked.repo} ${tag} is not added`, problems);
    }
    await saveCatalog(catalog, [...catalog.entries, entry]);
    for (const warning of [...warnings, ...explainStore(store)]) report(`warning: ${warning}`);
    print(`${nameRelease(entry)} is in ${catalog.file} now\n`);
  },
});

/** The host of the pages of GitHub whose API is at an address. */
function pagesOf(github: string): string {
  return new URL(github).host.replace(/^api\.(?=github\.com$)/, '');
}

/** GitHub ignores case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
