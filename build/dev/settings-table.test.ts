import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { SETTINGS } from '../../src/settings/config-file.ts';
import { withTable } from './docs.ts';

test('docs/settings.md lists the settings as they are', async () => {
  const file = path.join(import.meta.dirname, '../../docs/settings.md');
  const page = await readFile(file, 'utf8');
  assert.equal(page, withTable(page, SETTINGS), 'npm run docs writes it');
});

test('the table has a row for each setting, below the heading of its section', () => {
  const { port, dir, keys, ignoreChecks } = SETTINGS;
  const settings = { port, dir, keys, ignoreChecks } as typeof SETTINGS;
  const [before, port_, build, command, catalog, after] = withTable(
    'a\n<!-- settings -->\nold\n<!-- /settings -->\nb\n',
    settings,
  ).split(/^### .*\n\n.*what it is \|\n.*\n|<!-- \/settings -->\n/m);
  assert.equal(before, 'a\n<!-- settings -->\n');
  assert.match(port_ ?? '', /^\| `port` \| `--port` \| `MARKETPLACE_PORT` \| `8085` \| the port /);
  assert.match(build ?? '', /^\| `dir` or `out` \| `--dir` or `--out` \| .* \| `dist` \| /);
  assert.match(command ?? '', /^\| `keys` \| `--key`, several \| `MARKETPLACE_KEYS` \| none \| /);
  assert.match(catalog ?? '', /^\| `ignoreChecks` \| {2}\| {2}\| none \| /);
  assert.equal(after, 'b\n');
  assert.throws(() => withTable('no markers', settings), /lost its markers/);
});
