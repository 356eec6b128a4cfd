import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../lib/errors.ts';
import { viewerRequests } from '../aws/viewer-requests.ts';
import {
  CATALOGS,
  countOperations,
  deployTo,
  liveIdOf,
  makeBuild,
  startAws,
} from '../fixture-publish.ts';
import type { Build } from '../read-build.ts';

/** A build of another version, whose router does something else at first. */
function withRouterThere({ snapshot, ...build }: Build, there: string): Build {
  const router = `${build.router.replace('function handler(', 'function right(')}
function handler(event) { ${there} return right(event); }`;
  const other = { ...snapshot.router, version: 'f'.repeat(16) };
  return { ...build, snapshot: { ...snapshot, router: other }, router };
}

// What goes wrong on CloudFront, the code there, what the refusal says.
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
  test(`a router that ${what} on CloudFront does not go live`, async (t) => {
    const build = await makeBuild(t, CATALOGS.first);
    const aws = await startAws(t);
    await assert.rejects(deployTo(aws, withRouterThere(build, there)), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      return true;
    });
    assert.equal(liveIdOf(aws.state), null);
    assert.equal(countOperations(aws)['PublishFunction'], undefined);
  });
}

// What CloudFront says it took, whether that is too much.
for (const [computeUtilization, isRefused] of [
  ['70', false],
  ['71', true],
  ['', true],
] as const) {
  test(`a router that takes ${computeUtilization || 'nobody knows how much'} % of the time allowed ${isRefused ? 'does not go' : 'goes'} live`, async (t) => {
    const build = await makeBuild(t, CATALOGS.first);
    const aws = await startAws(t, { computeUtilization });
    const deployed = deployTo(aws, build);
    if (isRefused) await assert.rejects(deployed, /more than the 70 % that are safe/);
    else assert.equal((await deployed).router?.computeUtilization, 70);
    assert.equal(liveIdOf(aws.state), isRefused ? null : build.snapshot.id);
  });
}

test('the requests cover every route, every refusal, every platform and the steps', async (t) => {
  const { snapshot } = await makeBuild(t, CATALOGS.third);
  const requests = viewerRequests(snapshot);
  const targets = requests.map(({ target }) => target);
  const pages = ['/', '/about/', '/feed.xml', '/openapi.json', '/site.css', '/site.js'];
  const api = ['/api/v1/plugins', '/api/v1/labels', '/api/v1/health'];
  for (const route of [...pages, ...api, '/no/such/page']) {
    assert.ok(targets.includes(route), route);
  }
  const ofPlugins = targets.filter((target) => target.startsWith('/plugins/'));
  assert.equal(ofPlugins.length, 2, 'one that there is, and one that there is not');
  for (const value of [...snapshot.published.platforms, ...snapshot.published.steps]) {
    assert.ok(
      targets.some((target) => target.includes(`=${value}&`) || target.endsWith(value)),
      value,
    );
  }
  assert.ok(requests.some(({ method }) => method === 'HEAD'));
  assert.ok(requests.some(({ method }) => method === 'POST'));
  assert.ok(requests.length < 60, `each of the ${requests.length} is a call of CloudFront's API`);
});
