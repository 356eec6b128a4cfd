import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLoopback } from '../../../../test/engines/loopback-server.ts';
import { servedSnapshot, waitForSnapshot } from './served-snapshot.ts';

// Status, entity tag, the snapshot found.
const answers: readonly (readonly [number, string | undefined, string | undefined])[] = [
  [200, 'W/"0123abcd"', '0123abcd'],
  [200, '"0123abcd"', undefined],
  [200, 'W/"0123abcd-gzip"', undefined],
  [200, 'xW/"0123abcd"', undefined],
  [200, undefined, undefined],
  [500, 'W/"0123abcd"', undefined],
  [404, 'W/"0123abcd"', undefined],
];

for (const [status, etag, expected] of answers) {
  test(`${status} with the tag ${etag} is served from ${expected ?? 'nothing that is known'}`, async (t) => {
    const server = await startLoopback(t, (_, response) => {
      response.writeHead(status, etag === undefined ? {} : { etag }).end();
    });
    assert.equal(await servedSnapshot(server.url), expected);
    assert.deepEqual(server.asked, ['HEAD /api/v1/health']);
  });
}

test('a server that never answers, and one that is not there, serve nothing', {
  timeout: 10_000,
}, async (t) => {
  const server = await startLoopback(t, () => {});
  assert.equal(await servedSnapshot(server.url), undefined);
  assert.equal(await servedSnapshot('http://127.0.0.1:1'), undefined);
});

test('it is waited for a snapshot until the signal, and no longer', {
  timeout: 10_000,
}, async (t) => {
  let asked = 0;
  const server = await startLoopback(t, (_, response) => {
    asked++;
    response.writeHead(200, { etag: asked < 3 ? 'W/"aa"' : 'W/"bb"' }).end();
  });
  assert.equal(await waitForSnapshot(server.url, 'bb', AbortSignal.timeout(5_000)), true);
  assert.equal(asked, 3);
  assert.equal(await waitForSnapshot(server.url, 'cc', AbortSignal.timeout(100)), false);
});
