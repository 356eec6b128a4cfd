import type { WireRequest } from '../engines/edges/edge.ts';

/** A request that all edges have to answer alike. */
export interface ConformanceRequest {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  /** Of the answer; undefined: whatever the others answer. */
  readonly status?: number;
  /** The entity tag is that of the same target without conditions, from the same edge and with the same codings. */
  readonly headers: (etag: string) => WireRequest['headers'];
  /** Whether it is about conditions or codings, which models leave out. */
  readonly isForServers: boolean;
}

const plugins = (query: string) => `/api/v1/plugins?${query}`;
const LONG = 'x'.repeat(8000);

/** What a Mattermost server sends, in its order. */
const FROM_A_SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=10.5.1';

/** As far below zero as there are integers, and from where on products lose digits. */
const NEGATIVE_PAGES = ['-1', '-9007199254740993', '-92233720368547759', '-9223372036854775808'];

// Target, status.
const TARGETS: readonly (readonly [string, number])[] = [
  ['/', 200],
  ['/?utm_source=x', 200],
  ['/about/', 200],
  ['/feed.xml', 200],
  ['/openapi.json', 200],
  ['/site.css?0', 200],
  ['/site.js', 200],
  ['/icons/1', 200],
  ['/plugins/com.example.calls/', 200],
  ['/plugins/!todo/', 200],
  ['/plugins/(c3)(bc)n(c3)(af)(2f)x/', 200],
  ['/plugins/%21todo/', 404],
  ['/plugins/Todo/', 404],
  ['/about', 404],
  ['/icons/999', 404],
  ['/plugins/', 404],
  ['/plugins/!todo', 404],
  ['/plugins/!todo/index.html', 404],
  ['/api/v1/plugins', 200],
  ['/api/v1/plugins?', 200],
  ['/api/v1/labels', 200],
  ['/api/v1/labels?x=1', 200],
  ['/api/v1/health', 200],
  [plugins(FROM_A_SERVER), 200],
  [plugins('plugin_id=todo'), 200],
  [plugins('plugin_id=%74odo&plugin_id=jira'), 200],
  [plugins('plugin_id=X_bot&return_all_versions=true'), 200],
  [plugins('plugin_id=a+b'), 200],
  [plugins('plugin_id=a%20b&return_all_versions=true&per_page=-1'), 200],
  [plugins('plugin_id=%C3%BCn%C3%AF%2Fx'), 200],
  [plugins('plugin_id=..'), 200],
  [plugins('plugin_id=__proto__'), 200],
  [plugins('filter=JIRA'), 200],
  [plugins('filter=+%20name+'), 200],
  [plugins('filter=%FF'), 200],
  [plugins('filter=%zz'), 200],
  [plugins('filter=%'), 200],
  [plugins('filter=a;page=x'), 200],
  [plugins('page=x;&page=0'), 200],
  [plugins('page=0&page=x'), 200],
  [plugins('page=x&page=0'), 400],
  [plugins('=&=&==&===&&'), 200],
  [plugins('page=1&per_page=10&return_all_versions=true'), 200],
  [plugins('page=99'), 200],
  [plugins('per_page=0'), 200],
  [plugins('per_page=-2'), 400],
  ...['', 'per_page=1&', 'per_page=100&', 'per_page=9223372036854775807&'].flatMap((size) =>
    NEGATIVE_PAGES.map((page) => [plugins(`${size}page=${page}`), 400] as const),
  ),
  ...['per_page=-1&', 'per_page=0&', 'plugin_id=nobody&'].flatMap((size) =>
    NEGATIVE_PAGES.map((page) => [plugins(`${size}page=${page}`), 200] as const),
  ),
  [plugins('page=-9223372036854775809'), 400],
  [plugins('page=9223372036854775807&per_page=9223372036854775807'), 200],
  // A key in two spellings: the first one sent counts.
  [plugins('filter=todo&%66ilter=nobody'), 200],
  [plugins('%66ilter=todo&filter=nobody'), 200],
  [plugins('filt%65r=nobody&filter=todo&%66ilter=x'), 200],
  [plugins('page=0&p%61ge=x'), 200],
  [plugins('p%61ge=x&page=0'), 400],
  [plugins('plugin%5fid=todo&plugin%5Fid=jira&plugin_id=x'), 200],
  [plugins('filter=todo&%46ilter=nobody'), 200],
  [plugins('filter=todo&%66ilter=%zz'), 200],
  [plugins('filter=t;&%66ilter=todo'), 200],
  [plugins('x=1&%78=2'), 200],
  [plugins('server_version=v9'), 400],
  [plugins('server_version=9.5.0%0A'), 400],
  [plugins('cloud=yes'), 400],
  [plugins('filter=\'"<>`{}|^[]'), 200],
  [plugins('a?b=c&page=x'), 400],
  ['/api/v1/plugins/', 404],
  ['/api/v1/Plugins', 404],
  ['/api/v1/plugins%3Fpage=x', 404],
  ['/api/v1/plugin%73', 404],
  ['/api/v1', 404],
  ['/api/v1/', 404],
  ['/nowhere', 404],
  ['/nowhere.html', 404],
  ['/bundles/nothing-1.0.0.tar.gz', 404],
  ['/bundles/', 404],
  ['/favicon.ico', 404],
  ['//', 404],
  // Servers up to 5.19 whose MarketplaceURL ends with a slash.
  ['//api/v1/plugins?filter=&page=0&server_version=5.19.0', 200],
  ['//api/v1/plugins', 200],
  ['///api/v1/labels', 200],
  ['//api/v1/plugins?page=x', 400],
  ['//api/v1/plugins/', 404],
  ['//about/', 404],
  ['/api/v1/./plugins', 404],
  ['/api/v1//plugins', 404],
  ['/api/v1/%70lugins', 404],
  ['/%61pi/v1/plugins', 404],
  ['/api%2Fv1/plugins', 404],
  ['/api//v1/plugins', 404],
  ['/./api/v1/plugins', 404],
  ['/api/v1/x/../plugins', 404],
  ['/api/v1/%2e/plugins', 404],
  ['/../api/v1/plugins', 404],
  ['/..%2f..%2fetc/passwd', 404],
  ['/%zz', 404],
  ['/%00', 404],
  ['/snapshot.json', 404],
  ['/edge/nginx.js', 404],
  ['/edge/nginx.conf', 404],
  ['/_worker.js', 404],
  ['/_routes.json', 404],
  ['/snapshots/SNAPSHOT/api/labels.json', 404],
  ['/snapshots/SNAPSHOT/site/index.html', 404],
  ['/snapshots/SNAPSHOT/api/labels.json.gz', 404],
  ['http://elsewhere.example/api/v1/labels', 200],
  [plugins(`filter=${LONG}`), 400],
  // The bounds of what is read.
  [plugins(`filter=${'x'.repeat(256)}`), 200],
  [plugins(`filter=${'x'.repeat(257)}`), 400],
  [plugins(`filter=${'%20'.repeat(85)}`), 200],
  [plugins(`filter=${'%20'.repeat(86)}`), 400],
  [plugins(`plugin_id=${'%C3%BC'.repeat(42)}`), 200],
  [plugins(`server_version=1.0.0-${'1.'.repeat(124)}1`), 200],
  [plugins(`server_version=1.0.0-${'1.'.repeat(126)}1`), 400],
  [plugins(`server_version=1.0.0-${'1.'.repeat(3000)}1`), 400],
  [plugins(`x=${'x'.repeat(1022)}`), 200],
  [plugins(`x=${'x'.repeat(1023)}`), 400],
  [plugins(`page=0${'&x=y'.repeat(31)}`), 200],
  [plugins(`page=0${'&x=y'.repeat(32)}`), 400],
  [plugins(`x=0${'&'.repeat(32)}`), 400],
  [`/api/v1/labels?${LONG}`, 200],
  [`/about/?${LONG}`, 200],
  [plugins(`page=${LONG}`), 400],
  [`/${LONG}`, 404],
  [plugins(`filter=${LONG}${LONG}${LONG}`), 414],
];

// Method, target, status.
const METHODS: readonly (readonly [string, string, number])[] = [
  ...['/', '/api/v1/labels', '/api/v1/health', plugins('plugin_id=todo')].map(
    (target) => ['HEAD', target, 200] as const,
  ),
  ['HEAD', plugins('page=x'), 400],
  ['HEAD', '/nowhere', 404],
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].flatMap((method) => [
    [method, '/api/v1/plugins', 405] as const,
    [method, '/', 405] as const,
    [method, '/nowhere', 404] as const,
  ]),
];

/** What is large enough to be compressed, and what is not. */
const SIZES = { large: '/api/v1/labels', small: '/api/v1/health' };

// If-None-Match, status.
const CONDITIONS: readonly (readonly [string, (etag: string) => string, number])[] = [
  ['the tag', (etag) => etag, 304],
  ['the tag, weak', (etag) => `W/${etag.replace('W/', '')}`, 304],
  ['the tag in a list', (etag) => `"x,y", ${etag} , W/"z"`, 304],
  ['any', () => '*', 304],
  ['another tag', () => '"x"', 200],
  ['another tag, weak', () => 'W/"x"', 200],
  ['a tag in another', (etag) => `"${etag.replace(/W\/|"/g, '')}x"`, 200],
  ['no tag', () => 'x', 200],
];

/** Codings that clients accept; the answers have to be equal when decoded. */
const CODINGS = ['gzip', 'gzip, br', 'br, gzip;q=0.5', 'gzip;q=0', 'identity', 'deflate', 'GZIP'];

// Name, headers, status: what is no condition of ours.
const OTHER_HEADERS: readonly (readonly [string, Record<string, string>, number])[] = [
  [
    'If-Modified-Since in the future',
    { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
    200,
  ],
  ['If-Match of another tag', { 'if-match': '"x"', connection: 'close' }, 200],
  ['a range', { range: 'bytes=0-3' }, 200],
  ['a proxy in between, gzip', { via: '1.1 proxy', 'accept-encoding': 'gzip' }, 200],
];

const unconditional = () => ({});

/** Every request, without names twice. */
export const CONFORMANCE_REQUESTS: readonly ConformanceRequest[] = [
  ...TARGETS.map(([target, status]) => ({
    name: `GET ${target.slice(0, 60)} of ${target.length}`,
    method: 'GET',
    target,
    status,
    headers: unconditional,
    isForServers: target.startsWith('/snapshots/') || target.length > 20_000,
  })),
  ...METHODS.map(([method, target, status]) => ({
    name: `${method} ${target}`,
    method,
    target,
    status,
    headers: unconditional,
    isForServers: false,
  })),
  ...Object.entries(SIZES).flatMap(([size, target]) => [
    ...CONDITIONS.flatMap(([what, toHeader, status]) =>
      ['GET', 'HEAD'].flatMap((method) =>
        ['', 'gzip'].map((coding) => ({
          name: `${method}, ${size}, If-None-Match: ${what}, accepting ${coding || 'anything'}`,
          method,
          target,
          status,
          headers: (etag: string) => ({
            'if-none-match': toHeader(etag),
            ...(coding ? { 'accept-encoding': coding } : {}),
          }),
          isForServers: true,
        })),
      ),
    ),
    ...CODINGS.map((coding) => ({
      name: `GET, ${size}, accepting ${coding}`,
      method: 'GET',
      target,
      status: 200,
      headers: () => ({ 'accept-encoding': coding }),
      isForServers: true,
    })),
    ...OTHER_HEADERS.map(([what, headers, status]) => ({
      name: `GET, ${size}, with ${what}`,
      method: 'GET',
      target,
      status,
      headers: () => headers,
      isForServers: true,
    })),
  ]),
  {
    name: 'GET, refused, If-None-Match: any',
    method: 'GET',
    target: '/nowhere',
    status: 404,
    headers: () => ({ 'if-none-match': '*' }),
    isForServers: true,
  },
];
