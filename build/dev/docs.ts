import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../src/lib/files/replace-file.ts';
import { SETTINGS } from '../../src/settings/config-file.ts';
import type { FileSetting, Setting, SettingTable } from '../../src/settings/setting.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { showDefault } from '../cli/command-flags.ts';

const FILE = path.join(import.meta.dirname, '../../docs/settings.md');

const HEAD = [
  '| in the file | flag | environment | default | what it is |',
  '| --- | --- | --- | --- | --- |',
];

const docs = defineCommand({
  call: 'npm run docs',
  summary: 'Writes the table of settings in docs/settings.md',
  details: 'Run it after a change of src/settings: a test fails while the table is out of date.',
  example: 'npm run docs',
  action: async (_, { cwd, print }) => {
    const name = path.relative(cwd, FILE);
    await replaceFile(FILE, withTable(await readFile(FILE, 'utf8'), SETTINGS), { name });
    print(`${name}\n`);
  },
});

await runProgram(import.meta.url, docs);

/** A page with the table of settings between its markers, a heading for each section. */
export function withTable(page: string, settings: SettingTable): string {
  const rows = Object.entries(settings);
  const sections = [...new Set(rows.map(([, { section }]) => section))].map((section) =>
    [
      `### ${section}`,
      '',
      ...HEAD,
      ...rows.filter(([, row]) => row.section === section).map(([name, row]) => toRow(name, row)),
    ].join('\n'),
  );
  const [before, rest] = page.split('<!-- settings -->\n');
  const after = rest?.split('<!-- /settings -->')[1];
  if (after === undefined) throw new Error('docs/settings.md has lost its markers');
  return `${before}<!-- settings -->\n${sections.join('\n\n')}\n<!-- /settings -->${after}`;
}

function toRow(name: string, setting: Setting<unknown> | FileSetting<unknown>): string {
  const { fallback, help } = setting;
  const shown =
    typeof fallback === 'object' && !Array.isArray(fallback) ? '' : showDefault(fallback);
  const cells =
    'parse' in setting
      ? [
          either(name, setting.alias?.name),
          `${either(`--${setting.flag}`, setting.alias && `--${setting.alias.flag}`)}${setting.isRepeatable ? ', several' : ''}`,
          either(setting.environment, setting.alias?.environment),
        ]
      : [either(name), '', ''];
  return `| ${[...cells, shown === '' ? 'none' : either(shown), help].join(' | ')} |`;
}

function either(...names: readonly (string | undefined)[]): string {
  return names.flatMap((name) => (name === undefined ? [] : [`\`${name}\``])).join(' or ');
}
