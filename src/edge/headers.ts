// Edge dialect: this file is part of the router.
import { ALLOWED_METHODS } from './route.ts';

/**
 * The headers of a response, for edges that set them all. What a 200 and a 304 say is what the embedded server says of a
 * file; refusals are those of the CloudFront Function. Without `etag`, which each edge knows in its own way.
 *
 * @param contentType of the file
 */
export function responseHeaders(status: number, contentType: string): Record<string, string> {
  const isFile = status < 400;
  const headers: Record<string, string> = {
    'cache-control': isFile ? 'public, max-age=60' : 'max-age=60',
    'access-control-allow-origin': '*',
  };
  if (status === 200) headers['x-content-type-options'] = 'nosniff';
  if (status !== 304) headers['content-type'] = isFile ? contentType : 'application/json';
  if (status === 405) headers['allow'] = ALLOWED_METHODS;
  return headers;
}
