import path from 'node:path';
import { formatReleases } from '../../src/catalog/format-catalog.ts';
import { count, formatProblem, UsageError } from '../../src/lib/errors.ts';
import { replaceFile } from '../../src/lib/files/replace-file.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { splitUserInfo } from '../../src/lib/json/user-info.ts';
import { isWebAddress } from '../../src/settings/setting.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { readMarketplace } from '../../src/upstream/marketplace/read-marketplace.ts';
import { defineCommand } from '../cli/command.ts';

export const importCatalog = defineCommand({
  call: 'npm run catalog -- import',
  summary: 'Reads the catalog of a running marketplace',
  details:
    'Reads everything: every version, edition, hosting and platform, from /catalog.json or else through the API, and writes a catalog file.',
  operands: 'URL',
  operandsRemedy: 'name one marketplace, such as https://api.integrations.mattermost.com',
  flags: {
    snapshotKey: {
      value: 'file',
      isRepeatable: true,
      help: 'a public key of its publisher: what it has must be signed with it',
    },
    out: { value: 'file', help: 'the catalog file to write, replaced whole (default: stdout)' },
  },
  example: 'npm run catalog -- import https://api.integrations.mattermost.com --out upstream.json',
  action: async ({ operands: [url = ''], flags: { out, snapshotKey } }, context) => {
    const { cwd, web, print, report, now } = context;
    const { url: shown } = splitUserInfo(url);
    if (!isWebAddress(shown)) {
      throw new UsageError(`${showValue(url)} is not the web address of a marketplace`);
    }
    if (out === '') throw new UsageError('--out takes a file, not ""');
    const keys = await readKeys(snapshotKey, cwd);
    const pin = { keys, now: now(), flag: '--snapshot-key' } as const;
    const { releases, warnings } = await readMarketplace({
      ...{ url, web },
      ...(keys.length > 0 && { pin }),
    });
    for (const warning of warnings) report(`warning: ${formatProblem(warning)}`);
    const text = formatReleases(releases);
    if (out === undefined) print(text);
    else await replaceFile(path.resolve(cwd, out), text, { name: out });
    report(`${count(releases.length, 'release')} of ${shown}`);
  },
});
