import type { ContentTypes } from '../router/headers/content-types.ts';
import type { RoutingTable } from '../router/table/routing-table.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import type { SiteFile } from '../snapshot/site-files.ts';
import { apacheFiles } from './apache/apache-files.ts';
import { bundleNginxModule, bundleWorker } from './bundle-router.ts';
import { caddyFiles } from './caddy/caddy-files.ts';
import { haproxyFiles } from './haproxy/haproxy-files.ts';
import { nginxConfigFiles } from './nginx/nginx-config.ts';
import { decide } from './rules/decide.ts';
import type { Decisions } from './rules/decisions.ts';

const SCRIPT = 'application/javascript';

/** The part of a snapshot that an edge needs. */
export interface EdgeSource {
  /** The path of the folder, with the snapshot's id. */
  readonly table: RoutingTable;
  /** The snapshot's files; their paths begin inside it. */
  readonly files: readonly {
    readonly path: string;
    readonly contentType: string;
    readonly gzip?: object;
  }[];
  /** The forms in which the files are written. */
  readonly compress: BuildSettings['compress'];
  readonly hosts: BuildSettings['hosts'];
}

/** The files for the edges besides CloudFront: router or rules, and configuration. */
export async function edgeFiles({
  table,
  files,
  compress,
  hosts,
}: EdgeSource): Promise<SiteFile[]> {
  const data = { table, contentTypes: contentTypesOf(files) };
  let known: Decisions | undefined;
  const decisions = () => {
    known ??= decide(table);
    return known;
  };
  const nginx = async () => [
    { path: 'edge/nginx.js', contentType: SCRIPT, content: await bundleNginxModule(data) },
    ...nginxConfigFiles({ table, decisions: decisions(), types: data.contentTypes, compress }),
  ];
  const cloudflare = async () => [
    { path: '_worker.js', contentType: SCRIPT, content: await bundleWorker(data) },
    routesFile(),
  ];
  const typesIn = (folder: string) =>
    contentTypesOf(files.filter(({ path }) => path.startsWith(folder)));
  const apache = () =>
    apacheFiles({
      table,
      decisions: decisions(),
      contentTypes: { api: typesIn('api/'), site: typesIn('site/') },
      compress,
    });
  const caddy = () =>
    caddyFiles({ table, decisions: decisions(), contentTypes: data.contentTypes });
  const haproxy = () =>
    haproxyFiles({
      table,
      decisions: decisions(),
      contentTypes: data.contentTypes,
      compressed: new Set(files.flatMap(({ path, gzip }) => (gzip ? [path] : []))),
    });
  return [
    ...(hosts.includes('nginx') ? await nginx() : []),
    ...(hosts.includes('cloudflare') ? await cloudflare() : []),
    ...(hosts.includes('apache') ? apache() : []),
    ...(hosts.includes('caddy') ? caddy() : []),
    ...(hosts.includes('haproxy') ? haproxy() : []),
  ];
}

/**
 * Makes Cloudflare Pages pass every request to the worker: only the router knows the snapshot, which contains the web pages,
 * and files beside it must not be served.
 */
function routesFile(): SiteFile {
  const routes = { version: 1, include: ['/*'], exclude: [] };
  return {
    path: '_routes.json',
    contentType: 'application/json',
    content: `${JSON.stringify(routes)}\n`,
  };
}

/**
 * The content types of a snapshot's files as the router carries them: the most frequent one of each extension, and the
 * exceptions by their paths. `{ 'api/health.json': 'application/health+json', '.json': 'application/json' }`
 */
export function contentTypesOf(files: EdgeSource['files']): ContentTypes {
  const counts = new Map<string, Map<string, number>>();
  for (const { path, contentType } of files) {
    const extension = extensionOf(path);
    const ofExtension = counts.get(extension) ?? new Map<string, number>();
    ofExtension.set(contentType, (ofExtension.get(contentType) ?? 0) + 1);
    counts.set(extension, ofExtension);
  }
  const usual = new Map<string, string>();
  for (const [extension, ofExtension] of counts) {
    const [most] = [...ofExtension].sort(([, a], [, b]) => b - a);
    usual.set(extension, most?.[0] ?? '');
  }
  const exceptions = files
    .filter(({ path, contentType }) => usual.get(extensionOf(path)) !== contentType)
    .map(({ path, contentType }) => [path, contentType]);
  return Object.fromEntries([...exceptions, ...usual]);
}

function extensionOf(path: string): string {
  return path.slice(path.lastIndexOf('.'));
}
