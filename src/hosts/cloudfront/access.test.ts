import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EdgeRequest, runInNode, runWithStore } from '../../../test/engines/edge-function.ts';
import { GENEROUS, readReleases } from '../../../test/sites/planned-site.ts';
import { planSite } from '../../site/plan/plan-site.ts';
import { makePassword, parseUsers, userLine } from '../users.ts';

const names = Array.from({ length: 12 }, (_, i) => `user${i}`);
const passwords = names.map(makePassword);
const lines = names.map((name, i) => userLine(name, passwords[i] as string));
const userHashes = parseUsers(lines.join('\n'), 'users');

const releases = readReleases(
  Array.from({ length: 400 }, (_, i) => ({
    manifest: { id: `plugin-${i}`, version: '1.0.0', name: `Plugin ${i}`, description: `${i}` },
  })),
);

const plan = async (more: object) =>
  (await planSite({ ...GENEROUS, releases, ...more })).cloudFront;

const asking = (user?: string): EdgeRequest => ({
  method: 'GET',
  path: '/api/v1/plugins',
  query: 'plugin_id=plugin-7&server_version=10.0.0',
  headers: user ? { authorization: `Basic ${Buffer.from(user).toString('base64')}` } : {},
});

const REQUESTS = [
  asking(),
  asking('user7:wrong'),
  asking(`user7:${passwords[8]}`),
  ...names.map((name, i) => asking(`${name}:${passwords[i]}`)),
];

test('a function that carries everything lets in each of its users', async () => {
  const few = releases.slice(0, 9);
  const made = await plan({ userHashes, releases: few });
  assert.ok(made && made.store === undefined);
  const results = runInNode(made.code, REQUESTS);
  assert.deepEqual(
    results.map((result) => ('path' in result ? 200 : result.statusCode)),
    [401, 401, 401, ...names.map(() => 200)],
  );
});

test('one that reads a store does, too, and reads nothing for others', async () => {
  const made = await plan({ userHashes, hosts: ['cloudfront'] });
  assert.ok(made?.store, 'its plugins are in a store');
  const values = made.store;
  const [stranger, ...others] = REQUESTS;
  assert.ok(stranger);
  const [refused] = await runWithStore(made.code, {}, [stranger]);
  assert.ok(refused && 'statusCode' in refused && refused.statusCode === 401);
  const results = await runWithStore(made.code, values as never, others);
  assert.deepEqual(
    results.map((result) => ('path' in result ? 200 : result.statusCode)),
    [401, 401, ...names.map(() => 200)],
  );
});

test('without users, a function has no code for them', async () => {
  const made = await plan({ releases: releases.slice(0, 9) });
  assert.doesNotMatch(made?.code ?? '', /authorization|crypto|or password/);
});

test('users that do not fit are a clear error', async () => {
  await assert.rejects(
    plan({ userHashes, routerBytes: 3000 }),
    /the CloudFront Function has \d+ bytes even with its plugins in a store, \d+ more than the 3000 allowed.*it is for users only, and 12 take 81 bytes/s,
  );
});
