import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Snapshot } from '../../../src/snapshot/parse-snapshot.ts';

// A yardstick: the least that a server in Node does. It sends files by their paths from memory, with the headers of an answer,
// and decides nothing but whether the client takes gzip. The folder of the build is the one argument.
const dir = path.resolve(process.argv[2] ?? 'dist');
const { files } = JSON.parse(readFileSync(path.join(dir, 'snapshot.json'), 'utf8')) as Snapshot;
const headers = {
  'Content-Type': 'application/json',
  'Cache-Control': 'max-age=60',
  'Access-Control-Allow-Origin': '*',
  Vary: 'Accept-Encoding',
  ETag: '"bare"',
};

function load(file: string, more: object) {
  const body = readFileSync(path.join(dir, file));
  return { body, headers: { ...headers, ...more, 'Content-Length': body.length } };
}

const plain = new Map<string, ReturnType<typeof load>>();
const compressed = new Map<string, ReturnType<typeof load>>();
const server = createServer((request, response) => {
  const target = request.url ?? '/';
  const acceptsGzip = request.headers['accept-encoding']?.includes('gzip');
  const found = (acceptsGzip && compressed.get(target)) || plain.get(target);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, found.headers);
  response.end(found.body);
});
for (const file of files) {
  plain.set(`/${file.path}`, load(file.path, {}));
  if (file.gzip)
    compressed.set(`/${file.path}`, load(`${file.path}.gz`, { 'Content-Encoding': 'gzip' }));
}
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`Serving on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
