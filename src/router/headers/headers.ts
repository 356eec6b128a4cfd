// Edge dialect: this file is part of the router.
import { ALLOWED_METHODS, type Refused } from '../route.ts';
import type { ContentTypes } from './content-types.ts';

/** The folder of a snapshot with the web pages and all that they load; the other files are answers of the API. */
export const PAGES_FOLDER = 'site/';

/** The folder of what pages load. Its addresses have a digest of the contents, so that they are never checked again. */
export const LOADED_FOLDER = 'site/files/';

/**
 * How long a file may be kept, given its path inside the snapshot. Not `public`: with it, a proxy would give what it has got with
 * credentials to clients without (RFC 9111, section 3.5).
 */
export const cacheControlOf = (path: string): string =>
  path.indexOf(LOADED_FOLDER) === 0 ? IMMUTABLE : SHORT_LIVED;

export const SHORT_LIVED = 'max-age=60';

export const IMMUTABLE = 'max-age=31536000, immutable';

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

/**
 * The headers of a response that is no file, by name in lower case. The CloudFront Function has to carry them, so the policy is
 * shorter than that of pages.
 *
 * @param query of the request, without `?`: a redirect keeps it
 */
export function refusalHeaders(routed: Refused, query: string): Record<string, string> {
  const body = routed.body;
  const headers: Record<string, string> = {
    'content-type': body[0] === '{' ? 'application/json' : 'text/html',
    'content-security-policy': "default-src 'self'",
    'cache-control': 'max-age=60',
    'access-control-allow-origin': '*',
    allow: ALLOWED_METHODS,
  };
  if (routed.status < 400) headers['location'] = body + (query && `?${query}`);
  return headers;
}

/** Those of an error with a body: JSON, or a page. */
export const errorHeaders = (body: string): Record<string, string> =>
  refusalHeaders({ status: 400, body }, '');

/** The content type of a file, given its path inside the snapshot. */
export function contentTypeOf(types: ContentTypes, path: string): string {
  return types[path] || (types[path.slice(path.lastIndexOf('.'))] as string);
}

/**
 * The headers of a response with a file, for edges that set them all. Without `etag`, which each edge knows in its own way.
 *
 * @param status 200 or 304
 * @param path of the file, inside the snapshot
 */
export function responseHeaders(
  types: ContentTypes,
  status: number,
  path: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': cacheControlOf(path),
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
