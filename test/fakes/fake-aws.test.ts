import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyChange, newObject } from '../../src/publish/aws/target.ts';
import { seededRandom, seeds } from '../random.ts';
import { FakeAws, type FakeAwsOptions } from './fake-aws.ts';
import { STORE, visibleKeys } from './fake-store.ts';
import { type Fault, randomFaults } from './faults.ts';
import type { Schedule } from './scheduler.ts';

const put = (aws: FakeAws, client: string, key: string) => {
  const body = Buffer.from(client);
  return aws.target(client).bucket.put(newObject(key, 'text/plain', body), body);
};

/** Two clients put five objects each, one after the other. Returns the order of the effects. */
async function orderOf(schedule: Schedule, options: FakeAwsOptions = {}): Promise<string> {
  const aws = new FakeAws({ ...options, clients: ['A', 'B'], schedule });
  const putAll = async (client: string) => {
    for (const key of ['1', '2', '3', '4', '5']) await put(aws, client, key);
    aws.leave(client);
  };
  await Promise.allSettled([putAll('B'), putAll('A')]);
  return aws.effects.map(({ client, key }) => client + key).join(' ');
}

// The schedule, the order of the effects.
const schedules: readonly [string, Schedule, string][] = [
  ['the first client', () => 0, 'A1 A2 A3 A4 A5 B1 B2 B3 B4 B5'],
  ['the last client', (waiting) => waiting.length - 1, 'B1 B2 B3 B4 B5 A1 A2 A3 A4 A5'],
  [
    'the client that is behind',
    (waiting) => waiting.findIndex(({ key }) => waiting.every((other) => key <= other.key)),
    'A1 B1 A2 B2 A3 B3 A4 B4 A5 B5',
  ],
];

for (const [name, schedule, order] of schedules) {
  test(`a schedule that prefers ${name} gives the order ${order}`, async () => {
    assert.equal(await orderOf(schedule), order);
  });
}

for (const seed of seeds(3)) {
  test(`a random schedule gives the same order again, also with faults (SEED=${seed})`, async () => {
    const run = () => {
      let requests = 0;
      const random = seededRandom(seed);
      return orderOf((waiting) => random.below(waiting.length), {
        faults: () => (requests++ % 4 === 2 ? { kind: 'lost-request' } : undefined),
      });
    };
    const order = await run();
    assert.equal(order.split(' ').length, 10);
    assert.equal(await run(), order);
  });
}

test('nobody waits for a killed client, and nothing that it sends has an effect', async () => {
  const order = await orderOf(() => 0, {
    faults: ({ client, key }) => (client === 'A' && key === '2' ? { kind: 'die' } : undefined),
  });
  assert.equal(order, 'A1 B1 B2 B3 B4 B5');
});

// The fault of each request or of the first one, the requests, the effects, whether the call succeeds.
const faults: readonly [Fault, 'first' | 'each', number, number, boolean][] = [
  [{ kind: 'error', code: 'SlowDown' }, 'first', 2, 1, true],
  [{ kind: 'lost-request' }, 'first', 2, 1, true],
  [{ kind: 'lost-answer' }, 'first', 2, 2, true],
  [{ kind: 'delay' }, 'first', 1, 1, true],
  [{ kind: 'error', code: 'AccessDenied' }, 'first', 1, 0, false],
  [{ kind: 'error', code: 'Throttling' }, 'each', 6, 0, false],
  [{ kind: 'lost-answer' }, 'each', 6, 6, false],
];

for (const [fault, when, requests, effects, succeeds] of faults) {
  test(`${JSON.stringify(fault)} of ${when} request makes ${requests} requests with ${effects} effects`, async () => {
    let asked = 0;
    const aws = new FakeAws({
      faults: () => (asked++ === 0 || when === 'each' ? fault : undefined),
    });
    const ended = await Promise.allSettled([put(aws, 'A', 'k')]);
    assert.equal(ended[0].status, succeeds ? 'fulfilled' : 'rejected');
    assert.deepEqual([aws.requests.length, aws.effects.length], [requests, effects]);
  });
}

test('every state stays as it was, and another fake can go on from it', async () => {
  const aws = new FakeAws({ now: () => new Date('2031-01-01') });
  await put(aws, 'A', '1');
  await put(aws, 'A', '2');
  const [first, second] = aws.effects.map(({ state }) => state);
  assert.ok(first && second);
  const other = new FakeAws({ state: first });
  await put(other, 'A', '3');
  const keys = [first, second, other.state].map(({ objects }) => [...objects.keys()].join());
  assert.deepEqual(keys, ['1', '1,2', '1,3']);
  assert.deepEqual(first.objects.get('1')?.modifiedAt, new Date('2031-01-01'));
});

test('an upload with a wrong digest is refused', async () => {
  const object = newObject('k', 'text/plain', Buffer.from('x'));
  const { bucket } = new FakeAws().target();
  await assert.rejects(bucket.put(object, Buffer.from('y')), { name: 'BadDigest' });
});

test('a function sees a new key some time later, and a removed one no more', async () => {
  const aws = new FakeAws({ storeLagMs: 100 });
  const { store, sleep } = aws.target();
  const seen = () => [...(visibleKeys(aws.state.store, STORE)?.keys() ?? [])];
  const etag = await store.update([['a', '1']], (await store.describe()).etag);
  await sleep(99);
  assert.deepEqual(seen(), []);
  await sleep(1);
  const last = await store.update([['b', '2']], etag);
  assert.deepEqual(seen(), ['a']);
  await store.update([['a', null]], last);
  await sleep(100);
  assert.deepEqual(seen(), ['b']);
  assert.equal(visibleKeys(aws.state.store, undefined), undefined);
});

// What is wrong with an update, its changes, the name of the error.
const updates: readonly [string, readonly KeyChange[], string][] = [
  ['has too many keys', Array.from({ length: 51 }, (_, i) => [`${i}`, '']), 'ValidationException'],
  ['has a key that is too long', [['k'.repeat(513), '']], 'ValidationException'],
  ['has a value that is too long', [['k', 'é'.repeat(501)]], 'ValidationException'],
  ['removes what is not there', [['k', null]], 'ResourceNotFoundException'],
];

for (const [what, changes, name] of updates) {
  test(`an update of the store that ${what} is refused as a whole`, async () => {
    const aws = new FakeAws();
    const { store } = aws.target();
    const { etag } = await store.describe();
    await assert.rejects(store.update(changes, etag), { name });
    assert.equal(aws.state.store.etag, etag);
  });
}

for (const seed of seeds(3)) {
  test(`random faults are the same for the same seed, and fail no call three times in a row (SEED=${seed})`, () => {
    const draw = () => {
      const plan = randomFaults(seededRandom(seed), [
        [0.5, { kind: 'lost-request' }],
        [0.1, { kind: 'delay' }],
      ]);
      const call = { operation: 'PutObject', key: 'k', client: 'c' };
      return Array.from({ length: 3000 }, () => (plan(call)?.kind ?? '.')[0]).join('');
    };
    const line = draw();
    assert.equal(draw(), line);
    assert.doesNotMatch(line, /lll/);
    assert.match(line, /ll.*d/);
    // Half of the calls that may fail: all but those after two failures.
    const share = line.replaceAll(/[^l]/g, '').length / line.length;
    assert.ok(share > 0.38 && share < 0.48, `${share}`);
  });
}
