import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { FakeAws, type FakeAwsOptions } from '../../../test/fakes/fake-aws.ts';
import { STORE } from '../../../test/fakes/fake-store.ts';
import { digestOf } from '../../lib/digests.ts';
import { planDeploy } from '../deploy.ts';
import {
  CATALOGS,
  countOperations,
  deployAll,
  deployTo,
  liveIdOf,
  makeBuild,
  makeBuilds,
  probeOf,
  putText,
  SiteWitness,
} from '../fixture-publish.ts';
import { prune } from '../prune.ts';
import { type Build, readBuild } from '../read-build.ts';
import { storeKey } from '../records/object-keys.ts';
import { rollback } from '../rollback.ts';
import { giveStore, makeStoreBuilds } from './fixture-store.ts';
import { idOfKey, STORE_FILE } from './store-keys.ts';

const HOUR_MS = 3_600_000;
const builds = await makeStoreBuilds({ after });
const plain = await makeBuilds({ after });
const { first, second, third } = builds;

const STORE_CALLS = ['DescribeKeyValueStore', 'ListKeys', 'UpdateKeys'];
const storeCallsOf = (aws: FakeAws) =>
  aws.requests.filter(({ operation }) => STORE_CALLS.includes(operation)).length;

/** The target without a store, as where no setting names one. */
function withoutStore(aws: FakeAws) {
  const { store: _, ...target } = aws.target();
  return target;
}

/** The keys that are stored, by snapshot. */
function countKeys(aws: FakeAws): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of aws.state.store.keys.keys()) {
    counts[idOfKey(key)] = (counts[idOfKey(key)] ?? 0) + 1;
  }
  return counts;
}

const sizeOf = ({ store }: Build) => store?.keys.size ?? 0;

/** Writes keys of another snapshot, as somebody else's deploy would. */
async function writeOthers(aws: FakeAws, count: number, value: string): Promise<void> {
  const { store } = aws.target('OTHER');
  for (let at = 0; at < count; at += 50) {
    const { etag } = await store.describe();
    const size = Math.min(50, count - at);
    const keys = Array.from({ length: size }, (_, i) => `${'e'.repeat(16)}/${at + i}`);
    await store.update(
      keys.map((key) => [key, value]),
      etag,
    );
  }
}

test('a deploy writes the keys, after the files and before the manifest, and the router finds them', async () => {
  const aws = new FakeAws();
  const { keys } = await deployTo(aws, first, { probe: probeOf(aws) });
  assert.ok(sizeOf(first) > 50, 'they take more than one request');
  assert.equal(keys?.changes.length, sizeOf(first));
  assert.deepEqual(countKeys(aws), { [first.snapshot.id]: sizeOf(first) });
  new SiteWitness([first]).check(aws.state, 'after a deploy');
  const order = aws.effects.map(({ operation, key }) =>
    operation === 'PutObject' ? key.replace(/^snapshots\/.*/, 'file') : operation,
  );
  const steps = [...new Set(order.map((step) => step.replace(first.snapshot.id, 'ID')))];
  assert.deepEqual(steps.slice(0, 7), [
    ...['file', 'manifests/ID/cloudfront-store.json', 'UpdateKeys'],
    ...['manifests/ID/cloudfront-function.js', 'manifests/ID/snapshot.json'],
    ...['UpdateFunction', 'PublishFunction'],
  ]);
  const calls = countOperations(aws);
  assert.deepEqual([calls['ListKeys'], calls['DescribeKeyValueStore']], [1, 2]);
});

test('a build without a store takes no call to one, also a rollback and a prune of it', async () => {
  const { aws, ids, target, now, wait } = await deployAll(plain);
  await rollback({ target, id: ids[1] });
  wait(48);
  const { removed } = await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  assert.ok(removed.length > 0);
  assert.equal(storeCallsOf(aws), 0);
  assert.equal(aws.state.stages.LIVE.storeArn, undefined);
});

test('a deploy that died while it wrote keys is resumed where it stopped', async () => {
  let updates = 0;
  const aws = new FakeAws({
    faults: ({ client, operation }) =>
      client === 'KILLED' && operation === 'UpdateKeys' && ++updates > 1
        ? { kind: 'die' }
        : undefined,
  });
  await assert.rejects(deployTo(aws, first, { target: aws.target('KILLED') }));
  assert.deepEqual(countKeys(aws), { [first.snapshot.id]: 50 });
  const { keys } = await deployTo(aws, first);
  assert.deepEqual([keys?.present, keys?.changes.length], [50, sizeOf(first) - 50]);
  new SiteWitness([first]).check(aws.state, 'after the second deploy');
});

test('a key with another value is written again', async () => {
  const aws = new FakeAws();
  const { store } = aws.target();
  const [key = ''] = first.store?.keys.keys() ?? [];
  await store.update([[key, 'other']], (await store.describe()).etag);
  const { keys } = await deployTo(aws, first);
  assert.equal(keys?.present, 0);
  new SiteWitness([first]).check(aws.state, 'after a deploy over a damaged key');
});

test('a key that the live snapshot lost is written again by the next deploy', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const { store } = aws.target();
  const [key = ''] = first.store?.keys.keys() ?? [];
  await store.update([[key, null]], (await store.describe()).etag);
  const { isLive, keys } = await deployTo(aws, first);
  assert.deepEqual([isLive, keys?.changes.length], [true, 1]);
  new SiteWitness([first]).check(aws.state, 'after a deploy of what is live');
});

test('a plan lists the keys that a deploy writes, and changes nothing', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const { state } = aws;
  const options = { target: aws.target(), build: second, concurrency: 4, isForced: false };
  const plan = await planDeploy(options);
  assert.equal(aws.state, state, 'no request had an effect');
  const { keys } = await deployTo(aws, second);
  assert.deepEqual(plan.keys, keys);
});

// How long keys take to be seen, whether the router goes live.
for (const [storeLagMs, isLive] of [
  [0, true],
  [9_999, true],
  [60_000, true],
  [3_600_000, false],
] as const) {
  test(`a router whose keys are seen ${storeLagMs} ms later ${isLive ? 'goes live then' : 'does not go live'}`, async () => {
    const aws = new FakeAws({ storeLagMs });
    await deployTo(aws, plain.first);
    const deployed = deployTo(aws, second);
    if (isLive) await deployed;
    else {
      await assert.rejects(deployed, {
        name: 'UserError',
        message:
          /the new router fails \d+ of \d+ requests: nothing went live; it does not see its keys in the KeyValueStore yet, so run it again\n.*GET .*KeyNotFound/,
      });
    }
    assert.equal(liveIdOf(aws.state), (isLive ? second : plain.first).snapshot.id);
    new SiteWitness([plain.first, second]).check(aws.state, 'at the end');
  });
}

test('a router that reads its keys too slowly does not go live', async () => {
  const aws = new FakeAws({ computeUtilization: 71 });
  await assert.rejects(deployTo(aws, first), /more than the 70 % that are safe/);
  assert.equal(liveIdOf(aws.state), null);
});

test('without the name of a store, a router that reads one is refused before anything is sent', async () => {
  const aws = new FakeAws();
  const { state } = aws;
  const target = withoutStore(aws);
  await assert.rejects(
    deployTo(aws, first, { target }),
    /the router of this snapshot reads a KeyValueStore, and none is named/,
  );
  assert.equal(aws.state, state);
  await deployTo(aws, first);
  const before = aws.effects.length;
  // Should the new router fail, the old one must be able to go live again.
  await assert.rejects(deployTo(aws, plain.second, { target }), /the live router reads a Key/);
  assert.equal(aws.effects.length, before);
  const there = await deployAll(builds);
  const back = rollback({ target: withoutStore(there.aws), id: there.ids[0] });
  await assert.rejects(back, /none is named: .*KeyValueStoreArn/);
  assert.equal(liveIdOf(there.aws.state), there.ids[2]);
  assert.ok(
    (await deployTo(aws, first, { target })).isLive,
    'of the live snapshot, nothing is done',
  );
});

test('a deploy that the store has no room for is refused before anything is sent', async () => {
  const aws = new FakeAws();
  await writeOthers(aws, 4930, 'x'.repeat(993));
  const { state } = aws;
  await assert.rejects(deployTo(aws, first), {
    name: 'UserError',
    message:
      /take \d+ bytes in the KeyValueStore, which has room for \d+: nothing was published; remove old snapshots with npm run prune -- --keep N\n.*snapshot e{16}: takes 4\d{6} bytes/,
  });
  assert.equal(aws.state, state);
});

test('a router with a store replaces one without, and the other way round, and each can go live again', async () => {
  const aws = new FakeAws();
  const witness = new SiteWitness([plain.first, second, plain.third]);
  await deployTo(aws, plain.first);
  await deployTo(aws, second);
  assert.equal(aws.state.stages.LIVE.storeArn, STORE);
  await deployTo(aws, plain.third);
  assert.equal(aws.state.stages.LIVE.storeArn, undefined);
  const target = aws.target();
  for (const { snapshot } of [second, plain.first, second]) {
    await rollback({ target, id: snapshot.id });
    assert.equal(liveIdOf(aws.state), snapshot.id);
    witness.check(aws.state, `after a rollback to ${snapshot.id}`);
  }
});

test('if the site answers wrongly, the router before goes live again, with its store', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const probe = probeOf(aws, {
    distort: (_, answer) =>
      liveIdOf(aws.state) === second.snapshot.id ? { ...answer, status: 500 } : answer,
  });
  await assert.rejects(deployTo(aws, plain.second, { probe }), /is live again/);
  assert.equal(aws.state.stages.LIVE.storeArn, STORE);
  new SiteWitness([first]).check(aws.state, 'after the way back');
});

test('a rollback to a snapshot whose keys are gone is refused, and a deploy repairs it', async () => {
  const { aws, ids, target } = await deployAll(builds);
  const [key = ''] = first.store?.keys.keys() ?? [];
  await target.store.update([[key, null]], (await target.store.describe()).etag);
  await assert.rejects(
    rollback({ target, id: ids[0] }),
    /is incomplete: 1 of its \d+ keys is missing in arn:.*; deploy it again\n.*: is missing/,
  );
  assert.equal(liveIdOf(aws.state), ids[2]);
  await deployTo(aws, first, { isForced: true });
  new SiteWitness([first]).check(aws.state, 'after the repair');
});

test('a rollback writes no key, and waits until those of a moment ago are seen', async () => {
  const aws = new FakeAws({ storeLagMs: 30_000 });
  await deployTo(aws, plain.first);
  const died = new FakeAws({
    state: aws.state,
    storeLagMs: 30_000,
    faults: ({ operation }) => (operation === 'UpdateFunction' ? { kind: 'die' } : undefined),
  });
  await assert.rejects(deployTo(died, second));
  const resumed = new FakeAws({ state: died.state });
  await rollback({ target: resumed.target(), id: second.snapshot.id });
  assert.equal(countOperations(resumed)['UpdateKeys'], undefined);
  new SiteWitness([second]).check(resumed.state, 'after the rollback');
});

// The change of the stored record of keys, the error message.
for (const [what, text, expected] of [
  ['is missing', undefined, /cloudfront-store\.json is missing: deploy [0-9a-f]{16} again/],
  ['is damaged', '{"format":1,"keys":{}}', /cloudfront-store\.json does not have the digest/],
] as const) {
  test(`a rollback is refused if the record of its keys ${what}`, async () => {
    const { aws, ids, target } = await deployAll(builds);
    if (text === undefined) await target.bucket.remove([storeKey(ids[0])]);
    else await putText(target, storeKey(ids[0]), text);
    await assert.rejects(rollback({ target, id: ids[0] }), expected);
    assert.equal(liveIdOf(aws.state), ids[2]);
  });
}

test('a prune removes the keys of the snapshots that it removes, and of no other', async () => {
  const { aws, ids, target, now, wait } = await deployAll(builds);
  await writeOthers(aws, 3, 'x');
  wait(48);
  await prune({ target, keep: 2, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(countKeys(aws), {
    [ids[1]]: sizeOf(second),
    [ids[2]]: sizeOf(third),
    ['e'.repeat(16)]: 3,
  });
  assert.equal(aws.state.objects.has(storeKey(ids[0])), false);
  assert.ok(aws.state.objects.has(storeKey(ids[1])));
});

test('at no moment of a prune is a snapshot listed whose keys are gone, or its keys left without a record', async () => {
  const { aws, target, now, wait } = await deployAll(builds);
  wait(48);
  const before = aws.effects.length;
  await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  const { length } = aws.effects;
  assert.ok(length > before + 4);
  for (const { operation, key, state } of aws.effects.slice(before)) {
    for (const { snapshot, store } of Object.values(builds)) {
      const left = [...(store?.keys.keys() ?? [])].filter((each) => state.store.keys.has(each));
      const when = `${snapshot.id} after ${operation} of ${key}`;
      const isListed = state.objects.has(`manifests/${snapshot.id}/snapshot.json`);
      if (isListed) assert.equal(left.length, store?.keys.size, when);
      if (left.length > 0) assert.ok(state.objects.has(storeKey(snapshot.id)), when);
    }
  }
});

test('a prune removes the keys that a dead deploy left', async () => {
  const { aws, now, wait } = await deployAll(plain);
  const died = new FakeAws({
    state: aws.state,
    now,
    faults: ({ operation, key }) =>
      operation === 'PutObject' && key.endsWith('function.js') ? { kind: 'die' } : undefined,
  });
  const other = await giveStore(await makeBuild({ after }, CATALOGS.first.slice(1)));
  await assert.rejects(deployTo(died, other, { isForced: true }));
  assert.equal(died.state.store.keys.size, sizeOf(other));
  wait(48);
  const next = new FakeAws({ state: died.state, now });
  const options = { keep: 9, edgeMs: HOUR_MS, now: now() };
  await assert.rejects(
    prune({ ...options, target: withoutStore(next) }),
    /has keys in a KeyValueStore, and none is named: nothing was removed; use --key-value-store/,
  );
  assert.deepEqual([...next.state.objects.keys()], [...died.state.objects.keys()]);
  const { leftovers } = await prune({ ...options, target: next.target() });
  assert.deepEqual(leftovers, [other.snapshot.id]);
  assert.equal(next.state.store.keys.size, 0);
});

// How often somebody else changes the store, whether the deploy succeeds.
for (const [changes, isLive] of [
  [3, true],
  [Number.POSITIVE_INFINITY, false],
] as const) {
  test(`a deploy ${isLive ? 'reads the store again after' : 'gives up after too many'} changes by others`, async () => {
    const faults: FakeAwsOptions['faults'] = ({ client, operation }) => {
      if (client === 'OTHER' || operation !== 'UpdateKeys' || others >= changes) return undefined;
      others++;
      return { kind: 'error', code: 'ConflictException' };
    };
    let others = 0;
    const aws = new FakeAws({ faults });
    const deployed = deployTo(aws, first);
    if (isLive) await deployed;
    else await assert.rejects(deployed, /others keep changing the keys in arn:.*run it again/);
    assert.equal(liveIdOf(aws.state), isLive ? first.snapshot.id : null);
  });
}

// What is wrong with the files of a build, the change, the error message.
const damages: readonly [string, (dir: string) => Promise<unknown>, RegExp][] = [
  [
    'has a changed file of keys',
    (dir) => writeFile(path.join(dir, STORE_FILE), '{"format":1,"keys":{}}'),
    /cloudfront-store\.json has \d+ bytes; snapshot\.json lists/,
  ],
  [
    'has keys and a router that reads none',
    (dir) => writeFile(path.join(dir, 'edge/cloudfront-function.js'), plain.first.router),
    /has edge\/cloudfront-store\.json or a router that reads it, not both: build again/,
  ],
];

for (const [what, damage, expected] of damages) {
  test(`a build that ${what} is refused`, async (t) => {
    const build = await giveStore(await makeBuild(t, CATALOGS.first));
    await damage(build.dir);
    await assert.rejects(readBuild(build.dir), { name: 'UserError', message: expected });
  });
}

test('the record of keys in the bucket is the file of the build', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const stored = aws.state.objects.get(storeKey(first.snapshot.id));
  assert.equal(stored?.sha256, digestOf(first.store?.content ?? ''));
});
