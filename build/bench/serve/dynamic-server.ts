import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { indexCatalog } from '../../../src/query/catalog-index.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';

// A yardstick: a service that computes each answer on request, as the reference does. The catalog is in
// memory, parsed; a request filters it, makes JSON of what is left and compresses that where the client takes gzip, at zlib's
// own level and in its threads. The catalog is the one argument.
const gzip = promisify(zlib.gzip);
const file = path.resolve(process.argv[2] ?? 'plugins.json');
const { releases } = await readCatalog([file], { cwd: path.dirname(file) });
const catalog = indexCatalog(releases);

function answer(target: string): string | null {
  const { pathname, search } = new URL(target, 'http://localhost');
  return pathname === '/api/v1/plugins' ? evaluatedAnswer(catalog, search.slice(1)) : null;
}

const server = createServer(async (request, response) => {
  const text = answer(request.url ?? '/');
  if (text === null) {
    response.writeHead(400).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  let body: Buffer = Buffer.from(text);
  if (request.headers['accept-encoding']?.includes('gzip')) {
    response.setHeader('Content-Encoding', 'gzip');
    body = await gzip(body);
  }
  response.setHeader('Content-Length', body.length);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`Serving on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
