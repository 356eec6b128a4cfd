import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { impatientWeb } from '../../../test/engines/loopback-server.ts';
import { readMarketplace } from './read-marketplace.ts';

test('a list that has not come after five minutes is not waited for, though a bundle may take longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const web = impatientWeb({
    waitsMs: [],
    stallMs: 24 * 3_600_000,
    limitMs: 30 * 60_000,
    // Never answers, and ends when it is given up.
    fetch: (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });
  let ended = false;
  const reading = readMarketplace({ url: 'http://h', web }).finally(() => {
    ended = true;
  });
  const failed = assert.rejects(reading, /takes longer than 300 s/);
  t.mock.timers.tick(5 * 60_000 - 1);
  await turn();
  assert.ok(!ended, 'it is waited for that long');
  t.mock.timers.tick(1);
  for (let i = 0; i < 20 && !ended; i++) await turn();
  assert.ok(ended, 'and no longer');
  await failed;
});
