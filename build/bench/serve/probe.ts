import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { toEdgeEvent } from '../../../src/snapshot/edge-event.ts';
import { loadRouter } from '../../../src/snapshot/load-router.ts';
import type { BuiltSite } from '../sites.ts';
import type { LoadRequest } from './load-generator.ts';

/**
 * Asks a server for everything once: its answers have to be the files that the router names, to the byte. That also brings
 * them into the server's memory.
 *
 * @returns the targets with the sizes of the answers on the wire, and the sum of those of different answers
 */
export async function probe(
  url: string,
  targets: readonly string[],
  acceptsGzip: boolean,
  site: BuiltSite,
): Promise<{ requests: LoadRequest[]; distinctBytes: number }> {
  const router = loadRouter(site.router, 'cloudfront-function.js');
  const digests = new Map(site.snapshot.files.map((file) => [`/${file.path}`, file.sha256]));
  const requests = new Map<string, LoadRequest>();
  const sizes = new Map<string, number>();
  for (const target of new Set(targets)) {
    const headers = { 'accept-encoding': acceptsGzip ? 'gzip' : 'identity' };
    const response = await fetch(url + target, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    const { uri } = router(toEdgeEvent('GET', target, {})) as { uri: string };
    const sha256 = createHash('sha256').update(body).digest('hex');
    assert.equal(response.status, 200, target);
    assert.equal(sha256, digests.get(uri), `${target} is answered as ${uri}`);
    const bodyBytes = Number(response.headers.get('content-length'));
    requests.set(target, { target, bodyBytes });
    sizes.set(uri, bodyBytes);
  }
  return {
    requests: targets.map((target) => requests.get(target) as LoadRequest),
    distinctBytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}
