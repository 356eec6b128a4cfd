import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../lib/digests.ts';
import {
  countOperations,
  deployTo,
  liveIdOf,
  makeBuilds,
  probeOf,
  startAws,
  targetOf,
} from '../fixture-publish.ts';
import type { Build } from '../read-build.ts';
import { manifestKey, routerKey } from '../records/object-keys.ts';
import { rollback } from '../rollback.ts';
import { OTHER_ROUTER } from './compare-router.ts';

const version = 'f'.repeat(16);

/** A bucket with two snapshots, of which the first is not live, and what changes its record. */
async function deployTwo(t: TestContext) {
  const [{ first, second }, aws] = [await makeBuilds(t), await startAws(t)];
  await deployTo(aws, first);
  await deployTo(aws, second);
  const target = targetOf(aws);
  const put = async (key: string, text: string) => {
    const body = Buffer.from(text);
    await target.bucket.put({ key, contentType: 'text/plain', sha256: digestOf(body) }, body);
  };
  const putRecord = async (router: unknown, code: string) => {
    const { id } = first.snapshot;
    await put(manifestKey(id), JSON.stringify({ ...first.snapshot, router }));
    await put(routerKey(id), code);
  };
  const said: string[] = [];
  const goBack = () =>
    rollback({ target, probe: probeOf(aws), say: (line) => void said.push(line) });
  return { first, second, aws, putRecord, goBack, said };
}

test('a router of this version is compared to the byte, and CloudFront is not asked', async (t) => {
  const { first, aws, goBack, said } = await deployTwo(t);
  const { TestFunction } = countOperations(aws);
  await goBack();
  assert.equal(countOperations(aws)['TestFunction'], TestFunction);
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
  assert.deepEqual(said, []);
});

test('a router of another version goes live again after CloudFront was asked, which is said', async (t) => {
  const { first, aws, putRecord, goBack, said } = await deployTwo(t);
  await putRecord({ ...first.snapshot.router, version }, `/* other */ ${first.router}`);
  await goBack();
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
  assert.deepEqual(said, [OTHER_ROUTER]);
});

// What is put into the record of a snapshot, what the refusal says.
const refused: readonly (readonly [string, (first: Build) => [unknown, string], RegExp])[] = [
  [
    'a router of another version that answers otherwise',
    ({ snapshot, router }) => [
      { ...snapshot.router, version },
      `${router.replace('function handler(', 'function right(')}
function handler(event) { event.request.uri = '/other.json'; return event.request; }`,
    ],
    /on CloudFront the new router fails \d+ of \d+ requests: nothing went live/,
  ],
  [
    'a router that does nothing',
    ({ snapshot }) => [snapshot.router, 'function handler(event) { return event.request; }'],
    /the router of snapshot [0-9a-f]{16} is not what its routing table makes/,
  ],
  [
    'a router with one character more',
    ({ snapshot, router }) => [snapshot.router, `${router} `],
    /is not what its routing table makes/,
  ],
  [
    'another routing table',
    ({ snapshot, router }) => [
      { ...snapshot.router, table: { ...snapshot.router.table, icons: 9 } },
      router,
    ],
    /is not what its routing table makes/,
  ],
  [
    'a routing table of another snapshot',
    ({ snapshot, router }) => [
      { ...snapshot.router, table: { ...snapshot.router.table, root: '/snapshots/ab/' } },
      router,
    ],
    /s3:\/\/marketplace\/manifests\/[0-9a-f]+\/snapshot\.json router\.table\.root: /,
  ],
  [
    'no routing table',
    ({ router }) => [undefined, router],
    /s3:\/\/\S+snapshot\.json has no routing table, an older version wrote it: build again/,
  ],
];

for (const [what, change, expected] of refused) {
  test(`a record with ${what} does not go live again`, async (t) => {
    const { first, second, aws, putRecord, goBack } = await deployTwo(t);
    await putRecord(...change(first));
    await assert.rejects(goBack(), expected);
    assert.equal(liveIdOf(aws.state), second.snapshot.id);
  });
}
