import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { S3Client } from '@aws-sdk/client-s3';
import { digestOf } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import type { Snapshot } from '../site/write/snapshot.ts';
import { Bucket } from './aws/bucket.ts';
import {
  BUCKET,
  deployTo,
  liveIdOf,
  makeBuilds,
  SiteWitness,
  startAws,
  targetOf,
} from './fixture-publish.ts';
import { listSnapshots } from './list-snapshots.ts';
import { servedFiles } from './plan-upload.ts';
import { planPrune, prune } from './prune.ts';
import { rollback } from './rollback.ts';

const HOUR_MS = 3_600_000;

/** A server whose clock stands still, with all three snapshots, the third one live; two hours between two deploys. */
async function deployAll(t: Parameters<typeof makeBuilds>[0]) {
  const builds = await makeBuilds(t);
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = await startAws(t, { now: () => now });
  const wait = (hours: number) => {
    now = new Date(now.getTime() + hours * HOUR_MS);
  };
  for (const build of [builds.first, builds.second, builds.third]) {
    await deployTo(aws, build);
    wait(2);
  }
  const ids = [builds.first, builds.second, builds.third].map(({ snapshot }) => snapshot.id);
  return { builds, aws, ids, wait, target: targetOf(aws), now: () => now };
}

test('snapshots are listed with what is live, since when, how large they are and what changed', async (t) => {
  const { aws, ids, target } = await deployAll(t);
  const snapshots = await listSnapshots(target);
  const [first, second, third] = ids;
  assert.deepEqual(
    snapshots.map(({ id, isLive }) => [id, isLive]),
    [
      [third, true],
      [second, false],
      [first, false],
    ],
  );
  assert.deepEqual(
    snapshots.map(({ change }) => change?.releasesAdded),
    [['jira 1.2.0'], ['jira 1.1.0'], undefined],
  );
  assert.deepEqual(
    snapshots.map(({ liveAt, retiredAt }) => [liveAt, retiredAt].map((at) => at?.toISOString())),
    [
      ['2026-01-01T04:00:00.000Z', undefined],
      ['2026-01-01T02:00:00.000Z', '2026-01-01T04:00:00.000Z'],
      ['2026-01-01T00:00:00.000Z', '2026-01-01T02:00:00.000Z'],
    ],
  );
  const served = (aws.state.buckets.get(BUCKET)?.keys() ?? []).filter((key) =>
    key.startsWith(`snapshots/${third}/`),
  );
  assert.equal(snapshots[0]?.files, served.length);
  assert.deepEqual([snapshots[0]?.plugins, snapshots[0]?.releases], [4, 7]);
});

// How many to keep, hours after the third went live, the numbers of the snapshots that are removed.
const cases: readonly [number, number, readonly number[]][] = [
  [1, 48, [2, 1]],
  [2, 48, [1]],
  [3, 48, []],
  [1, 0.5, [1]],
  // Just as long as an edge may use it, it may not any more.
  [1, 1, [2, 1]],
];

for (const [keep, hours, expected] of cases) {
  test(`a prune that keeps ${keep}, ${hours} hours after the last deploy, removes ${expected.length}: never the live one, nor one the edges may still use`, async (t) => {
    const { builds, aws, ids, target } = await deployAll(t);
    const now = new Date(Date.parse('2026-01-01T04:00:00Z') + hours * HOUR_MS);
    const options = { target, keep, edgeMs: HOUR_MS, now };
    const removed = expected.map((number) => ids[number - 1]);
    const { state } = aws;
    assert.deepEqual((await planPrune(options)).removed, removed);
    assert.equal(aws.state, state, 'a plan changes nothing');
    assert.deepEqual((await prune(options)).removed, removed);
    const keys = aws.state.buckets.get(BUCKET)?.keys() ?? [];
    for (const [i, id] of ids.entries()) {
      const isLeft = keys.some((key) => key.includes(`/${id}/`));
      assert.equal(isLeft, !expected.includes(i + 1), `snapshot ${i + 1}`);
    }
    new SiteWitness([builds.third]).check(aws.state, 'after a prune');
    const rest = await listSnapshots(target);
    assert.equal(rest.length, ids.length - expected.length);
  });
}

test('a snapshot counts as used when it was last live, and a rollback makes it live', async (t) => {
  const { aws, ids, target, wait, now } = await deployAll(t);
  assert.deepEqual(await rollback({ target, id: ids[0] ?? '' }), {
    id: ids[0],
    fromId: ids[2],
    probes: 0,
  });
  wait(2);
  assert.equal((await rollback({ target })).id, ids[2], 'back to where it came from');
  wait(48);
  const { removed } = await prune({ target, keep: 2, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1]]);
  assert.equal(liveIdOf(aws.state), ids[2]);
});

test('what was uploaded to go live and did not is kept', async (t) => {
  const { builds, ids, target, now, wait } = await deployAll(t);
  const development = await target.edge.read('DEVELOPMENT');
  await target.edge.update(builds.first.router, development?.etag ?? '', 'claimed');
  wait(48);
  const { removed } = await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1]], 'a deploy of the first may be about to publish');
});

test('at no moment of a prune is a snapshot offered that is not whole', async (t) => {
  const { builds, aws, ids, target, now, wait } = await deployAll(t);
  wait(48);
  const before = aws.effects.length;
  const { removed } = await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1], ids[0]]);
  for (const { kind, key, state } of aws.effects.slice(before)) {
    const objects = state.buckets.get(BUCKET);
    for (const { snapshot } of Object.values(builds)) {
      if (!objects?.has(`manifests/${snapshot.id}/snapshot.json`)) continue;
      const isWhole = servedFiles(snapshot).every(({ path }) => objects.has(path));
      assert.ok(isWhole, `${snapshot.id} is offered after ${kind} of ${key}`);
    }
  }
});

test('parts of a snapshot that a dead deploy left are removed after a day', async (t) => {
  const { aws, target, now, wait } = await deployAll(t);
  const id = '0123456789abcdef';
  const body = Buffer.from('[]');
  const key = `snapshots/${id}/api/a.json`;
  await target.bucket.put({ key, contentType: 'application/json', sha256: digestOf(body) }, body);
  const options = { target, keep: 9, edgeMs: HOUR_MS };
  wait(23);
  assert.deepEqual((await prune({ ...options, now: now() })).leftovers, []);
  wait(2);
  assert.deepEqual((await prune({ ...options, now: now() })).leftovers, [id]);
  assert.equal(aws.state.buckets.get(BUCKET)?.has(key), false);
});

test('parts of a snapshot of which one has just come are kept: a deploy goes on with it', async (t) => {
  const { target, now, wait } = await deployAll(t);
  const body = Buffer.from('[]');
  const put = (name: string) => {
    const key = `snapshots/0123456789abcdef/api/${name}.json`;
    const object = { key, contentType: 'application/json', sha256: digestOf(body) };
    return target.bucket.put(object, body);
  };
  await put('a');
  wait(30);
  await put('b');
  const options = { target, keep: 9, edgeMs: HOUR_MS, now: now() };
  assert.deepEqual((await planPrune(options)).leftovers, []);
});

// What is asked for, what is said.
const refusals: readonly [string, string | undefined, RegExp][] = [
  [
    'a snapshot that is not there',
    '0123456789abcdef',
    /there is no snapshot 0123456789abcdef in s3/,
  ],
  ['the one before, where none was live', undefined, /no other snapshot was ever live/],
];

for (const [what, id, expected] of refusals) {
  test(`a rollback to ${what} is refused`, async (t) => {
    const { first } = await makeBuilds(t);
    const aws = await startAws(t);
    await deployTo(aws, first);
    const { state } = aws;
    const target = targetOf(aws);
    await assert.rejects(rollback({ target, ...(id === undefined ? {} : { id }) }), expected);
    assert.equal(aws.state, state);
  });
}

test('a rollback to a snapshot that lost a file is refused', async (t) => {
  const { aws, builds, ids, target } = await deployAll(t);
  const key = `snapshots/${ids[0]}/api/labels.json`;
  await target.bucket.remove([key], async () => true);
  await assert.rejects(
    rollback({ target, id: ids[0] ?? '' }),
    /is not whole, 1 of its \d+ files are missing in s3:\/\/marketplace: deploy it again\n.*labels\.json: is missing/,
  );
  assert.equal(liveIdOf(aws.state), ids[2]);
  await deployTo(aws, builds.first, { isForced: true });
  assert.equal(liveIdOf(aws.state), ids[0], 'a deploy mends it');
});

test('a rollback to a snapshot with a file of another size is refused', async (t) => {
  const { aws, ids, target } = await deployAll(t);
  const key = `snapshots/${ids[0]}/api/labels.json`;
  const cut = Buffer.from('[');
  const object = { key, contentType: 'application/json', sha256: digestOf(cut) };
  await target.bucket.put(object, cut);
  await assert.rejects(
    rollback({ target, id: ids[0] ?? '' }),
    /is not whole, 1 of its \d+ files are missing/,
  );
  assert.equal(liveIdOf(aws.state), ids[2]);
});

test('a deploy of a snapshot that is being removed is refused before anything is sent', async (t) => {
  const { aws, builds, ids, target } = await deployAll(t);
  const body = Buffer.from(JSON.stringify({ removing: [ids[0]], at: '2026-01-01T05:00:00.000Z' }));
  await target.bucket.put(
    { key: 'prune.json', contentType: 'application/json', sha256: digestOf(body) },
    body,
  );
  await target.bucket.remove([`snapshots/${ids[0]}/api/labels.json`], async () => true);
  const { state } = aws;
  await assert.rejects(
    deployTo(aws, builds.first),
    /is being removed by a prune that began at 2026-01-01T05:00:00\.000Z/,
  );
  assert.equal(aws.state, state, 'whatever were sent would be removed, or be left for ever');
});

// What S3 answers where two conditional requests meet, or one comes after the other.
for (const code of ['ConditionalRequestConflict', 'PreconditionFailed'] as const) {
  test(`a prune whose record is answered ${code} was overtaken by another one`, async (t) => {
    const builds = await makeBuilds(t);
    const aws = await startAws(t, {
      now: () => new Date('2026-01-01T00:00:00Z'),
      faults: ({ operation, key }) =>
        operation === 'PutObject' && key === 'prune.json' ? { kind: 'error', code } : undefined,
    });
    await deployTo(aws, builds.first);
    await deployTo(aws, builds.second);
    const options = { target: targetOf(aws), keep: 1, edgeMs: HOUR_MS };
    await assert.rejects(
      prune({ ...options, now: new Date('2026-01-03T00:00:00Z') }),
      /another prune began meanwhile/,
    );
    new SiteWitness([builds.second]).check(aws.state, 'after a prune that stopped');
    assert.equal((await listSnapshots(options.target)).length, 2, 'and removed nothing');
  });
}

test('a prune that another one overtakes while it removes stops before the next request', async (t) => {
  const { ids, target, now, wait } = await deployAll(t);
  wait(48);
  const { bucket } = target;
  const record = Buffer.from(JSON.stringify({ removing: [ids[0]], at: now().toISOString() }));
  const remove = bucket.remove.bind(bucket);
  bucket.remove = async (keys, mayGoOn) => {
    const object = { key: 'prune.json', contentType: 'application/json', sha256: digestOf(record) };
    await bucket.put(object, record);
    return await remove(keys, mayGoOn);
  };
  const pruning = prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  await assert.rejects(pruning, /another prune began meanwhile and goes on with it/);
  assert.equal((await listSnapshots(target)).length, 3, 'it removed nothing');
  assert.deepEqual((await bucket.get('prune.json'))?.body, record, 'the record is the other one');
});

const OTHER = '0123456789abcdef';
const AT = '2026-01-01T05:00:00.000Z';

// What stands in prune.json, what is said of it.
const records: readonly (readonly [string, RegExp])[] = [
  ['{}', /removing: .*expected array/],
  ['', /is empty/],
  ['null', /expected object/],
  [`{"removing": [], "at": "soon"}`, /:1:\d+ at: "soon" is no date and time/],
  [`{"removing": [], "at": "${AT}", "at": "${AT}"}`, /:1:\d+ at: appears twice/],
  ...['', '.', '..', '../manifests', `${OTHER}/api`, OTHER.toUpperCase(), '__proto__', '*'].map(
    (id) =>
      [
        JSON.stringify({ removing: [OTHER, id], at: AT }),
        /:1:\d+ removing\[1\]: ".*" is not the id of a snapshot/,
      ] as const,
  ),
];

test('a prune record that no prune wrote is told with its place, and nothing is done for it', async (t) => {
  const { aws, builds, ids, target, now } = await deployAll(t);
  for (const [text, expected] of records) {
    const body = Buffer.from(text);
    const object = { key: 'prune.json', contentType: 'application/json', sha256: digestOf(body) };
    await target.bucket.put(object, body);
    const { state } = aws;
    const options = { target, keep: 1, edgeMs: HOUR_MS, now: now() };
    for (const attempt of [() => prune(options), () => deployTo(aws, builds.first)]) {
      await assert.rejects(attempt, (error) => {
        assert.match(String(error), /s3:\/\/marketplace\/prune\.json is not what a prune wrote/);
        assert.match(String(error), expected);
        return true;
      });
    }
    assert.equal(aws.state, state, text);
  }
  assert.equal(liveIdOf(aws.state), ids[2]);
});

test('what no deploy has put below snapshots/ is left alone', async (t) => {
  const { aws, target, now, wait } = await deployAll(t);
  const body = Buffer.from('[]');
  const keys = ['notes/a.json', '__proto__/a', '../a', `${OTHER}x/a`, 'a.json', '/a'].map(
    (name) => `snapshots/${name}`,
  );
  for (const key of keys) {
    await target.bucket.put({ key, contentType: 'application/json', sha256: digestOf(body) }, body);
  }
  wait(48);
  const { leftovers } = await prune({ target, keep: 9, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(leftovers, []);
  for (const key of keys) assert.ok(aws.state.buckets.get(BUCKET)?.has(key), key);
});

// What becomes of a stored manifest, what is said of it.
const manifests: readonly (readonly [string, (manifest: Snapshot) => unknown, RegExp])[] = [
  [
    'of another snapshot',
    (it) => JSON.parse(JSON.stringify(it).replaceAll(it.id, OTHER)),
    /id: "0123456789abcdef" is not/,
  ],
  ['without a catalog', ({ catalog: _, ...it }) => it, /catalog: nothing invalid input/],
  [
    'with versions that are none',
    (it) => ({ ...it, catalog: { ...it.catalog, versions: { jira: 1 } } }),
    /catalog\.versions\.jira: 1 is not a list of versions/,
  ],
  [
    'with a prototype for versions',
    (it) => ({
      ...it,
      catalog: { ...it.catalog, versions: JSON.parse('{"__proto__": {"map": 1}}') },
    }),
    /catalog\.versions\.__proto__: \{"map":1\} is not a list of versions/,
  ],
  [
    'with a list for versions',
    (it) => ({ ...it, catalog: { ...it.catalog, versions: [] } }),
    /catalog\.versions: \[\] is not an object/,
  ],
  ['that is a list', () => [], /is not an object/],
  [
    'with a path that leads out of the snapshot',
    (it) => ({ ...it, files: [{ ...it.files[0], path: `snapshots/${it.id}/../x` }] }),
    /files\[0\]\.path: ".*" is not a path inside/,
  ],
];

for (const [what, change, expected] of manifests) {
  test(`a manifest ${what} in the bucket is told with its key and place`, async (t) => {
    const { aws, ids, target } = await deployAll(t);
    const id = ids[0] ?? '';
    const key = `manifests/${id}/snapshot.json`;
    const manifest = JSON.parse((await target.bucket.get(key))?.body.toString() ?? '') as Snapshot;
    const body = Buffer.from(JSON.stringify(change(manifest)));
    await target.bucket.put({ key, contentType: 'application/json', sha256: digestOf(body) }, body);
    for (const attempt of [() => rollback({ target, id }), () => listSnapshots(target)]) {
      await assert.rejects(attempt, (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.ok(error.message.includes(`s3://marketplace/${key}`), error.message);
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.equal(liveIdOf(aws.state), ids[2]);
  });
}

test('an object that is larger than anything that is published is not read', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  const { bucket } = targetOf(aws);
  await deployTo(aws, first);
  const send = async () => ({
    ContentLength: 2 ** 29,
    Body: { [Symbol.asyncIterator]: () => assert.fail('it is read'), destroy: () => {} },
  });
  const large = new Bucket({ send } as unknown as S3Client, bucket.name);
  for (const key of ['prune.json', `manifests/${OTHER}/snapshot.json`, 'x']) {
    await assert.rejects(
      large.get(key),
      new RegExp(`s3://marketplace/${key} has more than 268435456 `),
    );
  }
});

// How the pieces come, the most bytes that are read, how many pieces are asked for, whether it is read.
const pieces: readonly [string, number[], number, number, boolean][] = [
  ['a byte more', [600, 401, 1], 1000, 2, false],
  ['without end', Array(1000).fill(600), 1000, 2, false],
  ['one piece too large', [1001], 1000, 1, false],
  ['exactly as many', [600, 400], 1000, 2, true],
  ['none', [], 0, 0, true],
];

for (const [what, sizes, most, asked, isRead] of pieces) {
  test(`an object of unknown length is read up to its bound: ${what}`, async () => {
    let given = 0;
    const body = function* () {
      for (const size of sizes) {
        given++;
        yield Buffer.alloc(size);
      }
    };
    const send = async () => ({ Body: Readable.from(body(), { highWaterMark: 1 }) });
    const bucket = new Bucket({ send } as unknown as S3Client, 'marketplace');
    const got = bucket.get('prune.json', most);
    if (isRead)
      assert.equal(
        (await got)?.body.length,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    else await assert.rejects(got, /s3:\/\/marketplace\/prune\.json has more than 1000 bytes/);
    assert.ok(given <= asked + 1, `${given} pieces are asked for`);
  });
}

test('each record of the bucket has a bound of its own', async (t) => {
  const { ids, target } = await deployAll(t);
  const large = Buffer.alloc(2 ** 20 + 1, ' ');
  const id = ids[0] ?? '';
  const keys = [`manifests/${id}/cloudfront-function.js`, 'prune.json'];
  for (const key of keys) {
    const object = { key, contentType: 'application/json', sha256: digestOf(large) };
    await target.bucket.put(object, large);
    await assert.rejects(
      rollback({ target, id }),
      new RegExp(`${key} has more than 1048576 bytes`),
    );
  }
});
