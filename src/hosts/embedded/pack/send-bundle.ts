import { pipeline } from 'node:stream/promises';
import { errorCode } from '../../../lib/errors.ts';
import { matchesEtag } from '../../../router/headers/matches-etag.ts';
import type { Exchange } from '../connection/exchange.ts';
import type { OpenBundle } from './live-pack.ts';

/**
 * Sends a bundle, piece by piece, to a GET or HEAD, and closes it.
 *
 * @param headers names and values in turn, to be sent besides
 */
export async function sendBundle(
  exchange: Exchange,
  { handle, sizeBytes, etag }: OpenBundle,
  headers: readonly string[],
): Promise<void> {
  const { request, response } = exchange;
  try {
    const cached = ['ETag', etag, 'Cache-Control', 'public, max-age=60', ...headers];
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, etag)) {
      response.writeHead(304, cached).end();
      return;
    }
    response.writeHead(200, [
      ...cached,
      ...['Content-Type', 'application/gzip', 'Content-Length', String(sizeBytes)],
      ...['X-Content-Type-Options', 'nosniff'],
    ]);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    exchange.bodyBytes = sizeBytes;
    await pipeline(handle.createReadStream({ autoClose: false }), response);
  } catch (error) {
    // A client may leave whenever it wants.
    if (!isGone(error)) throw error;
  } finally {
    await handle.close();
  }
}

function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
