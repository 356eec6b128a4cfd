import { parseArgs } from 'node:util';
import { announce } from '../../src/diff/announce.ts';
import { diffCatalogs } from '../../src/diff/diff-catalogs.ts';
import { formatMarkdown } from '../../src/diff/format-markdown.ts';
import { formatText } from '../../src/diff/format-text.ts';
import { UsageError } from '../../src/lib/errors.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { runCommand } from '../cli/cli.ts';
import { print, printJson } from '../cli/print.ts';
import { readSide } from './read-side.ts';

const HELP = `
Tells what a change of the catalog changes for whom: which servers, editions, hostings and platforms
are offered another release than before, or can install another one by its version.

  npm run diff -- OLD NEW [options]

OLD and NEW are each a catalog (plugins.json, 'catalog/*.json'), the folder of a build (dist), or a git
revision (HEAD~1; or main:plugins.json for a certain file).

  --format text|markdown  for people, or for a pull request on GitHub          (text)
  --json                the result as JSON
  --announce            a message about the releases that are new, as JSON for an incoming webhook of
                        Mattermost; nothing where none is
  --exit-code           exit with 1 where something changes
  --catalog FILE|GLOB   the catalog at a git revision                          (plugins.json)
  --config FILE         settings as JSON                                       (marketplace.config.json)

Requests without a server version are answered as the newest servers are, and meant with them.

Example: npm run diff -- HEAD~1 plugins.json
`;

const FORMATS = { text: formatText, markdown: formatMarkdown };

await runCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'text' },
      json: { type: 'boolean', default: false },
      announce: { type: 'boolean', default: false },
      'exit-code': { type: 'boolean', default: false },
      catalog: { type: 'string', multiple: true },
      config: { type: 'string' },
    },
  });
  const [old, now, ...others] = positionals;
  if (old === undefined || now === undefined || others.length > 0) {
    throw new UsageError('name two catalogs to compare: OLD and NEW');
  }
  const { format } = values;
  if (format !== 'text' && format !== 'markdown') {
    throw new UsageError(`--format takes text or markdown, not ${JSON.stringify(format)}`);
  }
  if (values.json && values.announce)
    throw new UsageError('--json and --announce exclude each other');

  const cwd = process.cwd();
  const { catalog } = await readBuildSettings(values, process.env, cwd);
  const [before, after] = [
    await readSide(old, { catalog, cwd }),
    await readSide(now, { catalog, cwd }),
  ];
  const diff = diffCatalogs(before, after);
  if (values.json) {
    printJson({ old, new: now, ...diff });
  } else if (values.announce) {
    const message = announce(diff, after);
    if (message) print(`${JSON.stringify(message)}\n`);
  } else {
    print(FORMATS[format](diff));
  }
  if (values['exit-code'] && diff.plugins.length > 0) process.exitCode = 1;
});
