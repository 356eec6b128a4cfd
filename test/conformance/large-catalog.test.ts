import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { digestOf } from '../../src/lib/digests.ts';
import { indexCatalog } from '../../src/query/catalog-index.ts';
import { runWithStore } from '../engines/edge-function.ts';
import { EDGES } from '../engines/edges.ts';
import { evaluatedAnswer } from '../evaluated-answer.ts';
import { THOROUGH } from '../random.ts';
import { alwaysPublished } from '../sites/always-published.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';
import { ask, readReleases } from '../sites/planned-site.ts';

const NAMES = ['Calls', 'Channel export', 'Jira', 'Playbooks', 'Todo', 'Welcome bot', 'Zoom'];

/** Ids that no abbreviation makes short, so CloudFront's router has no room for them; two releases of every plugin. */
const releases = readReleases(
  Array.from({ length: 300 }, (_, i) => {
    const id = digestOf(`${i}`).slice(0, 20);
    const url = `https://example.com/${id}.tar.gz`;
    const platforms = { 'linux-amd64': { download_url: `${url}?linux`, signature: 'c2ln' } };
    const entry = (version: string, min_server_version: string) => ({
      download_url: url,
      hosting: i % 11 === 0 ? 'cloud' : '',
      enterprise: i % 7 === 0,
      ...(i % 3 === 0 && { platforms }),
      manifest: { id, name: NAMES[i % NAMES.length], version, min_server_version },
    });
    return [entry('1.0.0', `9.${i % 4}.0`), entry('1.1.0', `10.${i % 3}.0`)];
  }).flat(),
);

const index = indexCatalog(releases);

/** Requests, each with the answer of the evaluator: what is always published, and text search. */
const requests = [
  ...alwaysPublished(releases, THOROUGH ? 3 : 37),
  ...searches().map((query) => ({
    target: `/api/v1/plugins?${query}`,
    body: evaluatedAnswer(index, query) ?? '',
  })),
];

/** Texts that find plugins by their names. */
function searches(): string[] {
  return ['calls', 'o', 'CHANNEL', 'l', 'nothing', 'bot'].flatMap((text) =>
    ['', '9.2.5', '10.1.0', '99.0.0'].flatMap((version) =>
      ['page=0', 'page=1', 'per_page=-1&cloud=true&enterprise_plugins=true'].map(
        (more) => `filter=${text}&server_version=${version}&${more}`,
      ),
    ),
  );
}

/** So many are in memory at once. */
const BATCH = 500;

let site: BuiltSite;

before(async () => {
  const others = { pageSizes: [100], everyPageSize: false, allLists: false };
  site = await builtSite(releases, 'both', others);
});
after(() => site.remove());

test('CloudFront reads the plugins of a large catalog from a store, and refuses text search', async () => {
  const edge = (name: string) => readFile(path.join(site.out, 'edge', name), 'utf8');
  const code = await edge('cloudfront-function.js');
  const { keys } = JSON.parse(await edge('cloudfront-store.json'));
  for (const result of await runWithStore(code, keys, searches().map(ask))) {
    assert.ok('statusCode' in result && result.statusCode === 400, JSON.stringify(result));
    assert.match(result.body, /filter is not published/);
  }
});

for (const name of ['nginx', 'Cloudflare', 'embedded server']) {
  const { start, skip = false } = EDGES[name] ?? {};
  test(`${name} answers for a large catalog as the evaluator, text search too`, {
    skip,
  }, async (t) => {
    assert.ok(start);
    const edge = await start(site.out);
    t.after(() => edge.stop());
    for (let at = 0; at < requests.length; at += BATCH) {
      const batch = requests.slice(at, at + BATCH);
      const answers = await edge.ask(
        batch.map(({ target }) => ({ method: 'GET', target, headers: {} })),
      );
      for (const [i, { target, body }] of batch.entries()) {
        const found = answers[i];
        const is = found?.status === 200 && found.body === body;
        assert.ok(is, `invariant 1: ${target} gets ${found?.status} ${found?.body.slice(0, 200)}`);
      }
    }
    t.diagnostic(`${requests.length} requests`);
  });
}
