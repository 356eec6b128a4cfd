// Edge dialect: this file is part of the router.

import { contentTypeOf } from './content-type-of.ts';
import { CONTENT_TYPES } from './content-types.ts';
import { PAGE_HEADERS, PAGES_FOLDER } from './page-headers.ts';
import { refusalHeaders } from './refusal-headers.ts';

/**
 * The headers of a response, for edges that set them all. What a 200 and a 304 say is what the embedded server says of a
 * file; refusals are those of the CloudFront Function. Without `etag`, which each edge knows in its own way.
 *
 * @param path of the file, inside the snapshot; empty where there is none
 */
export function responseHeaders(status: number, path: string): Record<string, string> {
  if (status >= 400) return refusalHeaders();
  const headers: Record<string, string> = {
    'cache-control': 'public, max-age=60',
    'access-control-allow-origin': '*',
  };
  if (status === 200) {
    headers['x-content-type-options'] = 'nosniff';
    if (path.indexOf(PAGES_FOLDER) === 0) {
      for (const name in PAGE_HEADERS) headers[name] = PAGE_HEADERS[name] as string;
    }
  }
  if (status !== 304) headers['content-type'] = contentTypeOf(CONTENT_TYPES, path);
  // What follows is compressed or not, as the client accepts it. A cache that keeps a 304 goes by it, too.
  headers['vary'] = 'Accept-Encoding';
  return headers;
}
