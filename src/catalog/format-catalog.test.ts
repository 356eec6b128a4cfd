import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { REAL_CORPORA } from '../../test/corpora.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog, randomQuery } from '../../test/samples/random-catalog.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { renderRelease } from '../query/render.ts';
import { parseFilter } from '../router/request/parse-filter.ts';
import { formatCatalog, formatReleases } from './format-catalog.ts';
import { parseCatalog } from './parse-catalog.ts';
import type { Release } from './release.ts';

const entry = (id: string, version: string, more: object = {}) => ({
  manifest: { id, version },
  ...more,
});

// Description, the entries, their positions in the file.
const orders: readonly (readonly [string, ReturnType<typeof entry>[], number[]])[] = [
  [
    'by id, in the order of code points',
    [entry('é', '1.0.0'), entry('a', '1.0.0'), entry('B', '1.0.0')],
    [2, 1, 0],
  ],
  [
    'by version, highest first',
    [entry('a', '1.9.0'), entry('a', '1.10.0'), entry('a', '1.10.0-rc1')],
    [1, 2, 0],
  ],
  [
    'equal versions in their old order',
    [entry('a', '1.0.0+b'), entry('a', '1.0.0'), entry('a', '1.0.0+a')],
    [0, 1, 2],
  ],
  [
    'look-alikes, all of them',
    [entry('a', '1.0.0'), entry('a', '1.0.0'), entry('a', '1.0.0')],
    [0, 1, 2],
  ],
];

for (const [what, entries, order] of orders) {
  test(`a catalog file has its entries ${what}`, () => {
    const marked = entries.map((one, i) => ({ ...one, i }));
    const written = JSON.parse(formatCatalog(marked)) as { i: number }[];
    assert.deepEqual(
      written.map(({ i }) => i),
      order,
    );
  });
}

test('a catalog file is JSON with two spaces, a final newline and no needless escapes', () => {
  const text = formatCatalog([entry('a', '1.0.0', { x: 'Ä <b> & \u2028 "\n' })]);
  assert.equal(
    text,
    '[\n  {\n    "manifest": {\n      "id": "a",\n      "version": "1.0.0"\n    },\n    "x": "Ä <b> & \u2028 \\"\\n"\n  }\n]\n',
  );
});

test('releases are written without empty lists of labels, and read again as they were', () => {
  const given = [entry('a', '1.0.0'), entry('b', '1.0.0', { labels: [{ name: 'New' }], x: null })];
  const { releases } = parseCatalog(JSON.stringify(given), 'a.json');
  const text = formatReleases(releases);
  assert.deepEqual(
    (JSON.parse(text) as object[]).map((written) => 'labels' in written),
    [false, true],
  );
  assert.deepEqual(parseCatalog(text, 'b.json'), { releases, problems: [] });
});

test('the catalog that we ship is in that form', () => {
  checkUnchanged(path.join(import.meta.dirname, '../../plugins.json'));
});

for (const { name, catalog } of REAL_CORPORA) {
  test(`${name} is in that form`, () => checkUnchanged(catalog));
}

function checkUnchanged(file: string) {
  const text = readFileSync(file, 'utf8');
  assert.ok(formatCatalog(JSON.parse(text)) === text, file);
}

for (const seed of seeds(20)) {
  test(`putting a catalog in order changes no answer (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const given = randomCatalog(random);
    const releases = [...given, ...given.slice(0, 4)];
    const { releases: written, problems } = parseCatalog(formatCatalog(releases), 'a.json');
    assert.deepEqual(problems, []);
    for (let i = 0; i < 200; i++) {
      const query = randomQuery(random, releases);
      assert.equal(answer(written, query), answer(releases, query), query);
    }
  });
}

function answer(releases: readonly Release[], query: string): string {
  const filter = parseFilter(query);
  if ('error' in filter) return filter.error;
  const found = evaluate(indexCatalog(releases), filter) ?? [];
  return found.map(({ release }) => renderRelease(release, filter.platform)).join('\n');
}
