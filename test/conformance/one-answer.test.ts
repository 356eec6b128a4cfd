import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRaw } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { skipWithoutNginx, startNginx } from '../engines/edges/nginx-edge.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';

const HEADS = ['GET /api/v1/plugins', 'POST /api/v1/plugins', 'PUT /', 'DELETE /nowhere', 'HEAD /'];

// [what is odd, headers, the parts of the body as they arrive]
const BODIES: [string, string, string[]][] = [
  ['a bad chunk', 'Transfer-Encoding: chunked', ['zz\r\n']],
  ['a bad chunk that comes later', 'Transfer-Encoding: chunked', ['', 'zz\r\n']],
  ['a chunk that is too long', 'Transfer-Encoding: chunked', ['1\r\naXX', '\r\n']],
  ['a chunk of a negative length', 'Transfer-Encoding: chunked', ['-1\r\n\r\n']],
  ['a coding that is not chunked', 'Transfer-Encoding: gzip', ['abc']],
  ['chunked, and a coding after it', 'Transfer-Encoding: chunked, gzip', ['0\r\n\r\n']],
  ['a coding that does nothing', 'Transfer-Encoding: identity', ['GET / HTTP/1.1\r\n']],
  ['a coding nobody knows', 'Transfer-Encoding: xchunked', ['0\r\n\r\n']],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked', ['0\r\n\r\n']],
  ['less than its length', 'Content-Length: 10', ['abc']],
  ['a request in its body', 'Content-Length: 30', ['', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n  ']],
];

const SERVERS = [
  { name: 'the embedded server', skip: false as const, start: startEmbedded },
  { name: 'nginx', skip: skipWithoutNginx, start: startNginx },
];

function startEmbedded(dir: string) {
  const options = { dir, host: '127.0.0.1', port: 0, pollMs: 0 };
  return startServer(options).then(({ url, close }) => ({ url, stop: close }));
}

describe('A request gets one answer', () => {
  let site: BuiltSite;
  before(async () => {
    site = await builtSite(randomCatalog(seededRandom(3)), 'both');
  });
  after(() => site.remove());

  for (const { name, skip, start } of SERVERS) {
    test(`from ${name}, whatever its body is`, { skip, timeout: 60_000 }, async (t) => {
      const { url, stop } = await start(site.out);
      t.after(stop);
      const asked = HEADS.flatMap((head) => BODIES.map((body) => ({ head, body })));
      const found = await Promise.all(
        asked.map(async ({ head, body: [what, headers, parts] }) => {
          const sent = [
            `${head} HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n${parts[0]}`,
            ...parts.slice(1),
          ];
          return `${head} with ${what}: ${statuses(await exchange(url, sent)).length}`;
        }),
      );
      assert.deepEqual(
        found,
        found.map((line) => line.replace(/\d+$/, '1')),
      );
    });

    test(`from ${name}: the path of its own errors is like any other`, { skip }, async (t) => {
      const { url, stop } = await start(site.out);
      t.after(stop);
      for (const path of [
        '/marketplace-error',
        '/./marketplace-error',
        '/%2e/marketplace-error',
        '//marketplace-error',
        '/x/../marketplace-error',
      ]) {
        const answer = await exchange(url, [`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`]);
        assert.deepEqual(statuses(answer), ['404'], path);
        assert.match(answer, /no such page/, path);
      }
    });
  }

  test('from the embedded server: nothing follows a 405, which says so', async (t) => {
    const { url, stop } = await startEmbedded(site.out);
    t.after(stop);
    for (const rest of ['junk\r\n\r\n', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', '0\r\n\r\n']) {
      for (const method of ['POST', 'PUT', 'PATCH']) {
        const answer = await exchange(url, [
          `${method} / HTTP/1.1\r\nHost: h\r\n\r\n${rest}`,
          rest,
        ]);
        assert.deepEqual(statuses(answer), ['405'], rest);
        assert.match(answer, /\r\nConnection: close\r\n/, rest);
      }
    }
  });
});

function statuses(answer: string): string[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? '');
}

/** Sends the parts one after another, and resolves with what came until some time after the first answer. */
async function exchange(url: string, parts: readonly string[]): Promise<string> {
  const { socket, closed, waitFor } = await openRaw(url);
  for (const part of parts) {
    socket.write(part);
    await sleep(50);
  }
  await waitFor(/^HTTP/).catch(() => {});
  await sleep(100);
  socket.end();
  return await closed;
}
