import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { builtSite } from '../../test/sites/built-site.ts';
import { UserError } from '../lib/errors.ts';
import { parseFileList, parseSnapshot } from './parse-snapshot.ts';

const row = {
  path: 'snapshots/ab/api/labels.json',
  sha256: 'a'.repeat(64),
  size: 1,
  contentType: 'application/json',
};
const list = (text: string) => parseFileList(text, 'snapshot.json');
const parse = (files: unknown, more: object = {}) =>
  list(JSON.stringify({ id: 'ab', files, ...more }));

/** The manifest of an empty build. */
const site = await builtSite([]);
const built = await readFile(path.join(site.out, 'snapshot.json'), 'utf8');
await site.remove();

test('the manifest of a build is accepted, with paths of every kind', () => {
  assert.deepEqual(parseSnapshot(built, 'snapshot.json'), JSON.parse(built));
  const paths = ['_worker.js', 'edge/nginx.js', 'snapshots/ab/api/plugins/!jira(2f)x/..a/a..json'];
  const files = [row, ...paths.map((path) => ({ ...row, path }))];
  assert.deepEqual(parse(files, { compress: 'both' }).files, files);
});

// Paths that do not lie inside a build.
const paths: readonly unknown[] = [
  ...['..', '.', '', '/', '../a', 'a/..', 'a/../b', 'a/./b', 'a//b', 'a/', '/etc/passwd'],
  ...['a\\..\\b', '..\\a', 'C:\\a', '\\\\host\\a', 'a\0b', 'a\nb', 'a\u001b[2J'],
  ...['caf\u00e9', '\u2024\u2024/a', 'a'.repeat(1025), 7, null, {}, ['a']],
];

const deep = `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`;
const nested = '['.repeat(20_000) + ']'.repeat(20_000);
const wide = JSON.stringify(Array.from({ length: 100_000 }, () => 'x'.repeat(20)));
const files = (...rows: object[]) => JSON.stringify({ id: 'ab', files: rows });
const twice = /: appears twice/;

// A manifest, the location of its problem, the error message.
const refused: readonly (readonly [string, string, RegExp])[] = [
  ...paths.map(
    (path) =>
      [
        files(row, { ...row, path: path }),
        'files[1].path',
        /is not a path inside the build/,
      ] as const,
  ),
  [files(row, row), 'files', /snapshots\/ab\/api\/labels\.json is listed twice/],
  [files({ ...row, size: 2 ** 31 }), 'files[0].size', /: 2147483648 is not/],
  [files({ ...row, size: null }), 'files[0].size', /: null is not/],
  [files({ ...row, size: 0.5 }), 'files[0].size', /: 0.5 is not a size/],
  [files({ ...row, contentType: 'a\r\nb: c' }), 'files[0].contentType', /: "a\\r\\nb: c" is not/],
  [files({ ...row, contentType: 'a'.repeat(201) }), 'files[0].contentType', /is not/],
  ['{"id":"../ab","files":[]}', 'id', /: "\.\.\/ab" is not a digest/],
  [`{"id":"${'a'.repeat(65)}","files":[]}`, 'id', /is not a digest/],
  ['{"id":"ab","files":[],"compress":"br"}', 'compress', /: "br" is not off, gzip/],
  ['{"id":"ab","files":{"length":1}}', 'files', /: \{"length":1\} is not an array/],
  ['{"id":"ab","files":[{"__proto__":{"path":"a"}}]}', 'files[0].path', /: nothing/],
  [`{"id":"ab","files":[1${',1'.repeat(1e6)}]}`, 'files', /has more than 1000000 files/],
  // Large values are cut.
  [`{"id":"0","files":[{"sha256":${deep}}]}`, 'files[0].sha256', /: what nests too deeply is/],
  [`{"id":"0","files":[${nested}]}`, 'files[0]', /: what nests too deeply is/],
  [`{"id":${nested},"files":[]}`, 'id', /: what nests too deeply is/],
  [`{"id":"0","files":${deep}}`, 'files', /: what nests too deeply is/],
  [`{"id":"0","files":[{"gzip":${wide}}]}`, 'files[0].gzip', /"xxxxx…? is not|…/],
  [nested, '', /: what nests too deeply is/],
  // Readers differ in which of two equal keys counts.
  ['{"id":"ab","files":[],"id":"cd"}', 'id', twice],
  ['{"id":"ab","files":[{"path":"a","path":"b"}]}', 'files[0].path', twice],
  ['{"id":"ab","files":[],"router":{"table":{},"table":{}}}', 'router.table', twice],
  ['{"id":"ab","files":[],"\\u0069d":"ab"}', 'id', twice],
];

for (const [text, location, expected] of refused) {
  test(`${JSON.stringify(text.slice(0, 150))} is refused with the location ${location}`, () => {
    assert.throws(
      () => list(text),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, expected);
        assert.ok(error.problems.some(({ path }) => path === location));
        assert.ok(error.problems.length <= 20 && error.message.length < 4000, 'it can be read');
        return true;
      },
    );
  });
}

test('an error shows no password', () => {
  const id = 'https://me:secret@example.com';
  assert.throws(
    () => parse([], { id }),
    (error: Error) => error.message.includes('id: "https://') && !error.message.includes('secret'),
  );
});

/** The manifest of a build with other versions of plugins. */
const withVersions = (text: string) =>
  parseSnapshot(
    built.replace(/"versions": \{\s*\}/, () => `"versions": ${text}`),
    'snapshot.json',
  );

test('versions are listed by plugin, also by one called __proto__', () => {
  const { catalog } = withVersions('{"__proto__":["1.0.0"],"constructor":["2.0.0"],"calls":[]}');
  assert.deepEqual(Object.keys(catalog.versions), ['__proto__', 'constructor', 'calls']);
  assert.deepEqual(Object.values(catalog.versions), [['1.0.0'], ['2.0.0'], []]);
});

// Wrong lists of versions, the location of the problem in them.
const wrong: readonly (readonly [string, string])[] = [
  ['{"__proto__":9}', '.__proto__'],
  ['{"__proto__":{"x":1}}', '.__proto__'],
  ['{"__proto__":[1]}', '.__proto__'],
  ['{"a":["1.0.0"],"__proto__":null}', '.__proto__'],
  ['{"a":"1.0.0"}', '.a'],
  ['["1.0.0"]', ''],
  ['null', ''],
  [`{"a":["${'1'.repeat(1001)}"]}`, '.a'],
];

for (const [text, location] of wrong) {
  test(`versions ${text.slice(0, 60)} are refused with their location`, () => {
    assert.throws(
      () => withVersions(text),
      (error) =>
        error instanceof UserError && error.problems[0]?.path === `catalog.versions${location}`,
    );
  });
}
