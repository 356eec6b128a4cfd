import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  DescribeFunctionCommand,
  GetDistributionCommand,
  GetFunctionCommand,
  PublishFunctionCommand,
  TestFunctionCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { toEdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';
import { awsClients } from './aws-clients.ts';
import { type FakeAwsOptions, startFakeAws } from './start-fake-aws.ts';

const Name = 'router';
const setup = { bucket: 'b', function: Name, distribution: 'D1', code: 'function handler() {}' };
const event = { ...toEdgeEvent('GET', '/a?b=1', { host: 'h' }), viewer: { ip: '198.51.100.1' } };

async function start(t: TestContext, more: Partial<FakeAwsOptions> = {}) {
  const aws = await startFakeAws({ ...setup, ...more });
  t.after(() => aws.close());
  const { cloudFront } = awsClients(aws);
  const describe = (Stage: 'DEVELOPMENT' | 'LIVE') =>
    cloudFront.send(new DescribeFunctionCommand({ Name, Stage }));
  const update = (code: string, IfMatch?: string, config: object = {}) =>
    cloudFront.send(
      new UpdateFunctionCommand({
        Name,
        IfMatch,
        FunctionCode: Buffer.from(code),
        FunctionConfig: { Comment: 'a comment', Runtime: 'cloudfront-js-2.0', ...config },
      }),
    );
  const publish = (IfMatch?: string) =>
    cloudFront.send(new PublishFunctionCommand({ Name, IfMatch }));
  const run = async (code: string, given: unknown = event) => {
    const { ETag: old } = await describe('DEVELOPMENT');
    const { ETag } = await update(code, old);
    const EventObject = Buffer.from(JSON.stringify(given));
    const answer = await cloudFront.send(
      new TestFunctionCommand({ Name, IfMatch: ETag, EventObject }),
    );
    return answer.TestResult;
  };
  const codeOf = async (Stage: 'DEVELOPMENT' | 'LIVE') => {
    const answer = await cloudFront.send(new GetFunctionCommand({ Name, Stage }));
    return { code: Buffer.from(answer.FunctionCode ?? []).toString(), ETag: answer.ETag };
  };
  return { aws, cloudFront, describe, update, publish, run, codeOf };
}

test('UpdateFunction changes DEVELOPMENT, and its entity tag', async (t) => {
  const { describe, update, codeOf, aws } = await start(t);
  const before = await describe('DEVELOPMENT');
  const live = await describe('LIVE');
  const updated = await update('function handler(e) { return e.request; }', before.ETag);
  assert.notEqual(updated.ETag, before.ETag);
  assert.equal(updated.FunctionSummary?.FunctionConfig?.Comment, 'a comment');
  assert.equal((await describe('DEVELOPMENT')).ETag, updated.ETag);
  assert.deepEqual(await codeOf('DEVELOPMENT'), {
    code: 'function handler(e) { return e.request; }',
    ETag: updated.ETag,
  });
  assert.deepEqual(await codeOf('LIVE'), { code: setup.code, ETag: live.ETag });
  assert.deepEqual(
    aws.effects.map(({ kind }) => kind),
    ['UpdateFunction'],
  );
});

test('PublishFunction copies DEVELOPMENT to LIVE, which has an entity tag and a time of its own', async (t) => {
  let time = Date.UTC(2030);
  const { describe, update, publish, codeOf } = await start(t, { now: () => new Date(time) });
  const before = await describe('LIVE');
  time += 1000;
  const { ETag } = await update(
    'function handler(e) { return e.request; }',
    (await describe('DEVELOPMENT')).ETag,
  );
  time += 1000;
  const published = await publish(ETag);
  assert.equal(published.FunctionSummary?.FunctionMetadata?.Stage, 'LIVE');
  const live = await describe('LIVE');
  assert.equal((await codeOf('LIVE')).code, 'function handler(e) { return e.request; }');
  assert.notEqual(live.ETag, before.ETag);
  assert.notEqual(live.ETag, ETag);
  assert.equal((await describe('DEVELOPMENT')).ETag, ETag, 'DEVELOPMENT stays as it is');
  const { FunctionMetadata } = live.FunctionSummary ?? {};
  assert.deepEqual(FunctionMetadata?.LastModifiedTime, new Date(time));
  assert.equal(live.FunctionSummary?.FunctionConfig?.Comment, 'a comment');
});

test('If-Match is required, and must be the present entity tag', async (t) => {
  const { describe, update, publish, aws, cloudFront } = await start(t);
  const { ETag: old } = await describe('DEVELOPMENT');
  const { ETag: live } = await describe('LIVE');
  await update('function handler() {}', old);
  const count = aws.effects.length;
  const EventObject = Buffer.from(JSON.stringify(event));
  const tryOut = (IfMatch: string | undefined) =>
    cloudFront.send(new TestFunctionCommand({ Name, IfMatch, EventObject }));
  await assert.rejects(update('x', old), { name: 'PreconditionFailed' });
  await assert.rejects(update('x', ''), { name: 'InvalidIfMatchVersion' });
  await assert.rejects(publish(old), { name: 'PreconditionFailed' });
  await assert.rejects(publish(live), { name: 'PreconditionFailed' });
  await assert.rejects(publish('*'), { name: 'InvalidIfMatchVersion' });
  await assert.rejects(tryOut(old), { name: 'InvalidIfMatchVersion' });
  assert.equal(aws.effects.length, count);
});

// code, settings, the error
const refusedUpdates: [string, object, string][] = [
  ['x'.repeat(10_001), {}, 'FunctionSizeLimitExceeded'],
  ['é'.repeat(5_001), {}, 'FunctionSizeLimitExceeded'],
  ['', {}, 'InvalidArgument'],
  ['x', { Comment: 'c'.repeat(129) }, 'InvalidArgument'],
  ['x', { Runtime: 'cloudfront-js-3.0' }, 'InvalidArgument'],
];

for (const [code, config, name] of refusedUpdates) {
  test(`UpdateFunction refuses ${Buffer.byteLength(code)} bytes with ${JSON.stringify(config).slice(0, 40)} by ${name}`, async (t) => {
    const { describe, update } = await start(t);
    const { ETag } = await describe('DEVELOPMENT');
    await assert.rejects(update(code, ETag, config), { name });
  });
}

test('a function of 10,000 bytes with a comment of 128 characters is taken', async (t) => {
  const { describe, update } = await start(t);
  const { ETag } = await describe('DEVELOPMENT');
  await update('x'.repeat(10_000), ETag, { Comment: '<&>"\''.padEnd(128, 'c') });
  const { FunctionSummary } = await describe('DEVELOPMENT');
  assert.equal(FunctionSummary?.FunctionConfig?.Comment, '<&>"\''.padEnd(128, 'c'));
});

// code, what TestFunction says of it: output, error
const runs: [string, object | undefined, RegExp][] = [
  [
    'function handler(e) { e.request.uri = "/b"; return e.request; }',
    {
      request: {
        method: 'GET',
        uri: '/b',
        querystring: { b: { value: '1' } },
        headers: { host: { value: 'h' } },
        cookies: {},
      },
    },
    /^$/,
  ],
  [
    'function handler() { return { statusCode: 400, body: "no" }; }',
    { response: { statusCode: 400, body: 'no', headers: {}, cookies: {} } },
    /^$/,
  ],
  [
    'const logs = 1; const takeLogs = 2; function handler() { return { statusCode: 200 }; }',
    { response: { statusCode: 200, headers: {}, cookies: {} } },
    /^$/,
  ],
  ['function handler( {', undefined, /^SyntaxError: /],
  ['let answer = 42;', undefined, /^ReferenceError: handler is not defined/],
  ['throw new Error("broken");', undefined, /^Error: broken/],
  ['function handler() { throw new TypeError("x"); }', undefined, /^TypeError: x/],
  ['function handler() {}', undefined, /returned nothing/],
  ['function handler() { return null; }', undefined, /neither a response nor a request/],
  ['function handler(e) { e.request.uri = "b"; return e.request; }', undefined, /uri has a \//],
  ['function handler() { return { statusCode: "200" }; }', undefined, /statusCode/],
  ['function handler() { return { statusCode: 200, body: {} }; }', undefined, /body/],
  ['function handler() { return { statusCode: 200, headers: { a: "b" } }; }', undefined, /headers/],
  ['function handler() { for (;;) {} }', undefined, /timed out/],
  ['function handler() { return eval("1"); }', undefined, /EvalError/],
  ['function handler() { return process.env; }', undefined, /process is not defined/],
  ['function handler() { setTimeout(handler); }', undefined, /setTimeout is not defined/],
];

for (const [code, output, error] of runs) {
  test(`TestFunction runs ${code}`, async (t) => {
    const { run } = await start(t);
    const result = await run(code);
    assert.match(result?.FunctionErrorMessage ?? '', error);
    assert.deepEqual(JSON.parse(result?.FunctionOutput || 'null') ?? undefined, output);
  });
}

test('TestFunction tells what was logged, and the compute utilization that it was told', async (t) => {
  const { run } = await start(t, { computeUtilization: '71' });
  const result = await run(
    'function handler(e) { console.log("a<b"); console.log(1); return e.request; }',
  );
  assert.deepEqual(result?.FunctionExecutionLogs, ['a<b', '1']);
  assert.equal(result?.ComputeUtilization, '71');
  assert.equal(result?.FunctionSummary?.FunctionMetadata?.Stage, 'DEVELOPMENT');
});

// what is wrong with an event, the event
const wrongEvents: [string, object][] = [
  ['has no version', { ...event, version: undefined }],
  ['is of another type', { ...event, context: { eventType: 'viewer-response' } }],
  ['has no viewer', { ...event, viewer: undefined }],
  ['has a uri without slash', { ...event, request: { ...event.request, uri: 'a' } }],
  [
    'has a header in upper case',
    { ...event, request: { ...event.request, headers: { A: { value: '' } } } },
  ],
  ['has parameters that are text', { ...event, request: { ...event.request, querystring: 'a=b' } }],
];

for (const [what, given] of wrongEvents) {
  test(`TestFunction refuses an event that ${what}`, async (t) => {
    const { run } = await start(t);
    await assert.rejects(run('function handler(e) { return e.request; }', given), {
      name: 'InvalidArgument',
    });
  });
}

test('a function or distribution of another name does not exist', async (t) => {
  const { cloudFront } = await start(t);
  await assert.rejects(cloudFront.send(new DescribeFunctionCommand({ Name: 'other' })), {
    name: 'NoSuchFunctionExists',
  });
  await assert.rejects(cloudFront.send(new GetDistributionCommand({ Id: 'D2' })), {
    name: 'NoSuchDistribution',
  });
});

test('GetDistribution tells which function runs and where the files lie', async (t) => {
  const { cloudFront } = await start(t);
  const { Distribution } = await cloudFront.send(new GetDistributionCommand({ Id: 'D1' }));
  const { DefaultCacheBehavior, Origins } = Distribution?.DistributionConfig ?? {};
  assert.deepEqual(DefaultCacheBehavior?.FunctionAssociations?.Items, [
    {
      FunctionARN: 'arn:aws:cloudfront::123456789012:function/router',
      EventType: 'viewer-request',
    },
  ]);
  assert.equal(Origins?.Items?.[0]?.DomainName, 'b.s3.amazonaws.com');
  assert.equal(Distribution?.Status, 'Deployed');
});
