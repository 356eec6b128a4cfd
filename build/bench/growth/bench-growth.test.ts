import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, findRises } from './bench-growth.ts';
import { checkRoom, describeFiles, measureRouter } from './growth-builds.ts';
import { growthCatalogs } from './growth-catalogs.ts';

const catalog = (name: string) => ({ name, file: `${name}.json` });
const namesOf = (names: readonly string[], only: readonly string[] = []) =>
  growthCatalogs(names.map(catalog), only).map(({ name }) => name);

test('the real catalogs grow together, and the shipped one only where it is alone', () => {
  assert.deepEqual(namesOf(['plugins', 'a', 'b']), [
    ...['plugins', 'a', 'b', 'union'],
    ...['union +1, by history', 'union +3, by history', 'union +10, by history'],
    ...['union +1, four each', 'union +3, four each', 'union +10, four each'],
    ...['made up, 1,000', 'made up, 2,000'],
  ]);
  assert.deepEqual(namesOf(['plugins', 'a'], ['+1,']), ['a +1, by history', 'a +1, four each']);
  assert.deepEqual(namesOf(['plugins'], ['plugins']), ['plugins']);
  assert.deepEqual(namesOf(['plugins'], ['+3,', '2,000']), [
    ...['plugins +3, by history', 'plugins +3, four each', 'made up, 2,000'],
  ]);
});

test('catalogs that are made up have as many plugins as their names say, and three times the releases', () => {
  const [made] = growthCatalogs([], ['1,000']);
  const entries = made?.make() as { readonly manifest: { readonly id: string } }[];
  assert.equal(entries.length, 3000);
  assert.equal(new Set(entries.map(({ manifest }) => manifest.id)).size, 1000);
});

test('ten years may make the planning of an answer half as long again, and no more', () => {
  const row = (name: string, cost: number) => ({ catalog: name, 'always µs an answer': cost });
  const notes = (after: number) =>
    findRises([row('union', 100), row('union +10, four each', after), { catalog: 'union' }]);
  assert.match(notes(150).join(), /takes 1\.5 times .*: met$/);
  assert.match(notes(160).join(), /takes 1\.6 times .*: MISSED$/);
  assert.deepEqual(findRises([row('union', 100)]), []);
  assert.deepEqual(findRises([row('union +10, four each', 100)]), []);
});

test('a step that failed is explained by the error, not by the warnings before it', () => {
  const message = 'node build.ts: it ended with 1\nwarning: odd\nerror: too large\n  drop plugins';
  assert.equal(explain(new Error(message)), 'too large drop plugins');
  assert.equal(explain(new Error('no such program')), 'no such program');
});

test('folders are counted with those that they lie in, and contents once', () => {
  const files = [
    { path: 'a/b/1.json', sha256: 'x', size: 10, gzip: { sha256: 'z', size: 4 } },
    { path: 'a/b/2.json', sha256: 'y', size: 5 },
    { path: 'a/c/3.json', sha256: 'x', size: 10 },
    { path: '4.json', sha256: 'w', size: 1 },
  ];
  assert.deepEqual(describeFiles(files), {
    files: 4,
    bytes: 26,
    gzipBytes: 20,
    folders: 3,
    'files a content': '1.333',
  });
});

test('nothing is written where a build and its copy do not fit on the disk', async () => {
  assert.equal(await checkRoom(import.meta.dirname, { answers: 1, bytes: 1 }), true);
  await assert.rejects(
    checkRoom(import.meta.dirname, { answers: 1, bytes: 1e18 }),
    /take about \d+\.0 GB, and .* has .*: free some, or set TMPDIR/,
  );
});

test('the table of a router is told from its code', () => {
  const table = '{a:"1}\\"{",b:`x\n{`,c:[[100]],root:"/snapshots/ä/"}';
  const code = 'var t={a:{}};function handler(e){if(e){return {b:"/s"}}}';
  assert.deepEqual(measureRouter(`var T=${table};${code}`), {
    router: 'var T=;'.length + Buffer.byteLength(table) + code.length,
    code: 'var T=;'.length + code.length,
    table: Buffer.byteLength(table),
  });
});
