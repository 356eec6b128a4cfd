import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { EDGES } from '../../test/engines/edges.ts';
import { evaluatedAnswer } from '../../test/evaluated-answer.ts';
import { makeReadableFolder } from '../../test/sites/built-site.ts';
import { buildPlainSite } from '../../test/sites/plain-site.ts';
import { GENEROUS, readReleases } from '../../test/sites/planned-site.ts';
import { readBuild } from '../publish/read-build.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import type { Host } from '../settings/build-settings.ts';
import type { PlanOptions } from './plan/plan-site.ts';
import { planSite } from './plan/plan-site.ts';

const releases = readReleases(
  ['alpha', 'beta', 'gamma'].map((id, i) => ({
    platforms: { 'linux-amd64': { download_url: `https://example.com/${id}`, signature: 'c2ln' } },
    manifest: { id, version: '1.0.0', name: id, description: i < 2 ? 'talks to Jira' : 'a board' },
  })),
);
const index = indexCatalog(releases);

/** Builds for some hosts into a folder that is removed with the test. */
async function build(t: { after(fn: () => unknown): void }, options: Partial<PlanOptions>) {
  const folder = await makeReadableFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const out = path.join(folder, 'dist');
  const { snapshot } = await buildPlainSite({ ...GENEROUS, releases, ...options, out });
  return { out, snapshot };
}

// The host, its files.
const FILES: readonly [Host, string[]][] = [
  ['cloudfront', ['edge/cloudfront-function.js']],
  [
    'nginx',
    [
      '-location.conf',
      '-njs.conf',
      '-refuse.conf',
      '-rules.conf',
      '-server.conf',
      '.conf',
      '.js',
    ].map((name) => `edge/nginx${name}`),
  ],
  ['cloudflare', ['_routes.json', '_worker.js']],
  [
    'apache',
    ['400.json', '404.json', '405.json', 'SNAPSHOT.txt']
      .map((name) => `edge/apache-${name}`)
      .concat('edge/apache.conf'),
  ],
];

describe('A build for one host', () => {
  for (const [host, expected] of FILES) {
    test(`has the files of ${host} and of no other`, async (t) => {
      const { snapshot } = await build(t, { hosts: [host] });
      const { id, files, published } = snapshot;
      const own = files
        .map(({ path }) => path)
        .filter((path) => !path.startsWith(`snapshots/${id}/`))
        .map((path) => path.replace(id, 'SNAPSHOT'));
      assert.deepEqual(own.sort(), expected);
      const cloudFront = host === 'cloudfront' ? { search: true, store: false } : undefined;
      assert.deepEqual(published.cloudFront, cloudFront);
    });
  }

  test('that is not CloudFront has none of its limits, and is not deployed there', async (t) => {
    const { out, snapshot } = await build(t, { hosts: ['nginx', 'cloudflare'], routerBytes: 1 });
    assert.deepEqual([snapshot.published.search, snapshot.published.allLists], [true, true]);
    await assert.rejects(readBuild(out), /dist\/ is not built for CloudFront: .* among --hosts$/);
  });

  test('publishes the same answers, whichever it is', async (t) => {
    const answers = await Promise.all(
      FILES.map(async ([host]) => {
        const { snapshot } = await build(t, { hosts: [host] });
        return snapshot.files.flatMap(({ path, sha256 }) => {
          const name = /^snapshots\/[^/]+\/(api\/plugins\/.*)/.exec(path)?.[1];
          return name ? [`${name} ${sha256}`] : [];
        });
      }),
    );
    for (const other of answers) assert.deepEqual(other, answers[0]);
  });
});

// The query, whether CloudFront refuses it where it has no room for search.
const ASKED: readonly [string, boolean][] = [
  ['filter=jira', true],
  ['filter=board&server_version=9.0.0&platform=linux-amd64', true],
  ['filter=ALPHA&server_version=5.20.0', false],
  ['', false],
  ['plugin_id=beta&return_all_versions=true', false],
];

describe('Where CloudFront has no room for search, the other hosts with the router have it', () => {
  for (const [name, { start, skip }] of Object.entries(EDGES)) {
    test(`${name} answers or refuses rightly`, { skip }, async (t) => {
      const { cloudFront } = await planSite({ ...GENEROUS, releases, search: false });
      const routerBytes = Buffer.byteLength(cloudFront?.code ?? '');
      const { out, snapshot } = await build(t, { routerBytes });
      const { search, cloudFront: there } = snapshot.published;
      assert.deepEqual([search, there], [true, { search: false, store: false }]);
      const edge = await start(out);
      try {
        const targets = ASKED.map(([query]) => `/api/v1/plugins?${query}`);
        const answers = await edge.ask(
          targets.map((target) => ({ method: 'GET', target, headers: {} })),
        );
        for (const [i, [query, isSearch]] of ASKED.entries()) {
          const { status, body } = answers[i] ?? {};
          if (isSearch && name === 'CloudFront') {
            assert.equal(status, 400, query);
            assert.match(body ?? '', /"filter is not published"/);
          } else if (isSearch && edge.isByRules) {
            assert.equal(status, 400, query);
          } else {
            assert.equal(status, 200, query);
            assert.equal(body, evaluatedAnswer(index, query), `invariant 1: ?${query}`);
          }
        }
      } finally {
        await edge.stop();
      }
    });
  }
});
