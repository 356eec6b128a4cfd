import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DescribeFunctionCommand } from '@aws-sdk/client-cloudfront';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { seededRandom, seeds } from '../random.ts';
import { awsClients } from './aws-clients.ts';
import { type Fault, type FaultPlan, randomFaults } from './faults.ts';
import { startFakeAws } from './start-fake-aws.ts';

const setup = { bucket: 'b', function: 'f', distribution: 'D' };

async function start(t: TestContext, faults: FaultPlan) {
  const aws = await startFakeAws({ ...setup, faults });
  t.after(() => aws.close());
  const { s3, cloudFront } = awsClients(aws);
  return {
    aws,
    put: (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'x' })),
    get: async (Key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key }));
      return Body?.transformToString();
    },
    describe: () => cloudFront.send(new DescribeFunctionCommand({ Name: 'f' })),
  };
}

// fault of the first PutObject, requests until it is answered, effects
const tried: [Fault, number, number][] = [
  [{ kind: 'error', code: 'SlowDown' }, 2, 1],
  [{ kind: 'error', code: 'ServiceUnavailable' }, 2, 1],
  [{ kind: 'error', code: 'InternalError' }, 2, 1],
  [{ kind: 'drop-before' }, 2, 1],
  [{ kind: 'drop-after' }, 2, 2],
  [{ kind: 'cut' }, 2, 2],
  [{ kind: 'delay', ms: 50 }, 1, 1],
];

for (const [fault, requests, effects] of tried) {
  test(`the SDK overcomes ${JSON.stringify(fault)}`, async (t) => {
    const { aws, put } = await start(t, ({ index }) => (index === 0 ? fault : undefined));
    const since = Date.now();
    await put('k');
    assert.equal(aws.requests.length, requests);
    assert.equal(aws.effects.length, effects);
    assert.equal(aws.requests[0]?.fault, fault.kind);
    if (fault.kind === 'delay') assert.ok(Date.now() - since >= fault.ms);
  });
}

// fault of every request, the error that the SDK ends with, requests, effects
const fatal: [Fault, object, number, number][] = [
  [{ kind: 'error', code: 'SlowDown' }, { name: 'SlowDown' }, 3, 0],
  [{ kind: 'error', code: 'AccessDenied' }, { name: 'AccessDenied' }, 1, 0],
  [
    { kind: 'error', code: 'ConditionalRequestConflict' },
    { name: 'ConditionalRequestConflict' },
    1,
    0,
  ],
  [{ kind: 'drop-before' }, { code: 'ECONNRESET' }, 3, 0],
  [{ kind: 'drop-after' }, { code: 'ECONNRESET' }, 3, 3],
];

for (const [fault, error, requests, effects] of fatal) {
  test(`the SDK gives up where every request has ${JSON.stringify(fault)}`, async (t) => {
    const { aws, put } = await start(t, () => fault);
    await assert.rejects(put('k'), error);
    assert.equal(aws.requests.length, requests);
    assert.equal(aws.effects.length, effects);
  });
}

test('CloudFront throttles, and the SDK tries three times', async (t) => {
  const { aws, describe } = await start(t, () => ({ kind: 'error', code: 'Throttling' }));
  await assert.rejects(describe(), { name: 'Throttling' });
  assert.deepEqual(
    aws.requests.map(({ error }) => error),
    ['Throttling', 'Throttling', 'Throttling'],
  );
});

test('a plan that throws is told to the client', async (t) => {
  const { aws, put } = await start(t, () => {
    throw new RangeError('a mistake in the plan');
  });
  await assert.rejects(put('k'), { name: 'InternalError', message: /a mistake in the plan/ });
  assert.deepEqual(aws.effects, []);
});

test('an answer that is cut breaks off in its body', async (t) => {
  const { put, get } = await start(t, ({ operation }) =>
    operation === 'GetObject' ? { kind: 'cut' } : undefined,
  );
  await put('k');
  await assert.rejects(get('k'), { code: 'ECONNRESET' });
});

test('after a client died nothing it sends has an effect, and others go on', async (t) => {
  const aws = await startFakeAws({
    ...setup,
    clients: ['one', 'other'],
    faults: ({ client, count, key }) =>
      client === 'one' && key === '2' && count === 1 ? { kind: 'die' } : undefined,
  });
  t.after(() => aws.close());
  const put = (client: string, Key: string) =>
    awsClients({ ...aws, credentials: aws.credentialsOf(client) }).s3.send(
      new PutObjectCommand({ Bucket: 'b', Key, Body: client }),
    );
  await put('one', '1');
  await assert.rejects(put('one', '2'), { code: 'ECONNRESET' });
  await assert.rejects(put('one', '3'), { code: 'ECONNRESET' });
  await put('other', '4');
  assert.deepEqual(aws.state.buckets.get('b')?.keys(), ['1', '4']);
});

test('a plan is told what a request asks, how many came before it and how often it was asked', async (t) => {
  const told: unknown[] = [];
  const { put, describe } = await start(t, (request) => {
    told.push(Object.values(request));
    return undefined;
  });
  await put('1');
  await put('2');
  await put('1');
  await describe();
  assert.deepEqual(told, [
    ['PutObject', '1', 'TESTCLIENT', 0, 1],
    ['PutObject', '2', 'TESTCLIENT', 1, 1],
    ['PutObject', '1', 'TESTCLIENT', 2, 2],
    ['DescribeFunction', 'f', 'TESTCLIENT', 3, 1],
  ]);
});

for (const seed of seeds(3)) {
  test(`a random plan is the same for the same seed, keeps to its rates and fails no call too often (SEED=${seed})`, () => {
    const drop: Fault = { kind: 'drop-before' };
    const slow: Fault = { kind: 'delay', ms: 1 };
    const draw = () => {
      const plan = randomFaults(seededRandom(seed), {
        rates: [
          [0.5, drop],
          [0.1, slow],
        ],
        inARow: 2,
      });
      return Array.from({ length: 3000 }, (_, index) =>
        plan({ operation: 'PutObject', key: 'k', client: 'c', index, count: index + 1 }),
      );
    };
    const faults = draw();
    assert.deepEqual(draw(), faults);
    const line = faults
      .map((fault) => (fault === drop ? 'D' : fault === slow ? 's' : '.'))
      .join('');
    assert.doesNotMatch(line, /DDD/);
    assert.match(line, /DD/);
    // Of runs that may fail: a half, less those after two failures.
    const share = line.replaceAll(/[^D]/g, '').length / line.length;
    assert.ok(share > 0.38 && share < 0.48, `${share}`);
    assert.ok(line.includes('s'));
  });
}
