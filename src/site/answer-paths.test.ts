import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { runInNode } from '../../test/engines/edge-function.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { hostileReleases } from '../../test/samples/hostile-catalog.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { ask, GENEROUS, plannedSite, readReleases } from '../../test/sites/planned-site.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { planSite } from './plan/plan-site.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** The most that file systems take. */
const LONGEST_NAME = 255;

/** The paths of all answers inside `api/plugins/`. */
async function pathsOf(releases: readonly Release[], settings: object = {}): Promise<string[]> {
  const { answers } = await planSite({ ...GENEROUS, hosts: ['nginx'], ...settings, releases });
  return answers.answers.map(({ path }) => path.replace(/^.*\/api\/plugins\//, ''));
}

/** Checks that every answer lies in a folder of one level, under a name of its own that every file system takes. */
function assertNames(paths: readonly string[]) {
  for (const file of paths) {
    const parts = file.split('/');
    assert.equal(parts.length, 2, `docs/design.md, an answer path: ${file}`);
    for (const part of [...parts, `${parts[1]}.gz`]) {
      assert.match(part, /^[a-z0-9_!()-][a-z0-9_!().-]*$/, file);
      assert.ok(Buffer.byteLength(part) <= LONGEST_NAME, `${part.length} bytes: ${file}`);
    }
  }
  assert.equal(new Set(paths).size, paths.length, 'two answers have one path');
}

const shipped = (await readCatalog(['plugins.json'], { cwd: ROOT })).releases;

test('the answers of the shipped catalog lie in at most a tenth as many folders', async () => {
  const paths = await pathsOf(shipped);
  assertNames(paths);
  const folders = new Set(paths.map((file) => path.dirname(file)));
  assert.ok(folders.size <= paths.length / 10, `${paths.length} files in ${folders.size} folders`);
});

test('the answers of a hostile catalog have names of their own', async () => {
  assertNames(await pathsOf(hostileReleases()));
});

for (const seed of seeds(5)) {
  test(`the answers of random catalogs have names of their own (SEED=${seed})`, async () => {
    assertNames(await pathsOf(randomCatalog(seededRandom(seed))));
  });
}

/** An id of the 190 characters that servers take, which a folder's name spells out. */
const longId = (i: number) => `Plugin.${i}.`.padEnd(190, 'X');

test('names are short where ids, server versions and platforms are as long as they may be', async () => {
  const platform = `linux-${'a'.repeat(54)}`;
  const bundle = { download_url: 'https://example.com/a', signature: 'c2ln' };
  const releases = readReleases(
    Array.from({ length: 12 }, (_, i) => ({
      platforms: { [platform]: { ...bundle, download_url: `https://example.com/${i}` } },
      enterprise: i === 1,
      hosting: i === 2 ? 'on-prem' : '',
      manifest: {
        id: longId(i % 6),
        version: `1.${i}.0`,
        min_server_version: `${9 + (i % 4)}.0.0-${'rc.'.repeat(80)}${i % 3 ? 'x' : 'X'}`,
      },
    })),
  );
  const paths = await pathsOf(releases);
  assertNames(paths);
  const longest = Math.max(...paths.map((file) => path.basename(file).length));
  assert.ok(longest > 200, `only ${longest}: the names of this test are too short`);
});

test('names are short in a list of 2,000 plugins', async () => {
  const releases = readReleases(
    Array.from({ length: 2000 }, (_, i) => ({ manifest: { id: longId(i), version: '1.0.0' } })),
  );
  const little = { search: false, everyPageSize: false, allLists: false, pageSizes: [100] };
  const paths = await pathsOf(releases, little);
  assertNames(paths);
  const pages = paths.filter((file) => file.startsWith('some/'));
  assert.equal(pages.length, 20, 'the pages of 100 of the list');
});

test('plugins that are called as our folders have others', async () => {
  const releases = readReleases(
    ['all', 'some', 'Some', 'some.x', 'empty'].map((id) => ({
      manifest: { id, version: '1.0.0', name: id, description: 'one of several' },
    })),
  );
  const { code, read, plan } = await plannedSite(releases);
  assertNames(plan.answers.answers.map(({ path }) => path.replace(/^.*\/api\/plugins\//, '')));
  const ids = releases.map(({ manifest }) => manifest.id);
  const queries = [...ids.map((id) => `plugin_id=${id}`), 'filter=some', 'per_page=2', ''];
  const found = runInNode(code, queries.map(ask)).map((result) => {
    assert.ok('path' in result);
    const answer: { manifest: { id: string } }[] = JSON.parse(read(result.path));
    const folder = path.basename(path.dirname(result.path));
    return [folder, ...answer.map(({ manifest }) => manifest.id)];
  });
  const sorted = ids.toSorted((a, b) => (a < b ? -1 : 1));
  const order = found.at(-1)?.slice(1) as string[];
  assert.deepEqual(
    order.toSorted((a, b) => (a < b ? -1 : 1)),
    sorted,
  );
  assert.deepEqual(found, [
    ['(61)ll', 'all'],
    ['(73)ome', 'some'],
    ['!some', 'Some'],
    ['(73)ome.x', 'some.x'],
    ['empty', 'empty'],
    ['some', ...order.filter((id) => id.toLowerCase().startsWith('some'))],
    ['some', ...order.slice(0, 2)],
    ['all', ...order],
  ]);
});
