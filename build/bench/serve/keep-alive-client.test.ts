import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exchangeAll } from './keep-alive-client.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Gives requests for as many bytes as the answers are to have. */
function requestsFor(...sizes: number[]) {
  const left = sizes.map((bodyBytes) => ({
    request: Buffer.from(`GET /${bodyBytes} HTTP/1.1\r\nHost: h\r\n\r\n`),
    bodyBytes,
  }));
  return () => left.shift();
}

test('every answer is read to its end, however large, before the next request goes out', async (t) => {
  const asked: string[] = [];
  const port = await serve(t, (request, response) => {
    asked.push(request.url ?? '');
    const body = Buffer.alloc(Number(request.url?.slice(1)), '\r\n');
    response.writeHead(200, { 'content-length': body.length });
    response.flushHeaders();
    response.end(body);
  });
  const result = await exchangeAll('127.0.0.1', port, requestsFor(3, 1_000_000, 0, 1));
  assert.deepEqual(asked, ['/3', '/1000000', '/0', '/1']);
  assert.equal(result.latenciesMs.length, 4);
  assert.ok(result.bytes > 1_000_004, 'heads and bodies are counted');
});

// what is wrong, status, bytes of the answer
for (const [wrong, status, bytes] of [
  ['has another status', 404, 5],
  ['has another size', 200, 4],
] as const) {
  test(`an answer that ${wrong} than expected is an error`, async (t) => {
    const port = await serve(t, (_request, response) => {
      response.writeHead(status, { 'content-length': bytes }).end('x'.repeat(bytes));
    });
    await assert.rejects(exchangeAll('127.0.0.1', port, requestsFor(5)), /GET \/5 .*is answered/s);
  });
}
