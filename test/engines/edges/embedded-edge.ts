import { startServer } from '../../../src/hosts/embedded/start-server.ts';
import type { Edge } from './edge.ts';
import { httpEdge } from './http-edge.ts';

/** A build in the embedded server. */
export async function startEmbeddedEdge(out: string): Promise<Edge> {
  const server = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  return httpEdge('embedded server', server.url, () => server.close());
}
