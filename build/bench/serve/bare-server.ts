import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A yardstick: `node:http` with as little as can be done in it. GET /N is answered with N bytes out of memory.
const bodies = new Map<string, Buffer>();
const server = createServer((request, response) => {
  const target = request.url ?? '/';
  let body = bodies.get(target);
  if (body === undefined) {
    body = Buffer.alloc(Number(target.slice(1)), 'x');
    bodies.set(target, body);
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`Serving on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
