import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { awsClients } from './aws-clients.ts';
import { runScenario, type StepOutcome } from './s3-scenario.ts';
import { startFakeAws } from './start-fake-aws.ts';

const setup = { bucket: 'b', function: 'f', distribution: 'D' };

/** What Amazon's S3 answers, as it is documented, in the steps in which others differ from it. */
const OF_AMAZON: Readonly<Record<string, StepOutcome>> = {
  'If-None-Match: * where something is': { error: 'PreconditionFailed', status: 412 },
  'If-Match with the right tag': { ETag: '"ed6e49228a68aabca1e4031edaf27b64"' },
  'If-Match with another tag': { error: 'PreconditionFailed', status: 412 },
  'If-Match where nothing is': { error: 'NoSuchKey', status: 404 },
  'a checksum that is wrong': { error: 'BadDigest', status: 400 },
  'a copy of what has another tag': { error: 'PreconditionFailed', status: 412 },
  'a copy of what is missing': { error: 'NoSuchKey', status: 404 },
  'a bucket that is missing': { error: 'NoSuchBucket', status: 404 },
  '1,001 are deleted at once': { error: 'MalformedXML', status: 400 },
};

test('a bucket does what the documentation of S3 says', async (t) => {
  const aws = await startFakeAws(setup);
  t.after(() => aws.close());
  const outcomes = await runScenario(awsClients(aws).s3, 'b');
  for (const [step, outcome] of Object.entries(OF_AMAZON)) {
    assert.deepEqual(outcomes[step], outcome, step);
  }
});

test('an effect is remembered with its key, its client and the state after it', async (t) => {
  const aws = await startFakeAws(setup);
  t.after(() => aws.close());
  const { s3 } = awsClients(aws);
  const Bucket = 'b';
  for (const Key of ['1', '2', '3']) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  }
  const Objects = ['3', 'none', '1'].map((Key) => ({ Key }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'none' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: '2' }));
  assert.deepEqual(
    aws.effects.map(({ kind, key, client, state }) => [
      `${kind} ${key} ${client}`,
      state.buckets.get('b')?.keys().join(' '),
    ]),
    [
      ['PutObject 1 TESTCLIENT', '1'],
      ['PutObject 2 TESTCLIENT', '1 2'],
      ['PutObject 3 TESTCLIENT', '1 2 3'],
      ['DeleteObjects 3 TESTCLIENT', '1 2'],
      ['DeleteObjects 1 TESTCLIENT', '2'],
      ['DeleteObject 2 TESTCLIENT', ''],
    ],
  );
  assert.equal(aws.requests.length, 6);
});

test('another server goes on from a state', async (t) => {
  const first = await startFakeAws(setup);
  t.after(() => first.close());
  await awsClients(first).s3.send(new PutObjectCommand({ Bucket: 'b', Key: '1', Body: 'x' }));
  const [effect] = first.effects;
  assert.ok(effect);
  const second = await startFakeAws({ state: effect.state });
  t.after(() => second.close());
  await awsClients(second).s3.send(new PutObjectCommand({ Bucket: 'b', Key: '2', Body: 'y' }));
  assert.deepEqual(second.state.buckets.get('b')?.keys(), ['1', '2']);
  assert.deepEqual(first.state.buckets.get('b')?.keys(), ['1'], 'and leaves it as it was');
});

test('objects are dated by the clock that is passed in', async (t) => {
  const aws = await startFakeAws({ ...setup, now: () => new Date('2031-01-01') });
  t.after(() => aws.close());
  const { s3 } = awsClients(aws);
  await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));
  const { LastModified } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
  assert.deepEqual(LastModified, new Date('2031-01-01'));
});

// input, the error that it gets
const refused: [object, string][] = [
  [{ IfNoneMatch: '"abc"' }, 'NotImplemented'],
  [{ StorageClass: 'GLACIER' }, 'NotImplemented'],
  [{ Tagging: 'a=b' }, 'NotImplemented'],
  [{ ChecksumAlgorithm: 'CRC32C' }, 'NotImplemented'],
  [{ Key: 'k'.repeat(1025) }, 'KeyTooLongError'],
  [{ Metadata: { a: 'b'.repeat(2048) } }, 'MetadataTooLarge'],
  [{ ContentMD5: 'abcd' }, 'InvalidDigest'],
];

for (const [input, name] of refused) {
  test(`PutObject refuses ${JSON.stringify(input).slice(0, 50)} with ${name}`, async (t) => {
    const aws = await startFakeAws(setup);
    t.after(() => aws.close());
    const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x', ...input });
    await assert.rejects(awsClients(aws).s3.send(put), { name });
    assert.deepEqual(aws.effects, []);
  });
}

test('DeleteObject heeds If-Match', async (t) => {
  const aws = await startFakeAws(setup);
  t.after(() => aws.close());
  const { s3 } = awsClients(aws);
  const key = { Bucket: 'b', Key: 'k' };
  const { ETag } = await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
  await s3.send(new PutObjectCommand({ ...key, Body: 'y' }));
  const remove = new DeleteObjectCommand({ ...key, IfMatch: ETag });
  await assert.rejects(s3.send(remove), { name: 'PreconditionFailed' });
  assert.ok(aws.state.buckets.get('b')?.has('k'));
});
