import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { UserError } from '../lib/errors.ts';
import { readCatalogSettings } from './read-settings.ts';

const row = { repo: 'a/b', author: 'partner' };

// A row of "repositories", what the error says of it; a setting beside it.
const refused: readonly (readonly [object, RegExp, object?])[] = [
  [row, /github: .*is no web address.*a web address/, { github: 'x' }],
  [{ ...row, repo: 'abc' }, /repositories\[0\]\.repo: invalid string/],
  [{ repo: 'a/b' }, /repositories\[0\]\.author: invalid option/],
  [{ ...row, author: 'me' }, /repositories\[0\]\.author: invalid option/],
  [{ ...row, x: 1 }, /repositories\[0\]: unrecognized key/],
  [{ ...row, tag: 'v1.0.0' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: '{version}-{version}' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: '{tag}{version}' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: 'v{version' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: 1 }, /repositories\[0\]\.tag.*expected string/],
  [{ ...row, asset: '' }, /repositories\[0\]\.asset.*too small/],
  [{ ...row, asset: '{name}.tar.gz' }, /\.asset.*may hold \{version\}, \{tag\} and \*/],
  [{ ...row, asset: '{.tar.gz' }, /repositories\[0\]\.asset.*may hold \{version\}/],
  [{ ...row, asset: ['a'] }, /repositories\[0\]\.asset.*expected string/],
  [{ ...row, ignore: 'v1.0.0' }, /repositories\[0\]\.ignore.*expected array/],
  [{ ...row, ignore: [''] }, /repositories\[0\]\.ignore.*too small/],
  [{ ...row, ignore: [1] }, /repositories\[0\]\.ignore.*expected string/],
];

for (const [wrong, expected, more] of refused) {
  test(`a repository such as ${JSON.stringify({ ...wrong, ...more })} is refused`, async (t) => {
    const cwd = await makeFolder(t);
    const file = path.join(cwd, 'marketplace.config.json');
    await writeFile(file, JSON.stringify({ repositories: [wrong], ...more }));
    await assert.rejects(readCatalogSettings({}, {}, cwd), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, expected);
      return true;
    });
  });
}
