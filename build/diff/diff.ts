import { announce } from '../../src/diff/announce.ts';
import { diffCatalogs } from '../../src/diff/diff-catalogs.ts';
import { formatMarkdown } from '../../src/diff/format-markdown.ts';
import { formatText } from '../../src/diff/format-text.ts';
import { UsageError } from '../../src/lib/errors.ts';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { readSide } from './read-side.ts';

const FORMATS = { text: formatText, markdown: formatMarkdown };

export const diff = defineCommand({
  call: 'npm run diff',
  summary: 'Shows what a change of the catalog changes for whom',
  details: `That is: which servers, editions, hostings and platforms are offered another release than before, or can install another one by its version.

OLD and NEW are each a catalog (plugins.json, 'catalog/*.json'), the folder of a build (dist), or a git revision (HEAD~1, or main:plugins.json for a certain file).`,
  operands: 'OLD NEW',
  operandsRemedy: 'name two catalogs to compare: OLD and NEW',
  settings: BUILD_SETTINGS,
  settingFlags: ['catalog'],
  flags: {
    format: {
      value: 'text|markdown',
      fallback: 'text',
      help: 'for people, or for a pull request on GitHub',
    },
    json: { help: 'the result as JSON', conflicts: ['announce'] },
    announce: {
      help: 'a message about new releases and notices, as JSON for an incoming webhook of Mattermost; nothing if there are none',
    },
    exitCode: { help: 'exit 1 if something changes' },
  },
  notes: `--catalog names the catalog at a git revision. Requests without a server version count as those of the newest servers, whose
answers they get.`,
  example: 'npm run diff -- HEAD~1 plugins.json',
  action: async ({ operands, settings: { catalog }, flags }, { cwd, print }) => {
    const { format, json } = flags;
    if (format !== 'text' && format !== 'markdown') {
      throw new UsageError(`--format takes text or markdown, not ${JSON.stringify(format)}`);
    }
    const [old = '', now = ''] = operands;
    const before = await readSide(old, { catalog, cwd });
    const after = await readSide(now, { catalog, cwd });
    const notices = { before: before.notices, after: after.notices };
    const changes = diffCatalogs(before.releases, after.releases, notices);
    if (json) {
      print(formatJson({ old, new: now, ...changes }));
    } else if (flags.announce) {
      const message = announce(changes, after.releases);
      if (message) print(`${JSON.stringify(message)}\n`);
    } else {
      print(FORMATS[format](changes));
    }
    return flags.exitCode && changes.plugins.length > 0 ? 1 : 0;
  },
});

await runProgram(import.meta.url, diff);
