import type { Site } from '../site/load-site.ts';
import type { SiteFile } from '../site/site-file.ts';
import type { Reply } from './reply.ts';

/** Where a request leads: to a file of the site, or to a response as it stands. */
export type Routed = { readonly file: SiteFile } | { readonly reply: Reply };

/**
 * Asks the router about a request.
 * `target` is the path and query as sent, in ASCII.
 *
 * @throws Error where the router names a file that the site does not have.
 */
export function route(site: Site, method: string, target: string): Routed {
  const routed = site.router(method, target);
  if ('status' in routed) {
    const { status, headers, body } = routed;
    return { reply: { status, headers: Object.entries(headers).flat(), body: Buffer.from(body) } };
  }
  const file = site.files.get(routed.path);
  if (file !== undefined) return { file };
  throw new Error(`the router names ${routed.path}, which snapshot.json does not list`);
}
