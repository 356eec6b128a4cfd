import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../lib/errors.ts';
import { parseSnapshot } from './parse-snapshot.ts';

const row = {
  path: 'snapshots/ab/api/labels.json',
  sha256: 'a'.repeat(64),
  size: 1,
  contentType: 'application/json',
};
const parse = (files: unknown, more: object = {}) =>
  parseSnapshot(JSON.stringify({ id: 'ab', files, ...more }), 'snapshot.json');

test('what a build writes is taken', () => {
  const paths = ['_worker.js', 'edge/nginx.js', 'snapshots/ab/api/plugins/!jira(2f)x/..a/a..json'];
  const files = [row, ...paths.map((path) => ({ ...row, path }))];
  assert.deepEqual(parse(files, { compress: 'both' }).files, files);
});

const paths: readonly unknown[] = [
  ...['..', '.', '', '/', '../a', 'a/..', 'a/../b', 'a/./b', 'a//b', 'a/', '/etc/passwd'],
  ...[
    'a\\..\\b',
    '..\\a',
    'C:\\a',
    '\\\\host\\a',
    'a\0b',
    'a\nb',
    'a\u001b[2J',
    'caf\u00e9',
    '\u2024\u2024/a',
  ],
  ...['a'.repeat(1025), 7, null, {}, ['a']],
];

for (const path of paths) {
  test(`the path ${JSON.stringify(path)?.slice(0, 40)} is refused`, () => {
    assert.throws(
      () => parse([row, { ...row, path }]),
      (error) =>
        error instanceof UserError &&
        /snapshot\.json files\[1\]\.path: .* is not a path inside the build/.test(error.message),
    );
  });
}

// What is wrong, the manifest, what is said.
const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    'a path twice',
    () => parse([row, row]),
    /files: snapshots\/ab\/api\/labels\.json is listed twice/,
  ],
  [
    'a size of 2 GiB',
    () => parse([{ ...row, size: 2 ** 31 }]),
    /files\[0\]\.size: 2147483648 is not/,
  ],
  ['no size', () => parse([{ ...row, size: null }]), /files\[0\]\.size: null is not/],
  ['half a byte', () => parse([{ ...row, size: 0.5 }]), /files\[0\]\.size: 0.5 is not a size/],
  [
    'a header in a content type',
    () => parse([{ ...row, contentType: 'a\r\nset-cookie: b' }]),
    /files\[0\]\.contentType: "a\\r\\nset-cookie: b" is not/,
  ],
  ['a long content type', () => parse([{ ...row, contentType: 'a'.repeat(201) }]), /contentType/],
  ['an id that is a path', () => parse([], { id: '../ab' }), /id: "\.\.\/ab" is not a digest/],
  ['a long id', () => parse([], { id: 'a'.repeat(65) }), /id: .* is not a digest/],
  [
    'forms that no build has',
    () => parse([], { compress: 'br' }),
    /compress: "br" is not off, gzip/,
  ],
  [
    'what is nested deeply',
    () =>
      parseSnapshot(`{"id":"ab","files":[${'['.repeat(1e5)}${']'.repeat(1e5)}]}`, 'snapshot.json'),
    /files\[0\]: what nests too deeply is not an object/,
  ],
  ['files as an object', () => parse({ length: 1 }), /files: \{"length":1\} is not an array/],
  [
    'a prototype for a row',
    () => parseSnapshot('{"id":"ab","files":[{"__proto__":{"path":"a"}}]}', 'snapshot.json'),
    /files\[0\]\.path: nothing/,
  ],
  ['a million files', () => parse(Array(1_000_001).fill(1)), /has more than 1000000 files/],
];

for (const [what, act, expected] of refused) {
  test(`a manifest with ${what} is refused, by its place`, () => {
    assert.throws(act, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      assert.ok(error.problems.length <= 20, 'no more than can be read');
      return true;
    });
  });
}

const deep = `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`;
const list = '['.repeat(20_000) + ']'.repeat(20_000);
const wide = JSON.stringify(Array.from({ length: 100_000 }, () => 'x'.repeat(20)));

const DEEP = 'what nests too deeply';

// A manifest; the place that is told, and what is found there.
const LARGE: readonly (readonly [string, string, string])[] = [
  [`{"id":"0","files":[{"sha256":${deep}}]}`, 'files[0].sha256', DEEP],
  [`{"id":"0","files":[${list}]}`, 'files[0]', DEEP],
  [`{"id":${list},"files":[]}`, 'id', DEEP],
  [`{"id":"0","files":${deep}}`, 'files', DEEP],
  [`{"id":"0","files":[{"gzip":${wide}}]}`, 'files[0].gzip', `${wide.slice(0, 79)}…`],
  [list, '', DEEP],
];

test('what is large where something small should be is not shown', () => {
  for (const [text, path, found] of LARGE) {
    assert.throws(
      () => parseSnapshot(text, 'snapshot.json'),
      (error: unknown) =>
        error instanceof UserError &&
        error.problems.some((problem) => problem.path === path && problem.found === found) &&
        error.message.length < 1000,
      path,
    );
  }
});

// A manifest with a key twice; the place that is told.
const REPEATED: readonly (readonly [string, string])[] = [
  ['{"id":"ab","files":[],"id":"cd"}', 'id'],
  ['{"id":"ab","files":[{"path":"a","path":"b"}]}', 'files[0].path'],
  ['{"id":"ab","files":[],"router":{"table":{},"table":{}}}', 'router.table'],
  ['{"id":"ab","files":[],"\\u0069d":"ab"}', 'id'],
];

test('a key that appears twice is told, for readers differ in which counts', () => {
  for (const [text, path] of REPEATED) {
    assert.throws(
      () => parseSnapshot(text, 'snapshot.json'),
      (error: unknown) =>
        error instanceof UserError &&
        error.problems.some((one) => one.path === path && /appears twice/.test(one.message)),
      text,
    );
  }
});

test('no password is shown', () => {
  const id = 'https://me:secret@example.com';
  assert.throws(
    () => parseSnapshot(JSON.stringify({ id, files: [] }), 'snapshot.json'),
    (error: Error) => error.message.includes('id: "https://') && !error.message.includes('secret'),
  );
});
