import { request } from './request.ts';
import type { Web } from './web.ts';
import { WebError } from './web-error.ts';

/**
 * Whether a URL answers: HEAD, and where that is refused, which some servers do on principle, a GET of the first byte.
 *
 * @returns what is wrong, or null
 */
export async function probeUrl(web: Web, url: string): Promise<WebError | null> {
  const asked = async () => null;
  try {
    return await request(web, url, { method: 'HEAD', mostBytes: 0 }, asked);
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    if (error.status === undefined) return error;
  }
  try {
    const headers = { range: 'bytes=0-0' };
    // A server that knows no ranges sends everything: what comes is dropped, whatever its length.
    return await request(web, url, { headers, mostBytes: Number.MAX_SAFE_INTEGER }, asked);
  } catch (error) {
    if (error instanceof WebError) return error;
    throw error;
  }
}
