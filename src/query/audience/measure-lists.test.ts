import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { indexCatalog } from '../catalog-index.ts';
import { evaluate } from '../evaluate.ts';
import { renderAnswer, renderRelease } from '../render.ts';
import { FIRST_PAGE, measureLists } from './measure-lists.ts';
import { EVERYTHING, findPlatforms, findSteps, ROWS } from './space.ts';

/** Checks every list against the evaluator's answer, and that every step of the catalog is among those measured. */
function assertMeasured(releases: Parameters<typeof indexCatalog>[0]) {
  const catalog = indexCatalog(releases);
  const { steps, rows } = measureLists(catalog);
  const versions = steps.map(({ serverVersion }) => serverVersion);
  for (const { serverVersion } of findSteps(catalog)) assert.ok(versions.includes(serverVersion));
  const platforms = ['', ...findPlatforms(catalog)];
  for (const [row, view] of ROWS.entries()) {
    for (const [step, serverVersion] of versions.entries()) {
      const plugins = evaluate(catalog, { ...EVERYTHING, ...view, serverVersion })?.length;
      const page = evaluate(catalog, { ...FIRST_PAGE, ...view, serverVersion }) ?? [];
      const sizes = platforms.map((platform) =>
        Buffer.byteLength(
          renderAnswer(page.map(({ release }) => renderRelease(release, platform))),
        ),
      );
      const expected = { plugins, pageBytes: Math.max(...sizes) };
      assert.deepEqual(rows[row]?.[step], expected, `row ${row}, ${serverVersion}`);
    }
  }
}

for (const seed of seeds(30)) {
  test(`the measured lists are the answers of the API (seed ${seed})`, () => {
    assertMeasured(randomCatalog(seededRandom(seed)));
  });
}

test('an empty catalog has empty lists', () => assertMeasured([]));

test('of more than a page, the first page is measured, in the order of the answer', () => {
  const entries = Array.from({ length: 120 }, (_, i) => ({
    manifest: {
      id: `plugin-${i}`,
      name: `${(i * 7) % 120} é`,
      version: '1.0.0',
      min_server_version: i % 5 === 0 ? `9.${i}.0` : '',
    },
    repo_name: 'r'.repeat(i),
    enterprise: i % 3 === 0,
    hosting: i % 40 === 0 ? 'cloud' : '',
  }));
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  assertMeasured(releases);
});
