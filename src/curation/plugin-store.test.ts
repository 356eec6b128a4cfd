import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientWeb, startLoopback } from '../../test/engines/loopback-server.ts';
import { findPlatformBundles, readSignature } from './plugin-store.ts';

// What a store answers for what it does not have: one on S3 says 403 to those who may not list it.
for (const status of [403, 404, 410]) {
  test(`a store that answers ${status} has no signature and no bundle`, async (t) => {
    const server = await startLoopback(t, (_, response) => response.writeHead(status).end());
    const web = impatientWeb();
    assert.equal(await readSignature(web, `${server.url}/a.tar.gz`), null);
    const release = { store: server.url, repo: 'a', tag: 'v1.0.0' };
    assert.deepEqual(await findPlatformBundles(web, release, ['linux-amd64']), {});
  });
}

for (const status of [401, 500]) {
  test(`a store that answers ${status} does not say what it has`, async (t) => {
    const server = await startLoopback(t, (_, response) => response.writeHead(status).end());
    const web = impatientWeb();
    const expected = new RegExp(`answers ${status}`);
    await assert.rejects(readSignature(web, `${server.url}/a.tar.gz`), expected);
    const release = { store: server.url, repo: 'a', tag: 'v1.0.0' };
    await assert.rejects(findPlatformBundles(web, release, ['linux-amd64']), expected);
  });
}
