// Edge dialect: this file is part of the router.
import { ALLOWED_METHODS } from '../route.ts';
import type { ContentTypes } from './content-types.ts';

/** The folder of a snapshot with the web pages and all that they load; the other files are answers of the API. */
export const PAGES_FOLDER = 'site/';

/**
 * The headers of every file in that folder, pictures too: nothing comes from elsewhere, and nothing runs in it, not even in a
 * picture that is opened by itself. CloudFront sends the same from `infra/template.yaml`.
 */
export const PAGE_HEADERS: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** The headers of a response that is no file, by name in lower case. */
export function refusalHeaders(): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': 'max-age=60',
    'access-control-allow-origin': '*',
    allow: ALLOWED_METHODS,
  };
}

/** The content type of a file, given its path inside the snapshot. */
export function contentTypeOf(types: ContentTypes, path: string): string {
  return types[path] || (types[path.slice(path.lastIndexOf('.'))] as string);
}

/**
 * The headers of a response, for edges that set them all: for a file those of the embedded server, for a refusal those of the
 * CloudFront Function. Without `etag`, which each edge knows in its own way.
 *
 * @param path of the file, inside the snapshot; empty where there is none
 */
export function responseHeaders(
  types: ContentTypes,
  status: number,
  path: string,
): Record<string, string> {
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
  if (status !== 304) headers['content-type'] = contentTypeOf(types, path);
  // The file is compressed or not, as the client accepts it. A cache that keeps a 304 goes by this header, too.
  headers['vary'] = 'Accept-Encoding';
  return headers;
}
