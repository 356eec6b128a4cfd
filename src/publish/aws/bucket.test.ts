import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Radosgw, skipWithoutRadosgw, startRadosgw } from '../../../test/engines/radosgw.ts';
import { BUCKET, FakeAws } from '../../../test/fakes/fake-aws.ts';
import { digestOf } from '../../lib/digests.ts';
import { servedFiles, signedFile } from '../../snapshot/parse-snapshot.ts';
import { deploy } from '../deploy.ts';
import { makeBuilds } from '../fixture-publish.ts';
import { listSnapshots } from '../list-snapshots.ts';
import { askRouter, expectAnswer } from '../probe/expect-answer.ts';
import { viewerRequests } from '../probe/viewer-requests.ts';
import { prune } from '../prune.ts';
import type { Build } from '../read-build.ts';
import { rollback } from '../rollback.ts';
import { put, RULES } from './fixture-rules.ts';
import { S3Bucket } from './s3-bucket.ts';
import { type Bucket, newObject } from './target.ts';

for (const [rule, check] of Object.entries(RULES)) {
  test(`in a fake bucket ${rule}`, () => check(new FakeAws({ pageSize: 7 }).target().bucket));
}

describe('On a real S3 server', { skip: skipWithoutRadosgw }, () => {
  let radosgw: Radosgw;
  let s3: S3Client;
  let bucket: Bucket;

  before(async () => {
    radosgw = await startRadosgw();
    s3 = new S3Client({ ...radosgw, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    bucket = new S3Bucket(s3, BUCKET);
  });
  after(() => radosgw?.stop());

  for (const [rule, check] of Object.entries(RULES)) test(rule, () => check(bucket));

  test('objects have their content type, and viewers keep them for a minute; no s-maxage binds shared caches', async () => {
    await put(bucket, 'headers', '[]');
    await bucket.copy('headers', newObject('copied', 'text/html', Buffer.from('[]')));
    for (const [Key, type] of Object.entries({ headers: 'text/plain', copied: 'text/html' })) {
      const stored = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      assert.deepEqual([stored.ContentType, stored.CacheControl], [type, 'max-age=60']);
    }
    await bucket.remove(['headers', 'copied']);
  });

  test('a site is deployed, deployed again, rolled back and pruned', async (t) => {
    const { first, second } = await makeBuilds(t);
    const target = { ...new FakeAws().target(), bucket };
    const options = { target, concurrency: 8, isForced: false };
    let asked = 0;
    const assertServed = async ({ snapshot }: Build) => {
      for (const outcome of askRouter(snapshot, viewerRequests(snapshot))) {
        asked++;
        if (!('path' in outcome)) continue;
        const stored = await bucket.get(outcome.path.slice(1));
        assert.equal(stored && digestOf(stored.body), expectAnswer(outcome, snapshot).sha256);
      }
    };

    await deploy({ ...options, build: first });
    await assertServed(first);
    const { upload } = await deploy({ ...options, build: second });
    assert.ok(upload.transfers.some(({ from }) => from !== undefined));
    await assertServed(second);
    await assertServed(first);
    const listed = await bucket.list(`snapshots/${second.snapshot.id}/`);
    assert.deepEqual(
      listed.map(({ key, sizeBytes }) => [key, sizeBytes]).sort(),
      [
        ...servedFiles(second.snapshot).map(({ path, size }) => [path, size]),
        [signedFile(second.snapshot.id), '{"signed":null}\n'.length],
      ].sort(),
    );

    const ids = [first.snapshot.id, second.snapshot.id];
    assert.equal((await rollback({ target })).id, ids[0]);
    const snapshots = await listSnapshots(target);
    assert.deepEqual(
      snapshots.map(({ id, isLive }) => [id, isLive]),
      ids.map((id, i) => [id, i === 0]),
    );
    const now = new Date(Date.now() + 48 * 3_600_000);
    const { removed } = await prune({ target, keep: 1, edgeMs: 3_600_000, now });
    assert.deepEqual(removed, [ids[1]]);
    assert.deepEqual(await bucket.list(`snapshots/${ids[1]}/`), []);
    await assertServed(first);
    t.diagnostic(`${asked} requests compared`);
  });
});

/** A bucket whose client gives these answers to its commands, and keeps the input of each. */
function recording(...answers: readonly (() => unknown)[]) {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    const answer = answers[Math.min(inputs.length, answers.length - 1)];
    inputs.push(input);
    return answer?.();
  };
  return { inputs, bucket: new S3Bucket({ send } as unknown as S3Client, BUCKET) };
}

test('an upload names its digest, for the server to check, and its ETag without quotes', async () => {
  const { inputs, bucket } = recording(() => ({}));
  await put(bucket, 'a', 'x', '"tag"');
  const { ChecksumSHA256, IfMatch } = inputs[0] ?? {};
  assert.deepEqual(
    [ChecksumSHA256, IfMatch],
    ['LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=', 'tag'],
  );
});

test('a copy with another digest than expected is reported', async () => {
  const object = newObject('b', 'text/plain', Buffer.from('x'));
  for (const [text, isRight] of [
    ['x', true],
    ['y', false],
  ] as const) {
    const ChecksumSHA256 = Buffer.from(digestOf(text), 'hex').toString('base64');
    const { bucket } = recording(() => ({ CopyObjectResult: { ChecksumSHA256 } }));
    assert.equal(await bucket.copy('a', object), isRight);
  }
});

test('objects that the server refuses to remove are named', async () => {
  const Errors = [{ Key: 'a', Code: 'AccessDenied', Message: 'no' }];
  const { bucket } = recording(() => ({ Errors }));
  await assert.rejects(bucket.remove(['a', 'b']), {
    name: 'UserError',
    message: /1 objects? could not be removed\n {2}s3:\/\/marketplace\/a: AccessDenied: no/,
  });
});

const cut = () => ({
  Body: Readable.from(
    (function* () {
      yield Buffer.from('ha');
      throw new Error('cut');
    })(),
  ),
});

test('an object is requested again if its answer breaks off, up to four times', async () => {
  const whole = () => ({ Body: Readable.from([Buffer.from('half')]) });
  const { bucket } = recording(cut, cut, cut, whole);
  assert.equal((await bucket.get('a'))?.body.toString(), 'half');
  const never = recording(cut);
  await assert.rejects(never.bucket.get('a'), /cut/);
  assert.equal(never.inputs.length, 4);
});

test('nothing is read of an object that is too large', async () => {
  const Body = {
    [Symbol.asyncIterator]: () => assert.fail('it is read'),
    destroy: () => {},
  };
  const { bucket } = recording(() => ({ ContentLength: 2 ** 29, Body }));
  await assert.rejects(bucket.get('a'), /s3:\/\/marketplace\/a has more than 268435456 bytes/);
});

// The sizes of the chunks, the most bytes that may be read, how many chunks are read, whether it succeeds.
const chunked: readonly [string, number[], number, number, boolean][] = [
  ['one byte too many', [600, 401, 1], 1000, 2, false],
  ['no end', Array(1000).fill(600), 1000, 2, false],
  ['one chunk too large', [1001], 1000, 1, false],
  ['exactly as many bytes', [600, 400], 1000, 2, true],
  ['no bytes', [], 0, 0, true],
];

for (const [what, sizes, most, read, succeeds] of chunked) {
  test(`an object of unknown length is read up to its limit: ${what}`, async () => {
    let given = 0;
    const body = function* () {
      for (const size of sizes) {
        given++;
        yield Buffer.alloc(size);
      }
    };
    const { bucket } = recording(() => ({ Body: Readable.from(body(), { highWaterMark: 1 }) }));
    const got = bucket.get('a', most);
    if (succeeds)
      assert.equal(
        (await got)?.body.length,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    else await assert.rejects(got, /s3:\/\/marketplace\/a has more than 1000 bytes/);
    assert.ok(given <= read + 1, `${given} chunks were read`);
  });
}
