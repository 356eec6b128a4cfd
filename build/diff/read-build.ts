import { loadSite } from '../../src/hosts/embedded/site/load-site.ts';
import { WEB } from '../../src/lib/http/web.ts';
import { readContent } from '../../src/snapshot/read-content.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { readMarketplace } from '../../src/upstream/marketplace/read-marketplace.ts';
import type { Side } from './read-side.ts';

/**
 * The releases that a build answers with, found as a client would: by our router with the build's table, and its files.
 *
 * @throws {UserError} if the folder has no build
 */
export async function readBuild(folder: string): Promise<Side> {
  const site = await loadSite(folder);
  const fetch = async (url: string) => {
    const { pathname, search } = new URL(url);
    const routed = site.router('GET', pathname + search);
    const file = 'path' in routed ? site.files.get(routed.path) : undefined;
    if (file === undefined) return new Response(null, { status: 400 });
    return new Response(new Uint8Array(await readContent(site.root, file)));
  };
  const web = { ...WEB, fetch };
  const { releases } = await readMarketplace({
    url: 'http://build',
    web,
    mostBytes: Number.POSITIVE_INFINITY,
    mayBeEmpty: true,
  });
  const { notices = [] } = (await readSnapshot(folder)).snapshot;
  return { releases, notices };
}
