import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../errors.ts';
import { explainFileError, explainWriteError, makeFolders } from './explain-file-error.ts';

// [error, message]
const cases: [unknown, string][] = [
  [Object.assign(new Error('x'), { code: 'ENOENT' }), 'does not exist'],
  [Object.assign(new Error('x'), { code: 'EACCES' }), 'may not be read'],
  [Object.assign(new Error('x'), { code: 'EISDIR' }), 'is a directory'],
  [
    Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }),
    'cannot be read: EIO: i/o error, read',
  ],
  [Object.assign(new Error('x'), { code: 'constructor' }), 'cannot be read: x'],
  [new Error('odd'), 'cannot be read: odd'],
  ['odd', 'cannot be read: odd'],
];

test('the reason why a file cannot be opened is reported with a remedy', () => {
  for (const [error, expected] of cases) {
    const { message, remedy } = explainFileError(error);
    assert.equal(message, expected);
    assert.ok(remedy);
  }
});

test('what to do about a folder holds for every kind of file', () => {
  const { remedy } = explainFileError(Object.assign(new Error('x'), { code: 'EISDIR' }));
  assert.equal(remedy, 'name a file');
});

// The code of an error while writing, the message.
const writing: readonly (readonly [string, RegExp])[] = [
  ['EROFS', /the file system is read-only/],
  ['EFBIG', /larger than .* allows \(ulimit -f\)/],
  ['ENOSPC', /the disk is full/],
  ['EDQUOT', /the disk quota is used up/],
  ['EMFILE', /too many files are open: raise the limit \(ulimit -n\)/],
  ['EACCES', /give this user the right/],
  ['ENOTDIR', /a part of its path is a file/],
  ['EISDIR', /it is a folder/],
  ['ELOOP', /a link that leads to itself/],
  ['ENAMETOOLONG', /its path is too long/],
  ['EIO', /check the folder that it lies in/],
  ['constructor', /check the folder that it lies in/],
];

for (const [code, expected] of writing) {
  test(`${code} while writing is reported with its reason`, () => {
    const error = explainWriteError(Object.assign(new Error('x'), { code, syscall: 'write' }), 'a');
    assert.ok(error instanceof UserError);
    assert.match(error.message, new RegExp(`^a cannot be written, ${code}: `));
    assert.match(error.message, expected);
  });
}

test('other errors stay as they are', () => {
  for (const error of [new Error('x'), Object.assign(new Error('x'), { code: 'EROFS' }), 'odd']) {
    assert.equal(explainWriteError(error, 'a'), error);
  }
});

test('folders are made; if they cannot be, the first missing one gives the reason', async (t) => {
  const folder = await makeFolder(t);
  await makeFolders(path.join(folder, 'a/b/c'));
  await makeFolders(path.join(folder, 'a/b/c'));
  await writeFile(path.join(folder, 'file'), '');
  await symlink('loop', path.join(folder, 'loop'));
  // A folder, the codes that systems give.
  const folders: readonly (readonly [string, RegExp])[] = [
    ['file/a', /ENOTDIR|EEXIST/],
    ['loop/a', /ELOOP|ENOENT|EEXIST/],
    [`a/${'x'.repeat(300)}/c`, /ENAMETOOLONG/],
    [`${'x'.repeat(300)}`, /ENAMETOOLONG/],
  ];
  for (const [target, code] of folders) {
    await assert.rejects(makeFolders(path.join(folder, target)), code, target.slice(0, 20));
  }
});
