import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../test/corpora.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { buildPlainSite } from '../../test/sites/plain-site.ts';
import { GENEROUS } from '../../test/sites/planned-site.ts';
import { formatCatalog } from '../catalog/format-catalog.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { SnapshotFile } from '../snapshot/parse-snapshot.ts';
import { readContent } from '../snapshot/read-content.ts';

/** What a site must publish for real clients: the answers of every release. */
const LEAN = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };

/** Builds the text of a catalog; returns the text of `/catalog.json`, and the digests of the answers by path. */
async function build(out: string, text: string) {
  const { releases, problems } = parseCatalog(text, 'test.json');
  assert.deepEqual(problems, []);
  const { snapshot } = await buildPlainSite({ ...LEAN, out, compress: 'gzip', releases });
  const folder = `snapshots/${snapshot.id}/`;
  const ofApi = snapshot.files.filter((file) => file.path.startsWith(`${folder}api/`));
  const file = ofApi.find((file) => file.path === `${folder}api/catalog.json`) as SnapshotFile;
  return {
    id: snapshot.id,
    file,
    catalog: (await readContent(out, file)).toString(),
    answers: ofApi.map((file) => `${file.path.slice(folder.length)} ${file.sha256}`),
  };
}

// The name of a catalog, how to get its text.
const catalogs: readonly (readonly [string, () => string])[] = [
  ...[
    ...FIXTURE_CORPORA,
    ...REAL_CORPORA,
    {
      name: 'the shipped catalog',
      catalog: path.join(import.meta.dirname, '../../plugins.json'),
    },
  ].map(({ name, catalog }) => [name, () => readFileSync(catalog, 'utf8')] as const),
  ...seeds(5).map(
    (seed) =>
      [
        `a random catalog (seed ${seed})`,
        () => {
          const given = randomCatalog(seededRandom(seed));
          return JSON.stringify([...given, ...given.slice(0, 3)]);
        },
      ] as const,
  ),
];

for (const [name, read] of catalogs) {
  test(`/catalog.json of ${name} builds the same snapshot again`, async (t) => {
    const folder = await makeFolder(t);
    const first = await build(path.join(folder, 'first'), read());
    assert.equal(first.file.contentType, 'application/json');
    assert.equal(first.catalog, formatCatalog(JSON.parse(first.catalog)), 'the form of a catalog');
    const again = await build(path.join(folder, 'again'), first.catalog);
    assert.equal(again.catalog, first.catalog);
    assert.deepEqual(again.answers, first.answers);
    assert.equal(again.id, first.id, 'docs/design.md, invariant 6');
  });
}

test('the order of the entries of different plugins does not change /catalog.json', async (t) => {
  const folder = await makeFolder(t);
  const entries = ['b', 'a', 'c'].map((id) => ({ manifest: { id, version: '1.0.0' } }));
  const one = await build(path.join(folder, 'one'), JSON.stringify(entries));
  const other = await build(path.join(folder, 'other'), JSON.stringify(entries.toReversed()));
  assert.equal(one.catalog, other.catalog);
  assert.deepEqual(
    JSON.parse(one.catalog).map(({ manifest }: { manifest: { id: string } }) => manifest.id),
    ['a', 'b', 'c'],
  );
});

test('/catalog.json of an empty catalog is an empty list', async (t) => {
  const { catalog } = await build(await makeFolder(t), '[]');
  assert.equal(catalog, '[]\n');
});
