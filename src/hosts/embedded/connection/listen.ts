import type { Server } from 'node:http';
import { UserError } from '../../../lib/errors.ts';

/**
 * Opens a port, any free one for 0, and returns its address, such as `http://127.0.0.1:8085`.
 *
 * @throws {UserError} if the system refuses, with a remedy
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(explain(error, host, port));
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${toUrlHost(host)}:${actualPort}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken: stop what listens there, or choose another with --port`;
    case 'EACCES':
      return `Port ${port} on ${host} is not allowed to this user: choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine: choose another with --host`;
    default:
      return `Cannot listen on port ${port} of ${host}: ${error.message}`;
  }
}

function toUrlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
