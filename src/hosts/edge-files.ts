import type { RoutingTable } from '../router/table/routing-table.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import type { SiteFile } from '../snapshot/site-files.ts';
import { bundleNginxModule, bundleWorker } from './bundle-router.ts';
import { contentTypesOf } from './content-types-of.ts';
import { nginxConfigFiles } from './nginx/nginx-config.ts';

const SCRIPT = 'application/javascript';

/**
 * What other edges than CloudFront run, beside the snapshot: the router for nginx and its configuration, and the worker for
 * Cloudflare Pages.
 *
 * @param table of the snapshot, with its id
 * @param files of the snapshot
 * @param compress in which forms they are there
 */
export async function edgeFiles(
  table: RoutingTable,
  files: readonly { readonly path: string; readonly contentType: string }[],
  compress: BuildSettings['compress'],
): Promise<SiteFile[]> {
  const data = { table, contentTypes: contentTypesOf(files) };
  return [
    { path: 'edge/nginx.js', contentType: SCRIPT, content: await bundleNginxModule(data) },
    ...nginxConfigFiles(compress),
    { path: '_worker.js', contentType: SCRIPT, content: await bundleWorker(data) },
    routesFile(),
  ];
}

/**
 * Which requests Cloudflare Pages hands to the worker: all of them. The pages, too, lie in a snapshot that only the router
 * knows, and what lies beside it is not to be served.
 */
function routesFile(): SiteFile {
  const routes = { version: 1, include: ['/*'], exclude: [] };
  return {
    path: '_routes.json',
    contentType: 'application/json',
    content: `${JSON.stringify(routes)}\n`,
  };
}
