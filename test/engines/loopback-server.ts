import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Web } from '../../src/lib/http/web.ts';

/** A server of a test's own. */
export interface LoopbackServer {
  /** Such as `http://127.0.0.1:40001`. */
  readonly url: string;
  /** The requests so far, such as `GET /a.tar.gz`. */
  readonly asked: string[];
  /** The requests themselves. */
  readonly requests: IncomingMessage[];
}

/**
 * Starts a server on a free port; it is gone with the test.
 *
 * @param tls where it speaks https, its key and certificate
 */
export async function startLoopback(
  t: TestContext,
  listener: RequestListener,
  tls?: { readonly key: string; readonly cert: string },
): Promise<LoopbackServer> {
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    requests.push(request);
    listener(request, response);
  };
  const server = tls ? https.createServer(tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, asked, requests };
}

/** Answers GET and HEAD from a table by path; other paths are 404. The caller may change the table. */
export function serveFiles(files: Readonly<Record<string, string | Buffer>>): RequestListener {
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const body = Object.hasOwn(files, path) ? files[path] : undefined;
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

/** The network with short pauses between attempts. Its limits are never met, also on a busy machine: a test of a limit sets its own. */
export function impatientWeb(more: Partial<Web> = {}): Web {
  return {
    fetch: globalThis.fetch,
    sleep: (milliseconds) => sleep(Math.min(milliseconds, 5)),
    waitsMs: [1, 1, 1],
    stallMs: 60_000,
    limitMs: 120_000,
    ...more,
  };
}
