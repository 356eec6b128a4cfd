import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderName } from './folder-name.ts';

// [id, folder]
const NAMES: [string, string][] = [
  ['jira', 'jira'],
  ['com.mattermost.plugin-todo', 'com.mattermost.plugin-todo'],
  ['Todo', '!todo'],
  ['X_bot', '!x_bot'],
  ['a b', 'a(20)b'],
  ['a/b', 'a(2f)b'],
  ['..', '(2e)(2e)'],
  ['.git', '(2e)git'],
  ['a.', 'a(2e)'],
  ['all', '(61)ll'],
  ['con.js', '(63)on.js'],
  ['Con', '!con'],
  ['ü', '(c3)(bc)'],
  ['!t', '(21)t'],
  ['(', '(28)'],
  ['', ''],
];

test('A folder is the id if that is safe, and readable if not', () => {
  for (const [id, folder] of NAMES) assert.equal(folderName(id), folder, id);
});

test('No id gets the name of a Windows device, whatever its case and ending', () => {
  const numbers = Array.from({ length: 10 }, (_, number) => String(number));
  const numbered = ['com', 'lpt'].flatMap((name) => numbers.map((number) => name + number));
  for (const device of ['con', 'prn', 'aux', 'nul', ...numbered]) {
    for (const id of [device, device.toUpperCase(), `${device}.js`, `${device}.`]) {
      const [stem = ''] = folderName(id).split('.');
      assert.notEqual(stem.toLowerCase(), device, id);
    }
    assert.equal(folderName(`${device}x`), `${device}x`, 'it only begins like a device');
  }
});

test('No two ids get the same folder, even if case does not count', () => {
  const characters = ['a', 'A', '.', '!', '(', '6', '1', '/', 'l', 'L'];
  const ids = characters.flatMap((a) =>
    characters.flatMap((b) => characters.flatMap((c) => [a, a + b, a + b + c])),
  );
  const distinct = new Set(ids);
  const folders = new Set([...distinct].map((id) => folderName(id).toLowerCase()));
  assert.equal(folders.size, distinct.size);
});

test('No id gets a name that is a path, hidden, a device, a set of plugins or too long', () => {
  const hostile = [
    '..',
    '.',
    '/',
    '\\',
    'a/../b',
    'nul',
    'LPT1',
    'all',
    'a!!b',
    '!4-0',
    `${'x'.repeat(10_000)}`,
  ];
  for (const id of hostile) {
    const folder = folderName(id);
    assert.match(folder, /^[a-z0-9!()_-][a-z0-9!()._-]*$/, id);
    assert.doesNotMatch(folder, /!!|^!\d|^(all|nul|lpt1)$|\.$/, id);
    assert.ok(folder.length <= 80, id);
  }
  assert.notEqual(folderName('x'.repeat(500)), folderName('x'.repeat(501)));
});
