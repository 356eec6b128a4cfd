import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { FakeAws } from '../../../test/fakes/fake-aws.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { buildPlainSite } from '../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { planSite } from '../../site/plan/plan-site.ts';
import { CATALOGS, countOperations, deployTo, liveIdOf, makeBuilds } from '../fixture-publish.ts';
import { type Build, readBuild } from '../read-build.ts';
import { viewerRequests } from './viewer-requests.ts';

const { first, third } = await makeBuilds({ after });

/** A build of another version, whose router does something else at first. */
function withRouterThere({ snapshot, ...build }: Build, there: string): Build {
  const router = `${build.router.replace('function handler(', 'function right(')}
function handler(event) { ${there} return right(event); }`;
  const other = { ...snapshot.router, version: 'f'.repeat(16) };
  return { ...build, snapshot: { ...snapshot, router: other }, router };
}

// What the router does on CloudFront, the code there, the error message.
const failures: readonly [string, string, RegExp][] = [
  [
    'names another file',
    "if (event.request.uri === '/api/v1/labels') { event.request.uri = '/other.json'; return event.request; }",
    /fails 1 of \d+ requests: nothing went live\n {2}GET \/api\/v1\/labels: .*other\.json.* is the answer, expected/,
  ],
  [
    'keeps the query string',
    'if (event.request.querystring.plugin_id) { var q = event.request.querystring; var r = right(event); if (r.uri) r.querystring = q; return r; }',
    /is the answer, expected/,
  ],
  [
    'refuses with another text',
    "if (event.request.method === 'POST') { return { statusCode: 405, headers: {}, body: 'no' }; }",
    /POST \/api\/v1\/plugins: .* is the answer, expected .*wrong method/,
  ],
  ['throws', 'throw new Error("no such global");', /no such global.* is an error of the function/],
];

for (const [what, there, expected] of failures) {
  test(`a router that ${what} on CloudFront does not go live`, async () => {
    const aws = new FakeAws();
    await assert.rejects(deployTo(aws, withRouterThere(first, there)), {
      name: 'UserError',
      message: expected,
    });
    assert.equal(liveIdOf(aws.state), null);
    assert.equal(countOperations(aws)['PublishFunction'], undefined);
  });
}

// The compute utilization that CloudFront reports, whether it is too high.
for (const [computeUtilization, isRefused] of [
  [70, false],
  [71, true],
  [Number.NaN, true],
] as const) {
  test(`a router that takes ${computeUtilization} % of the time allowed ${isRefused ? 'does not go' : 'goes'} live`, async () => {
    const aws = new FakeAws({ computeUtilization });
    const deployed = deployTo(aws, first);
    if (isRefused) await assert.rejects(deployed, /more than the 70 % that are safe/);
    else assert.equal((await deployed).router?.computeUtilization, 70);
    assert.equal(liveIdOf(aws.state), isRefused ? null : first.snapshot.id);
  });
}

test('the requests cover every route, every refusal, every platform and the steps', () => {
  const { snapshot } = third;
  const requests = viewerRequests(snapshot);
  const targets = requests.map(({ target }) => target);
  const pages = ['/', '/about/', '/feed.xml', '/openapi.json', '/robots.txt', '/sitemap.xml'];
  const api = ['/api/v1/plugins', '/api/v1/labels', '/api/v1/health', '/catalog.json'];
  for (const route of [...pages, ...api, '/no/such/page']) {
    assert.ok(targets.includes(route), route);
  }
  const ofPlugins = targets.filter((target) => target.startsWith('/plugins/'));
  assert.equal(ofPlugins.length, 4, 'all, one that exists and its feed, one that does not');
  for (const value of [...snapshot.published.platforms, ...snapshot.published.steps]) {
    assert.ok(
      targets.some((target) => target.includes(`=${value}&`) || target.endsWith(value)),
      value,
    );
  }
  assert.ok(requests.some(({ method }) => method === 'HEAD'));
  assert.ok(requests.some(({ method }) => method === 'POST'));
  assert.ok(requests.length < 60, `each of the ${requests.length} calls CloudFront's API`);
});

test('a function with room for less than the other hosts have goes live, and is tested for what it refuses', async (t) => {
  const folder = await makeFolder(t);
  const { releases } = parseCatalog(JSON.stringify(CATALOGS.third), 'test.json');
  const options = { ...GENEROUS, releases };
  const { cloudFront } = await planSite({ ...options, search: false });
  const routerBytes = Buffer.byteLength(cloudFront?.code ?? '');
  await buildPlainSite({ ...options, routerBytes, out: path.join(folder, 'dist') });
  const build = await readBuild(path.join(folder, 'dist'));
  const { published, router } = build.snapshot;
  assert.deepEqual([published.search, published.cloudFront?.search], [true, false]);
  assert.notDeepEqual(router.cloudFront, router.table);
  const aws = new FakeAws();
  await deployTo(aws, build);
  assert.equal(liveIdOf(aws.state), build.snapshot.id);
  const routed = aws.state.stages.LIVE.code.route('GET', '/api/v1/plugins?filter=plugin');
  assert.equal('status' in routed && routed.status, 400, 'docs/api.md, difference 3');
});
