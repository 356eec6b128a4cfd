import { type RequestOptions, request, type WebAnswer } from './request.ts';
import type { Web } from './web.ts';

/**
 * What a URL gives, in memory.
 *
 * @throws {WebError} where it gives nothing, or more than `mostBytes`
 */
export async function readUrl(
  web: Web,
  url: string,
  options: Omit<RequestOptions, 'method'>,
): Promise<Buffer> {
  return await request(web, url, options, readWhole);
}

/** The body of an answer, in memory. */
export async function readWhole({ chunks }: WebAnswer): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}
