import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNode } from '../../test/engines/edge-function.ts';
import { evaluatedAnswer } from '../../test/evaluated-answer.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog, randomQuery } from '../../test/samples/random-catalog.ts';
import { ask, plannedSite, readReleases } from '../../test/sites/planned-site.ts';
import { EVERYTHING, ROWS } from '../query/audience/space.ts';
import { type CatalogIndex, indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { type Filter, parseFilter } from '../router/request/parse-filter.ts';

/** Whether it asks for all versions of all plugins. */
const isListOfAll = ({ allVersions, text, pluginId }: Filter) =>
  allVersions && text === '' && pluginId === '';

/** Whether it asks for the whole catalog, as marketplaces that are laid over it do. */
function isWholeView(index: CatalogIndex, filter: Filter): boolean {
  const { enterprise, serverVersion, platform, page, perPage } = filter;
  const lengths = ROWS.map(
    (row) => evaluate(index, { ...EVERYTHING, ...row, allVersions: true })?.length ?? 0,
  );
  const isWhole = perPage < 0 || (page === 0 && perPage >= Math.max(...lengths));
  return isWhole && enterprise && serverVersion === '' && platform === '';
}

/** A query that asks for all versions more often than not, and for the whole catalog now and then. */
function queriesOf(
  random: ReturnType<typeof seededRandom>,
  releases: Parameters<typeof randomQuery>[1],
) {
  const all = 'return_all_versions=true';
  const whole = `${all}&enterprise_plugins=true`;
  const sizes = ['-1', '0', '1', '2', '100', '1000', `${releases.length}`];
  return Array.from({ length: 400 }, () => {
    const size = `per_page=${random.pick(sizes)}`;
    const page = random.chance(0.3) ? `&page=${random.below(3)}` : '';
    const cloud = random.chance(0.5) ? '&cloud=true' : '';
    const query = randomQuery(random, releases);
    return random.pick([
      ...[query, `${all}&${query}`, `${all}&${size}${page}`],
      ...[`${whole}&${size}${cloud}`, `${whole}&${size}${page}${cloud}`],
      ...[`${whole}&${size}&server_version=9.0.0`, `${whole}&${size}&platform=linux-amd64`],
    ]);
  });
}

describe('Without lists of all versions, the whole catalog is still there', () => {
  for (const seed of seeds(10)) {
    test(`and every other such list is refused, and nothing else (SEED=${seed})`, async () => {
      const random = seededRandom(seed);
      const releases = randomCatalog(random);
      const index = indexCatalog(releases);
      const less = await plannedSite(releases, { allLists: false });
      const more = await plannedSite(releases);
      const queries = queriesOf(random, releases);
      const requests = queries.map(ask);
      const withAll = runInNode(more.code, requests);
      runInNode(less.code, requests).forEach((result, i) => {
        const query = queries[i] as string;
        const filter = parseFilter(query);
        if ('error' in filter || !isListOfAll(filter)) {
          const one = JSON.parse(JSON.stringify(result));
          assert.deepEqual(one, JSON.parse(JSON.stringify(withAll[i])), `?${query}`);
        } else if (isWholeView(index, filter)) {
          assert.ok('path' in result, `invariant 2: refused is ?${query}`);
          assert.equal(
            less.read(result.path),
            evaluatedAnswer(index, query),
            `invariant 1: ?${query}`,
          );
        } else {
          assert.ok('statusCode' in result, `docs/api.md, difference 3: answered is ?${query}`);
          assert.equal(result.statusCode, 400);
          const { error, parameter, allowed } = JSON.parse(result.body);
          assert.equal(error, 'return_all_versions is not published');
          assert.equal(parameter, 'return_all_versions');
          assert.match(allowed, /^with plugin_id$/);
        }
      });
    });
  }
});

/** Three plugins in three releases each; two of them say the same. */
const releases = readReleases(
  ['alpha', 'beta', 'gamma'].flatMap((id) =>
    ['1.0.0', '1.1.0', '1.2.0'].map((version) => ({
      manifest: {
        id,
        version,
        name: id,
        description: id === 'gamma' ? 'a board' : 'talks to Jira',
      },
    })),
  ),
);

test('All versions of several plugins that a text finds are refused, also pages of them that are whole plugins', async () => {
  for (const allLists of [true, false]) {
    const { code } = await plannedSite(releases, { allLists, pageSizes: [1, 2, 3, 6, 100] });
    const sizes = [-1, 1, 2, 3, 6, 100];
    const queries = sizes.flatMap((size) =>
      [0, 1, 2].map((page) => `filter=jira&return_all_versions=true&per_page=${size}&page=${page}`),
    );
    runInNode(code, queries.map(ask)).forEach((result, i) => {
      assert.ok('statusCode' in result, `there is no file for ?${queries[i]}`);
      assert.match(result.body, /"filter is not published"/);
    });
  }
});

test('All versions of the one plugin that a text finds are there, whole and in pages', async () => {
  const index = indexCatalog(releases);
  const { code, read } = await plannedSite(releases, { allLists: false, pageSizes: [1, 2, 100] });
  const queries = ['board', 'GAMMA'].flatMap((text) =>
    [-1, 1, 2, 100].flatMap((size) =>
      [0, 1, 2].map((page) => `filter=${text}&return_all_versions=1&per_page=${size}&page=${page}`),
    ),
  );
  runInNode(code, queries.map(ask)).forEach((result, i) => {
    assert.ok('path' in result, `refused is ?${queries[i]}`);
    assert.equal(read(result.path), evaluatedAnswer(index, queries[i] as string), queries[i]);
  });
});
