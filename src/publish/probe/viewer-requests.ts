import { PAGES_FOLDER } from '../../router/headers/headers.ts';
import { type Snapshot, snapshotFolder } from '../../snapshot/parse-snapshot.ts';
import { storeFileOf } from '../store/store-keys.ts';

/** A request of a viewer. */
export interface ViewerRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Whether plain rules may refuse it, since only a router decides it. */
  readonly needsRouter?: boolean;
}

/** The parameters of a request for plugins. */
type Query = Readonly<Record<string, string>>;

/**
 * Requests that represent all others: every route, every kind of refusal, and what real servers send (docs/api.md) for the
 * oldest, the newest and some other steps, both editions, both hostings and every platform. They are some dozens only, since
 * each calls CloudFront's API.
 */
export function viewerRequests(snapshot: Snapshot): ViewerRequest[] {
  const { catalog, published } = snapshot;
  // Each plugin may have a key of its own in a store.
  const samplePlugins = storeFileOf(snapshot) ? 12 : 3;
  const { steps, platforms } = published;
  const versions = ['0.0.0', ...pickEvenly(steps, 3), '999.0.0'];
  const ids = Object.entries(catalog.versions)
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([id]) => id);
  const busiest = ids[0] ?? 'none';
  const newest = versions.at(-1) ?? '';

  const queries: Query[] = [
    ...versions.map((server_version, i) => ({
      server_version,
      platform: platforms[i % Math.max(1, platforms.length)] ?? 'linux-amd64',
      enterprise_plugins: String(i % 2 === 0),
      cloud: String(i % 3 === 2),
    })),
    ...platforms.map((platform) => ({ server_version: newest, platform })),
    ...pickEvenly(ids, samplePlugins).map((plugin_id) => ({ plugin_id, server_version: newest })),
    { plugin_id: busiest, return_all_versions: 'true', server_version: newest },
    { plugin_id: 'no.such.plugin', server_version: newest },
    { filter: busiest },
  ];
  // No server sends these.
  const others: Query[] = [
    { return_all_versions: 'true', per_page: '-1' },
    { return_all_versions: 'true', page: '1' },
    { page: '1' },
    { per_page: '-1', enterprise_plugins: 'true' },
    { per_page: '0' },
    { filter: 'no plugin says this' },
    // Refused by every build.
    { server_version: 'v1' },
    { page: '-1' },
    { page: 'x' },
    { per_page: '-2' },
    { cloud: 'maybe' },
  ];
  const get = (target: string) => ({ method: 'GET', target });
  const getByRouter = (target: string) => ({ ...get(target), needsRouter: true });
  const plugins = '/api/v1/plugins';
  return [
    ...queries.map((query) => get(`${plugins}?${clientQuery(query)}`)),
    ...others.map((query) => getByRouter(`${plugins}?${clientQuery(query)}`)),
    get(plugins),
    { method: 'HEAD', target: `${plugins}?server_version=${newest}` },
    { method: 'POST', target: plugins },
    getByRouter(`${plugins}?server_version=%zz&platform=a;b&filter=+`),
    getByRouter(`${plugins}/`),
    get('/api/v1/labels'),
    get('/api/v1/health'),
    // Snapshots of earlier versions have none, and a rollback must not need it.
    ...(snapshot.files.some(({ path }) => path.endsWith('/api/catalog.json'))
      ? [get('/catalog.json')]
      : []),
    ...pagesOf(snapshot).map(get),
    get('/about?from=here'),
    get('/no/such/page'),
    get('/plugins/no.such.plugin/'),
    get('/api/no/such/page'),
  ];
}

/** The paths of the web pages and of what they load; of plugin pages, their feeds and what all load, only the first. */
function pagesOf({ id, files }: Snapshot): string[] {
  const folder = `${snapshotFolder(id)}${PAGES_FOLDER}`;
  const addresses = files
    .filter(({ path }) => path.startsWith(folder))
    .map(({ path }) => `/${path.slice(folder.length).replace(/(^|\/)index\.html$/, '$1')}`);
  const byKind = new Map<string, string>();
  for (const address of addresses) {
    const kind = address.replace(/^\/plugins\/[^/]+\//, 'plugin ').replace(/^\/files\/.*/, '');
    if (!byKind.has(kind)) byKind.set(kind, address);
  }
  return [...byKind.values()];
}

/** As a Mattermost server encodes it: every key, in alphabetical order. */
function clientQuery(query: Query): string {
  const complete = {
    build_enterprise_ready: 'true',
    cloud: 'false',
    enterprise_plugins: 'true',
    filter: '',
    local_only: 'false',
    page: '0',
    platform: 'linux-amd64',
    plugin_id: '',
    remote_only: 'false',
    return_all_versions: 'false',
    server_version: '',
    ...query,
  };
  const entries = Object.entries(complete).sort(([a], [b]) => (a < b ? -1 : 1));
  return new URLSearchParams(entries).toString();
}

/** The first and the last item, and others between them. */
function pickEvenly<Item>(items: readonly Item[], count: number): Item[] {
  const last = items.length - 1;
  const positions = Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)));
  return [...new Set(positions)].flatMap((position) => items[position] ?? []);
}
