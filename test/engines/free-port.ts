import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to connections, and to who listens on port 0. */
const [FIRST, END] = [10_000, 32_768];

/** Processes that were started one after another begin so far apart. */
const APART = 97;

let next = process.pid * APART;

/**
 * A port that is free now, for what does not choose one by itself. A process gives each only once: two that listen on one port, as
 * Caddy and HAProxy can, would each answer some of the requests.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < END - FIRST; tries += 1) {
    next += 1;
    const port = FIRST + (next % (END - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`Every port from ${FIRST} to ${END - 1} is taken`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
