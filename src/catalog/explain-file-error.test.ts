import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFileError } from './explain-file-error.ts';

// [error, what is said]
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

test('why a file cannot be opened is said in words, with what to do', () => {
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
