import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  DescribeFunctionCommand,
  PublishFunctionCommand,
  UpdateFunctionCommand,
} from '@aws-sdk/client-cloudfront';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { askSite } from './ask-site.ts';
import { awsClients } from './aws-clients.ts';
import type { AwsState } from './aws-state.ts';
import { EdgeCache } from './edge-cache.ts';
import { type FakeAwsOptions, startFakeAws } from './start-fake-aws.ts';
import { ViewerCache } from './viewer-cache.ts';

/** A router that sends every request to a snapshot. */
const routerTo = (snapshot: string) =>
  `function handler(e) { e.request.uri = '/${snapshot}' + e.request.uri; e.request.querystring = {}; return e.request; }`;

const setup = { bucket: 'b', function: 'f', distribution: 'D' };

async function start(t: TestContext, more: Partial<FakeAwsOptions> = {}) {
  const aws = await startFakeAws({ ...setup, code: routerTo('old'), ...more });
  t.after(() => aws.close());
  const { s3, cloudFront } = awsClients(aws);
  const put = (Key: string, Body: string) =>
    s3.send(
      new PutObjectCommand({
        Bucket: 'b',
        Key,
        Body,
        ContentType: 'application/json',
        CacheControl: 'max-age=60',
      }),
    );
  const publish = async (code: string) => {
    const { ETag: IfMatch } = await cloudFront.send(new DescribeFunctionCommand({ Name: 'f' }));
    const { ETag } = await cloudFront.send(
      new UpdateFunctionCommand({
        Name: 'f',
        IfMatch,
        FunctionCode: Buffer.from(code),
        FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
      }),
    );
    await cloudFront.send(new PublishFunctionCommand({ Name: 'f', IfMatch: ETag }));
  };
  return { aws, put, publish };
}

const get = (target: string) => ({ method: 'GET', target });

test('the site answers with the object that the function names', async (t) => {
  const { aws, put } = await start(t);
  await put('old/a', '[1]');
  const { status, headers, body } = askSite(aws.state, get('/a?b=c'));
  assert.equal(status, 200);
  assert.equal(body.toString(), '[1]');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'max-age=60');
  assert.match(headers['etag'] ?? '', /^"[0-9a-f]{32}"$/);
});

// code of the function, status, body
const answers: [string, number, RegExp][] = [
  [routerTo('none'), 403, /<Code>AccessDenied</],
  [
    'function handler() { return { statusCode: 400, headers: { a: { value: "b" } }, body: "no" }; }',
    400,
    /^no$/,
  ],
  ['function handler() { throw new Error(); }', 503, /function failed/],
  ['let handler;', 503, /function failed/],
  ['function handler() { return 1; }', 503, /function failed/],
];

for (const [code, status, body] of answers) {
  test(`the site answers ${status} where the function is ${code}`, async (t) => {
    const { aws } = await start(t, { code });
    const answer = askSite(aws.state, get('/a'));
    assert.equal(answer.status, status);
    assert.match(answer.body.toString(), body);
    if (status === 400) assert.deepEqual(answer.headers, { a: 'b' });
  });
}

test('a plus in a path is a space to S3, and %2B a plus', async (t) => {
  const { aws, put } = await start(t);
  await put('old/a b', 'space');
  await put('old/a+b', 'plus');
  assert.equal(askSite(aws.state, get('/a+b')).body.toString(), 'space');
  assert.equal(askSite(aws.state, get('/a%2Bb')).body.toString(), 'plus');
});

test('each moment of a publish can be asked', async (t) => {
  const { aws, put, publish } = await start(t);
  await put('old/a', 'old');
  await put('new/a', 'new');
  await publish(routerTo('new'));
  const seen = aws.effects.map(({ kind, state }) => [
    kind,
    askSite(state, get('/a')).body.toString(),
  ]);
  assert.deepEqual(seen, [
    ['PutObject', 'old'],
    ['PutObject', 'old'],
    ['UpdateFunction', 'old'],
    ['PublishFunction', 'new'],
  ]);
});

test('the site is there over HTTP', async (t) => {
  const { aws, put } = await start(t);
  await put('old/a', '[1]');
  const got = await fetch(`${aws.siteUrl}/a?b`);
  assert.equal(got.status, 200);
  assert.equal(got.headers.get('cache-control'), 'max-age=60');
  assert.equal(await got.text(), '[1]');
  const head = await fetch(`${aws.siteUrl}/a?b`, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), '3');
  assert.equal(await head.text(), '');
  assert.equal((await fetch(`${aws.siteUrl}/none`)).status, 403);
});

test('over HTTP some requests after a publish meet edges that run the code before', async (t) => {
  const { aws, put, publish } = await start(t, { site: { lagRequests: 2 } });
  await put('old/a', 'old');
  await put('new/a', 'new');
  const ask = async () => (await fetch(`${aws.siteUrl}/a`)).text();
  assert.equal(await ask(), 'old');
  await publish(routerTo('new'));
  assert.deepEqual(
    [await ask(), await ask(), await ask(), await ask()],
    ['old', 'old', 'new', 'new'],
  );
  await publish(routerTo('old'));
  assert.deepEqual([await ask(), await ask(), await ask()], ['new', 'new', 'old']);
});

test('over HTTP answers can be made wrong', async (t) => {
  const { aws, put } = await start(t, {
    site: {
      distort: ({ target }, answer) =>
        target === '/a' ? { ...answer, body: Buffer.from('wrong') } : answer,
    },
  });
  await put('old/a', 'right');
  await put('old/b', 'right');
  assert.equal(await (await fetch(`${aws.siteUrl}/a`)).text(), 'wrong');
  assert.equal(await (await fetch(`${aws.siteUrl}/b`)).text(), 'right');
});

/** Two snapshots, the states in which either is served, and a clock. */
async function publishTwice(t: TestContext) {
  const { aws, put, publish } = await start(t);
  await put('old/a', 'old');
  await put('new/a', 'new');
  const old = aws.state;
  await publish(routerTo('new'));
  const clock = { seconds: 0 };
  const now = () => new Date(clock.seconds * 1000);
  return { old, next: aws.state, clock, now };
}

test('an edge asks the origin once for each file, for a year', async (t) => {
  const { old, clock, now } = await publishTwice(t);
  const edge = new EdgeCache(now);
  const ask = (target: string) => edge.ask(old, get(target)).body.toString();
  assert.deepEqual([ask('/a'), ask('/a?b'), ask('/a')], ['old', 'old', 'old']);
  clock.seconds += 364 * 24 * 3600;
  ask('/a');
  assert.equal(edge.requests, 1);
  clock.seconds += 24 * 3600;
  ask('/a');
  assert.equal(edge.requests, 2);
});

test('an edge keeps an error of the origin for ten seconds', async (t) => {
  const { aws, put } = await start(t);
  const clock = { seconds: 0 };
  const edge = new EdgeCache(() => new Date(clock.seconds * 1000));
  assert.equal(edge.ask(aws.state, get('/a')).status, 403);
  await put('old/a', 'late');
  clock.seconds = 9;
  assert.equal(edge.ask(aws.state, get('/a')).status, 403);
  clock.seconds = 10;
  assert.equal(edge.ask(aws.state, get('/a')).status, 200);
});

test('a new router is new to an edge at once, with nothing invalidated', async (t) => {
  const { old, next, now } = await publishTwice(t);
  const edge = new EdgeCache(now);
  const ask = (state: AwsState, code?: AwsState['function']['stages']['LIVE']['code']) =>
    edge.ask(state, get('/a'), code).body.toString();
  assert.equal(ask(old), 'old');
  assert.equal(ask(next), 'new');
  assert.equal(ask(next, old.function.stages.LIVE.code), 'old', 'where it has not arrived yet');
});

test('a viewer sees a new site within a minute, however long its edge kept the old one', async (t) => {
  const { old, next, clock, now } = await publishTwice(t);
  const edge = new EdgeCache(now);
  const viewer = new ViewerCache(now);
  const ask = (state: AwsState) =>
    viewer.ask(get('/a'), (request) => edge.ask(state, request)).body.toString();
  assert.equal(ask(old), 'old');
  clock.seconds += 59;
  assert.equal(ask(next), 'old', 'still fresh');
  clock.seconds += 1;
  assert.equal(ask(next), 'new');
});

test('a viewer counts the time that an answer spent at the edge', async (t) => {
  const { old, next, clock, now } = await publishTwice(t);
  const edge = new EdgeCache(now);
  edge.ask(old, get('/a'));
  clock.seconds += 50;
  const viewer = new ViewerCache(now);
  const ask = (state: AwsState) =>
    viewer.ask(get('/a'), (request) => edge.ask(state, request)).body.toString();
  assert.equal(ask(old), 'old');
  clock.seconds += 9;
  assert.equal(ask(next), 'old');
  clock.seconds += 1;
  assert.equal(ask(next), 'new');
});
