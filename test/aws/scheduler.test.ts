import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { seededRandom, seeds } from '../random.ts';
import { awsClients } from './aws-clients.ts';
import type { Schedule } from './scheduler.ts';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from './start-fake-aws.ts';

const setup = { bucket: 'b', function: 'f', distribution: 'D' };
const KEYS = ['1', '2', '3', '4', '5'];

async function start(t: TestContext, schedule: Schedule, more: Partial<FakeAwsOptions> = {}) {
  const aws = await startFakeAws({ ...setup, clients: ['A', 'B'], schedule, ...more });
  t.after(() => aws.close());
  return aws;
}

/** Puts keys, one after the other, and says goodbye. */
async function putAll(aws: FakeAws, client: string, keys: readonly string[] = KEYS) {
  const { s3 } = awsClients({ ...aws, credentials: aws.credentialsOf(client) });
  try {
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: client }));
  } finally {
    aws.leave(client);
  }
}

const orderOf = (aws: FakeAws) => aws.effects.map(({ client, key }) => client + key).join(' ');

// schedule, the order of effects
const schedules: [string, Schedule, string][] = [
  ['the first client', () => 0, 'A1 A2 A3 A4 A5 B1 B2 B3 B4 B5'],
  ['the last client', (waiting) => waiting.length - 1, 'B1 B2 B3 B4 B5 A1 A2 A3 A4 A5'],
  [
    'whoever is behind',
    (waiting) => waiting.findIndex(({ key }) => waiting.every((other) => key <= other.key)),
    'A1 B1 A2 B2 A3 B3 A4 B4 A5 B5',
  ],
];

for (const [name, schedule, order] of schedules) {
  test(`a schedule that prefers ${name} gives the order ${order}`, async (t) => {
    const aws = await start(t, schedule);
    await Promise.all([putAll(aws, 'B'), putAll(aws, 'A')]);
    assert.equal(orderOf(aws), order);
  });
}

for (const seed of seeds(3)) {
  test(`a random schedule gives the same order again, also among faults (SEED=${seed})`, async (t) => {
    const run = async () => {
      const random = seededRandom(seed);
      const aws = await start(t, (waiting) => random.below(waiting.length), {
        faults: ({ index }) => (index % 4 === 2 ? { kind: 'drop-before' } : undefined),
      });
      await Promise.all([putAll(aws, 'A'), putAll(aws, 'B')]);
      return orderOf(aws);
    };
    const order = await run();
    assert.equal(order.split(' ').length, 10);
    assert.equal(await run(), order);
  });
}

test('a schedule is asked when every client that is live has a request waiting', async (t) => {
  const seen: string[] = [];
  const aws = await start(t, (waiting) => {
    seen.push(waiting.map(({ client, operation, key }) => `${client} ${operation} ${key}`).join());
    return 0;
  });
  await Promise.all([putAll(aws, 'A', ['1']), putAll(aws, 'B', ['2'])]);
  assert.deepEqual(seen, ['A PutObject 1,B PutObject 2', 'B PutObject 2']);
});

test('nobody waits for a client that died', async (t) => {
  const aws = await start(t, () => 0, {
    faults: ({ client }) => (client === 'A' ? { kind: 'die' } : undefined),
  });
  const { s3 } = awsClients({ ...aws, credentials: aws.credentialsOf('A') });
  const put = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' });
  await Promise.all([
    assert.rejects(s3.send(put), { code: 'ECONNRESET' }),
    putAll(aws, 'B', ['1', '2']),
  ]);
  assert.equal(orderOf(aws), 'B1 B2');
});

test('several requests of a client at once all take effect, one at a time', async (t) => {
  const random = seededRandom(1);
  const aws = await start(t, (waiting) => random.below(waiting.length));
  const put = async (client: string) => {
    const { s3 } = awsClients({ ...aws, credentials: aws.credentialsOf(client) });
    await Promise.all(
      KEYS.map((Key) => s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: client }))),
    );
    aws.leave(client);
  };
  await Promise.all([put('A'), put('B')]);
  assert.deepEqual(
    orderOf(aws).split(' ').sort(),
    ['A', 'B'].flatMap((client) => KEYS.map((key) => client + key)),
  );
});

test('a client that is live and sends nothing is named to those who wait for it', async (t) => {
  const aws = await start(t, () => 0, { stallMs: 20 });
  await assert.rejects(putAll(aws, 'A', ['1']), {
    name: 'InternalError',
    message: 'B sent nothing for 20 ms: is a leave() missing?',
  });
  assert.deepEqual(aws.effects, []);
});
