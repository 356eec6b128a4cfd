import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeAws } from '../../../test/fakes/fake-aws.ts';
import { STORE } from '../../../test/fakes/fake-store.ts';
import { startKeyValueStoreStub } from '../../../test/fakes/key-value-store-stub.ts';
import { explainAwsError, isConditionFailed } from './aws-error.ts';
import { KeyValueStore } from './key-value-store.ts';
import type { KeyChange } from './target.ts';

async function start(t: TestContext) {
  const aws = new FakeAws();
  const stub = await startKeyValueStoreStub(aws.target().store);
  t.after(() => stub.close());
  const config = {
    endpoint: stub.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'KEY', secretAccessKey: 'SECRET' },
    requestHandler: { httpAgent: stub.agent },
  };
  return { aws, stub, store: new KeyValueStore(config, STORE) };
}

const numbered = (count: number): KeyChange[] =>
  Array.from({ length: count }, (_, i) => [`id/${i}`, `é${i}`]);

test('a store is described, listed and changed by the calls that CloudFront documents', async (t) => {
  const { aws, stub, store } = await start(t);
  const empty = await store.describe();
  assert.equal(empty.sizeBytes, 0);
  const etag = await store.update(numbered(3), empty.etag);
  assert.notEqual(etag, empty.etag);
  await store.update([...numbered(1), ['id/2', null]], etag);
  assert.deepEqual(
    [...(await store.list())],
    [
      ['id/0', 'é0'],
      ['id/1', 'é1'],
    ],
  );
  assert.equal((await store.describe()).etag, aws.state.store.etag);
  const path = `/key-value-stores/${STORE}`;
  assert.deepEqual(stub.requests, [
    `GET ${path}`,
    `POST ${path}/keys ${empty.etag}`,
    `POST ${path}/keys ${etag}`,
    `GET ${path}/keys?MaxResults=50`,
    `GET ${path}`,
  ]);
});

test('a listing has every page', async (t) => {
  const { stub, store } = await start(t);
  const keys = numbered(120);
  for (let at = 0; at < keys.length; at += 50) {
    await store.update(keys.slice(at, at + 50), (await store.describe()).etag);
  }
  const before = stub.requests.length;
  assert.equal((await store.list()).size, 120);
  assert.equal(stub.requests.length - before, 3);
});

test('a stale ETag fails an update, whichever error tells it', async (t) => {
  const { aws, stub, store } = await start(t);
  const { etag } = await store.describe();
  await store.update(numbered(1), etag);
  const { state } = aws;
  const isStale = (error: unknown) => isConditionFailed(error);
  await assert.rejects(store.update(numbered(2), etag), isStale);
  stub.failures.push('ConflictException');
  await assert.rejects(store.update(numbered(2), etag), isStale);
  stub.failures.push('ValidationException');
  await assert.rejects(store.update(numbered(2), etag), (error) => !isStale(error));
  assert.equal(aws.state, state);
});

test('after a lost answer the client sends the update again, and finds that it took effect', async (t) => {
  const { aws, stub, store } = await start(t);
  const { etag } = await store.describe();
  stub.failures.push('lost');
  await assert.rejects(store.update(numbered(2), etag), (error) => isConditionFailed(error));
  assert.equal(aws.state.store.keys.size, 2);
});

// The errors of the next requests, the name of the call's error if there is one, requests in all.
const faults: readonly [string[], string | undefined, number][] = [
  [['ThrottlingException'], undefined, 2],
  [['InternalServerException', 'lost'], undefined, 3],
  [['AccessDeniedException'], 'AccessDeniedException', 1],
];

for (const [codes, name, requests] of faults) {
  test(`a call that gets ${codes.join(', ')} ${name ? 'fails' : 'succeeds'} after ${requests} requests`, async (t) => {
    const { stub, store } = await start(t);
    stub.failures.push(...codes);
    if (name) await assert.rejects(store.describe(), { name });
    else assert.ok(await store.describe());
    assert.equal(stub.requests.length, requests);
  });
}

// An error of the service, what the user reads.
const errors: readonly [string, RegExp][] = [
  ['AccessDeniedException', /^AWS refused: AccessDeniedException.*the deploy role/],
  ['ResourceNotFoundException', /the KeyValueStore does not exist: check --key-value-store/],
  ['ServiceQuotaExceededException', /the KeyValueStore is full: .*npm run prune/],
];

for (const [name, expected] of errors) {
  test(`the error ${name} is explained`, async (t) => {
    const { stub, store } = await start(t);
    stub.failures.push(name);
    const error = await store.describe().catch((thrown: unknown) => thrown);
    assert.match((explainAwsError(error) as Error).message, expected);
  });
}
