import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { FakeAws } from '../../../test/fakes/fake-aws.ts';
import { type Cleanup, makeFolder } from '../../../test/make-folder.ts';
import { buildPlainSite } from '../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { makePassword, parseUsers, userLine } from '../../hosts/users.ts';
import { CATALOGS, countOperations, deployTo, liveIdOf } from '../fixture-publish.ts';
import { readBuild } from '../read-build.ts';

const password = makePassword();
const userHashes = parseUsers(userLine('servers', password), 'users');
const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const right = header(`servers:${password}`);

async function makePrivate(t: Cleanup, more: { userHashes?: string } = { userHashes }) {
  const out = path.join(await makeFolder(t), 'dist');
  const { releases } = parseCatalog(JSON.stringify(CATALOGS.first), 'test.json');
  await buildPlainSite({ ...GENEROUS, hosts: ['cloudfront'], releases, out, ...more });
  return await readBuild(out);
}

test('the router of a build for users goes live when it lets one in, and nobody else', async (t) => {
  const aws = new FakeAws();
  const build = await makePrivate(t);
  const target = { ...aws.target(), authorization: right };
  const { router } = await deployTo(aws, build, { target });
  assert.ok((router?.requests ?? 0) > 20);
  assert.equal(liveIdOf(aws.state), build.snapshot.id);
});

// The header that a deploy knows, the error message.
const refused: readonly (readonly [string, RegExp])[] = [
  ['', /is for users only, so its router cannot be tried: put a user into .*; nothing went live/],
  [header('servers:wrong'), /fails \d\d of \d\d requests: nothing went live/],
];

for (const [authorization, message] of refused) {
  test(`it does not go live with ${authorization ? 'the password of nobody' : 'no password'}`, async (t) => {
    const aws = new FakeAws();
    const target = { ...aws.target(), authorization };
    await assert.rejects(deployTo(aws, await makePrivate(t), { target }), message);
    assert.equal(liveIdOf(aws.state), null);
    assert.equal(countOperations(aws)['PublishFunction'], undefined);
  });
}

test('a router that lets everybody in does not go live', async (t) => {
  const aws = new FakeAws();
  const build = await makePrivate(t);
  const router = `${build.router.replace('function handler(', 'function asked(')}
function handler(event) { event.request.headers.authorization = { value: '${right}' }; return asked(event); }`;
  const { snapshot } = build;
  const other = { ...snapshot, router: { ...snapshot.router, version: 'f'.repeat(16) } };
  const target = { ...aws.target(), authorization: right };
  await assert.rejects(
    deployTo(aws, { ...build, snapshot: other, router }, { target }),
    /fails 1 of \d+ requests: nothing went live\n {2}GET \/api\/v1\/plugins: .* expected .*401/,
  );
});

test('other users are another snapshot, and equal ones are not', async (t) => {
  const others = parseUsers(userLine('servers', password), 'users');
  const [first, again, other, open] = await Promise.all([
    makePrivate(t),
    makePrivate(t),
    makePrivate(t, { userHashes: others }),
    makePrivate(t, {}),
  ]);
  assert.equal(first?.snapshot.id, again?.snapshot.id);
  assert.notEqual(first?.snapshot.id, other?.snapshot.id);
  assert.notEqual(first?.snapshot.id, open?.snapshot.id);
});
