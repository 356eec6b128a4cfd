import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Release } from '../../src/catalog/release.ts';
import { formatCatalog } from '../../src/curation/format-catalog.ts';
import { count, formatProblem, UsageError } from '../../src/lib/errors.ts';
import { replaceFile } from '../../src/lib/files/replace-file.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { isWebAddress } from '../../src/settings/setting.ts';
import { readMarketplace } from '../../src/upstream/read-marketplace.ts';
import type { CatalogCommand } from './catalog-command.ts';

const HELP = `
Reads the whole catalog of a marketplace that runs somewhere, through its API: every version, edition, hosting and platform.

  npm run catalog -- import URL [--out FILE]

  --out FILE   the catalog file to write; replaced whole              (standard output)

Example: npm run catalog -- import https://api.integrations.mattermost.com --out upstream.json
`;

export const importCatalog: CatalogCommand = {
  summary: 'reads the catalog of a running marketplace',
  help: HELP,
  run: async (args, { cwd, web, print, tell }) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { out: { type: 'string' } },
    });
    const [url, ...others] = positionals;
    if (url === undefined || others.length > 0) {
      throw new UsageError('name one marketplace, such as https://api.integrations.mattermost.com');
    }
    if (!isWebAddress(url)) {
      throw new UsageError(`${showValue(url)} is no web address of a marketplace`);
    }
    if (values.out === '') throw new UsageError('--out takes a file, not ""');
    const { releases, warnings } = await readMarketplace({ url, web });
    for (const warning of warnings) tell(`warning: ${formatProblem(warning)}`);
    const text = formatCatalog(releases.map(leaveOutLabels));
    if (values.out === undefined) print(text);
    else await replaceFile(path.resolve(cwd, values.out), text, { name: values.out });
    tell(`${count(releases.length, 'release')} of ${url}`);
  },
};

/** Catalogs have no empty lists of labels. */
function leaveOutLabels(release: Release): Pick<Release, 'manifest'> {
  const { labels, ...others } = release;
  return labels.length > 0 ? release : { ...others, manifest: release.manifest };
}
