import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startFakeAws } from '../../test/aws/start-fake-aws.ts';
import { type Radosgw, skipWithoutRadosgw, startRadosgw } from '../../test/engines/radosgw.ts';
import { digestOf } from '../lib/digests.ts';
import { Bucket } from './aws/bucket.ts';
import { EdgeFunction } from './aws/edge-function.ts';
import { viewerRequests } from './aws/viewer-requests.ts';
import { deploy } from './deploy.ts';
import { BUCKET, DISTRIBUTION, FUNCTION, makeBuilds } from './fixture-publish.ts';
import { listSnapshots } from './list-snapshots.ts';
import { servedFiles } from './plan-upload.ts';
import { askRouter, expectAnswer } from './probe/expect-answer.ts';
import { prune } from './prune.ts';
import type { Build } from './read-build.ts';
import { readPruneRecord, writePruneRecord } from './records/prune-record.ts';
import { rollback } from './rollback.ts';

describe('against a real S3 server', { skip: skipWithoutRadosgw }, () => {
  let radosgw: Radosgw;
  let bucket: Bucket;

  before(async () => {
    radosgw = await startRadosgw();
    const { url, region, credentials } = radosgw;
    const s3 = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    bucket = new Bucket(s3, BUCKET);
  });
  after(() => radosgw?.stop());

  /** Checks what the bucket holds for everything that stands for all requests. */
  async function assertServed({ snapshot }: Build): Promise<number> {
    const requests = askRouter(snapshot, viewerRequests(snapshot));
    for (const outcome of requests) {
      if (!('path' in outcome)) continue;
      const stored = await bucket.get(outcome.path.slice(1));
      assert.equal(stored && digestOf(stored.body), expectAnswer(outcome, snapshot).sha256);
    }
    return requests.length;
  }

  test('a site is deployed, deployed again, rolled back and pruned', async (t) => {
    const { first, second } = await makeBuilds(t);
    const aws = await startFakeAws({
      bucket: BUCKET,
      function: FUNCTION,
      distribution: DISTRIBUTION,
    });
    t.after(() => aws.close());
    const { url: endpoint, region, credentials } = aws;
    const edge = new EdgeFunction(
      new CloudFrontClient({ endpoint, region, credentials }),
      FUNCTION,
    );
    const target = { bucket, edge };
    const options = { target, concurrency: 8, isForced: false };

    await deploy({ ...options, build: first });
    let asked = await assertServed(first);
    const { upload } = await deploy({ ...options, build: second });
    assert.ok(
      upload.transfers.some(({ from }) => from !== undefined),
      'something was copied',
    );
    asked += await assertServed(second);
    asked += await assertServed(first);
    const listed = await bucket.list(`snapshots/${second.snapshot.id}/`);
    assert.deepEqual(
      listed.map(({ key, sizeBytes }) => [key, sizeBytes]).sort(),
      servedFiles(second.snapshot)
        .map(({ path, size }) => [path, size])
        .sort(),
    );

    assert.equal((await rollback({ target })).id, first.snapshot.id);
    assert.deepEqual(
      (await listSnapshots(target)).map(({ id, isLive }) => [id, isLive]),
      [
        [first.snapshot.id, true],
        [second.snapshot.id, false],
      ],
    );
    const now = new Date(Date.now() + 48 * 3_600_000);
    const { removed } = await prune({ target, keep: 1, edgeMs: 3_600_000, now });
    assert.deepEqual(removed, [second.snapshot.id]);
    assert.deepEqual(await bucket.list(`snapshots/${second.snapshot.id}/`), []);
    asked += await assertServed(first);
    t.diagnostic(`${asked} requests looked up, none of them wrong`);
  });

  test('of two who write down at once what they remove, one wins', async () => {
    const begin = await readPruneRecord(bucket);
    const at = new Date();
    const records = await Promise.all(
      ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'].map((id) =>
        writePruneRecord(bucket, begin, [id], at),
      ),
    );
    const winners = records.filter((record) => record !== null);
    assert.equal(winners.length, 1);
    const { removing } = await readPruneRecord(bucket);
    assert.deepEqual(removing, winners[0]?.removing);
  });

  test('more than a thousand objects are listed in pages and removed', async () => {
    const body = Buffer.from('[]');
    const sha256 = digestOf(body);
    const keys = Array.from({ length: 1203 }, (_, i) => `many/(${i})!a.json`);
    const contentType = 'application/json';
    for (let at = 0; at < keys.length; at += 50) {
      const some = keys.slice(at, at + 50);
      await Promise.all(some.map((key) => bucket.put({ key, contentType, sha256 }, body)));
    }
    const listed = await bucket.list('many/');
    assert.deepEqual(listed.map(({ key }) => key).sort(), [...keys].sort());
    assert.equal(await bucket.remove(keys, async () => true), true);
    assert.deepEqual(await bucket.list('many/'), []);
  });

  test('contents that are not what they are said to be are refused', async () => {
    const object = { key: 'wrong.json', contentType: 'application/json' };
    const copied = await bucket.copy('no/such/object', { ...object, sha256: digestOf('') });
    assert.equal(copied, false, 'what is not there cannot be copied');
    assert.equal(await bucket.get('no/such/object'), undefined);
  });
});
