import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { type CloudFrontStub, startCloudFrontStub } from '../../../test/fakes/cloudfront-stub.ts';
import { FakeAws, type FakeAwsOptions, FUNCTION } from '../../../test/fakes/fake-aws.ts';
import { STORE } from '../../../test/fakes/fake-store.ts';
import { toEdgeEvent } from '../../hosts/cloudfront/edge-event.ts';
import { explainAwsError } from './aws-error.ts';
import { CloudFrontFunction } from './cloudfront-function.ts';

async function start(t: TestContext, options: FakeAwsOptions = {}, name = FUNCTION) {
  const aws = new FakeAws(options);
  const stub = await startCloudFrontStub(aws.target().edge);
  t.after(() => stub.close());
  const client = new CloudFrontClient({
    endpoint: stub.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'KEY', secretAccessKey: 'SECRET' },
  });
  return { aws, stub, edge: new CloudFrontFunction(client, name) };
}

const shapesOf = ({ requests }: CloudFrontStub) =>
  requests.map(({ method, target, ifMatch }) => [method, target, ifMatch].join(' ').trim());

const ROUTER = 'function handler(event) { event.request.uri = "/a<b"; return event.request; }';
const event = { ...toEdgeEvent('GET', '/a?b=1', {}), viewer: { ip: '198.51.100.1' } };

test('a function is read, updated, tested and published by the calls that CloudFront documents', async (t) => {
  const at = new Date('2026-01-02T03:04:05.000Z');
  const { aws, stub, edge } = await start(t, { now: () => at, computeUtilization: 17 });
  const { etag = '', code } = (await edge.read('DEVELOPMENT')) ?? {};
  assert.match(code ?? '', /statusCode: 503/);
  const updated = await edge.update({ code: ROUTER, comment: '.'.repeat(130) }, etag);
  assert.notEqual(updated, etag);
  const { output, ...rest } = await edge.test(event, updated);
  assert.equal(JSON.parse(output).request.uri, '/a<b');
  assert.deepEqual(rest, { error: '', computeUtilization: 17 });
  await edge.publish(updated);
  assert.equal((await edge.read('LIVE'))?.code, ROUTER);
  assert.deepEqual(await edge.publishedAt(), at);
  assert.equal(aws.state.stages.LIVE.code.source, ROUTER);
  assert.deepEqual(shapesOf(stub), [
    'GET /2020-05-31/function/router?Stage=DEVELOPMENT',
    `PUT /2020-05-31/function/router ${etag}`,
    `POST /2020-05-31/function/router/test ${updated}`,
    `POST /2020-05-31/function/router/publish ${updated}`,
    'GET /2020-05-31/function/router?Stage=LIVE',
    'GET /2020-05-31/function/router/describe?Stage=LIVE',
  ]);
});

test('an upload associates the function with a store, and the next one without does not keep it', async (t) => {
  const { aws, edge } = await start(t);
  const { etag = '' } = (await edge.read('DEVELOPMENT')) ?? {};
  const updated = await edge.update({ code: ROUTER, comment: '', storeArn: STORE }, etag);
  assert.equal(aws.state.stages.DEVELOPMENT.storeArn, STORE);
  await edge.update({ code: ROUTER, comment: '' }, updated);
  assert.equal(aws.state.stages.DEVELOPMENT.storeArn, undefined);
});

test('an error of the function and a missing compute utilization are reported', async (t) => {
  const { edge } = await start(t, { computeUtilization: Number.NaN });
  const { etag = '' } = (await edge.read('DEVELOPMENT')) ?? {};
  const code = 'function handler() { throw new Error("<no>"); }';
  const updated = await edge.update({ code, comment: '' }, etag);
  assert.deepEqual(await edge.test(event, updated), {
    output: '',
    error: 'Error: <no>',
    computeUtilization: Number.NaN,
  });
});

test('a stale ETag fails every change', async (t) => {
  const { aws, edge } = await start(t);
  const { etag: stale = '' } = (await edge.read('DEVELOPMENT')) ?? {};
  await edge.update({ code: ROUTER, comment: '' }, stale);
  const { state } = aws;
  await assert.rejects(edge.update({ code: 'other', comment: '' }, stale), {
    name: 'PreconditionFailed',
  });
  await assert.rejects(edge.publish(stale), { name: 'PreconditionFailed' });
  await assert.rejects(edge.test(event, stale), { name: 'InvalidIfMatchVersion' });
  assert.equal(aws.state, state);
});

test('a function that does not exist cannot be read', async (t) => {
  const { edge } = await start(t, {}, 'other');
  assert.equal(await edge.read('LIVE'), undefined);
  await assert.rejects(edge.publish('E0'), { name: 'NoSuchFunctionExists' });
});

// The errors of the next requests, the name of the call's error if there is one, requests in all.
const faults: readonly [string[], string | undefined, number][] = [
  [['Throttling'], undefined, 2],
  [['ServiceUnavailable', 'lost'], undefined, 3],
  [['Throttling', 'Throttling', 'Throttling'], 'Throttling', 3],
  [['AccessDenied'], 'AccessDenied', 1],
];

for (const [codes, name, requests] of faults) {
  test(`a call that gets ${codes.join(', ')} ${name ? 'fails' : 'succeeds'} after ${requests} requests`, async (t) => {
    const { stub, edge } = await start(t);
    stub.failures.push(...codes);
    if (name) await assert.rejects(edge.read('LIVE'), { name });
    else assert.ok(await edge.read('LIVE'));
    assert.equal(stub.requests.length, requests);
  });
}

// An error of the SDK, what the user reads.
const errors: readonly [object, RegExp][] = [
  [
    { name: 'AccessDenied' },
    /^AWS refused: AccessDenied.*the deploy role in infra\/template\.yaml/,
  ],
  [{ name: 'SlowDown' }, /AWS asks to slow down/],
  [{ name: 'Other', message: 'line 1\nline 2' }, /^AWS refused: Other, line 1$/],
  [{ name: 'Error', code: 'ECONNREFUSED' }, /^AWS cannot be reached, ECONNREFUSED/],
  [{ name: 'CredentialsProviderError', $metadata: undefined }, /found no credentials/],
  [{ name: 'Error', message: 'Region is missing' }, /--region or AWS_REGION/],
];

for (const [error, expected] of errors) {
  test(`the error ${JSON.stringify(error)} is explained`, () => {
    const thrown = Object.assign(new Error('no reason'), { $metadata: {} }, error);
    const explained = explainAwsError(thrown) as Error;
    assert.equal(explained.name, 'UserError');
    assert.match(explained.message, expected);
  });
}

test('a bug stays a bug', () => {
  const bug = new TypeError('x is not a function');
  assert.equal(explainAwsError(bug), bug);
});
