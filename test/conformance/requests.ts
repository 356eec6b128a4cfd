import type { WireRequest } from '../engines/edges.ts';

/** A request that all edges have to answer alike. */
export interface ConformanceRequest {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  /** The status of the answer; undefined: whatever the others answer. */
  readonly status?: number;
  /** The entity tag is that of the same target without conditions, from the same edge and with the same codings. */
  readonly headers: (etag: string) => WireRequest['headers'];
  /** Whether it is about conditions or codings, which models leave out. */
  readonly isForServers: boolean;
}

const PLUGINS = '/api/v1/plugins';
const LONG = 'x'.repeat(8000);

/** The parameters of a Mattermost server, in its order. */
const FROM_A_SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=10.5.1';

/** The lowest integers, and the numbers from which products lose digits. */
const NEGATIVE_PAGES = ['-1', '-9007199254740993', '-92233720368547759', '-9223372036854775808'];

const negativePages = (...sizes: string[]) =>
  sizes.flatMap((size) => NEGATIVE_PAGES.map((page) => `${PLUGINS}?${size}page=${page}`));

/** Targets out of a text, between blanks; those that begin with `?` are queries of plugins. */
const targets = (text: string) =>
  text
    .trim()
    .split(/\s+/)
    .map((target) => (target.startsWith('?') ? PLUGINS + target : target));

/** Targets by the status of their answers. */
const TARGETS: Readonly<Record<number, readonly string[]>> = {
  200: [
    ...targets(`
      / /?utm_source=x /about/ /plugins/ /feed.xml /sitemap.xml /robots.txt /favicon.ico?0
      /openapi.json /list.json?0 /files/DIGEST/1?0 /files/DIGEST/2 /files/DIGEST/4
      /plugins/com.example.calls/feed.xml /plugins/!todo/feed.xml?x=1
      /plugins/com.example.calls/ /plugins/!todo/ /plugins/(c3)(bc)n(c3)(af)(2f)x/
      /api/v1/plugins /api/v1/plugins? /api/v1/labels /api/v1/labels?x=1 /api/v1/health
      /catalog.json /catalog.json?x=1 /signed.json /signed.json?x=1 http://elsewhere.example/api/v1/labels

      ?${FROM_A_SERVER}
      ?plugin_id=todo ?plugin_id=%74odo&plugin_id=jira ?plugin_id=X_bot&return_all_versions=true
      ?plugin_id=a+b ?plugin_id=a%20b&return_all_versions=true&per_page=-1
      ?plugin_id=%C3%BCn%C3%AF%2Fx ?plugin_id=.. ?plugin_id=__proto__
      ?filter=JIRA ?filter=+%20name+ ?filter=%FF ?filter=%zz ?filter=% ?filter=a;page=x
      ?filter='"<>\`{}|^[]
      ?page=x;&page=0 ?page=0&page=x ?=&=&==&===&& ?page=1&per_page=10&return_all_versions=true
      ?page=99 ?per_page=0 ?page=9223372036854775807&per_page=9223372036854775807
    `),
    ...negativePages('per_page=-1&', 'per_page=0&', 'plugin_id=nobody&'),
    // A key in two spellings: the first one sent counts.
    ...targets(`
      ?filter=todo&%66ilter=nobody ?%66ilter=todo&filter=nobody
      ?filt%65r=nobody&filter=todo&%66ilter=x ?page=0&p%61ge=x
      ?plugin%5fid=todo&plugin%5Fid=jira&plugin_id=x ?filter=todo&%46ilter=nobody
      ?filter=todo&%66ilter=%zz ?filter=t;&%66ilter=todo ?x=1&%78=2
    `),
    // Servers up to 5.19 whose MarketplaceURL ends with a slash.
    ...targets(`
      //api/v1/plugins?filter=&page=0&server_version=5.19.0 //api/v1/plugins ///api/v1/labels
    `),
    // The bounds of what is read.
    ...targets(`
      ?filter=${'x'.repeat(256)} ?filter=${'%20'.repeat(85)} ?plugin_id=${'%C3%BC'.repeat(42)}
      ?server_version=1.0.0-${'1.'.repeat(124)}1 ?x=${'x'.repeat(1022)} ?page=0${'&x=y'.repeat(31)}
      /api/v1/labels?${LONG} /about/?${LONG}
    `),
  ],
  400: [
    ...targets(`
      ?page=x&page=0 ?per_page=-2 ?page=-9223372036854775809 ?p%61ge=x&page=0
      ?server_version=v9 ?server_version=9.5.0%0A ?cloud=yes ?a?b=c&page=x //api/v1/plugins?page=x
    `),
    ...negativePages('', 'per_page=1&', 'per_page=100&', 'per_page=9223372036854775807&'),
    // Beyond the bounds.
    ...targets(`
      ?filter=${LONG} ?page=${LONG} ?filter=${'x'.repeat(257)} ?filter=${'%20'.repeat(86)}
      ?server_version=1.0.0-${'1.'.repeat(126)}1 ?server_version=1.0.0-${'1.'.repeat(3000)}1
      ?x=${'x'.repeat(1023)} ?page=0${'&x=y'.repeat(32)} ?x=0${'&'.repeat(32)}
    `),
  ],
  404: targets(`
    /plugins/%21todo/ /plugins/Todo/ /files/DIGEST/999 /files/DIGEST/0 /files/DIGEST/ /files/1
    /files/00000000/1 /site.css /icons/1 /plugins/%21todo /plugins/Todo /plugins/!todo/feed
    /plugins/nothing/feed.xml /about/feed.xml /feed.xml/ /robots.txt/ /list.json/ /api /api/nothing
    //api/nothing /plugins// /plugins/!todo//
    /plugins/!todo/index.html /api/v1/plugins/ /api/v1/Plugins /api/v1/plugins%3Fpage=x
    /api/v1/plugin%73 /api/v1 /api/v1/ /nowhere /nowhere.html /bundles/nothing-1.0.0.tar.gz
    /bundles/ // //api/v1/plugins/ //about/ /api/v1/./plugins /api/v1//plugins
    /api/v1/%70lugins /%61pi/v1/plugins /api%2Fv1/plugins /api//v1/plugins /./api/v1/plugins
    /api/v1/x/../plugins /api/v1/%2e/plugins /../api/v1/plugins /..%2f..%2fetc/passwd /%zz /%00
    /catalog.json/ /catalog /api/v1/catalog.json //catalog.json /api/catalog.json
    /snapshot.json /edge/nginx.js /edge/nginx.conf /_worker.js /_routes.json
    /snapshots/SNAPSHOT/api/labels.json /snapshots/SNAPSHOT/site/index.html
    /snapshots/SNAPSHOT/api/labels.json.gz /${LONG} /plugins/${'x'.repeat(300)}/ /plugins/${'x'.repeat(300)}
  `),
  308: targets(`
    /about /about?x=1 /plugins /plugins?filter=jira&x=%20y /plugins/!todo /plugins/com.example.calls?x=1
  `),
  414: [`${PLUGINS}?filter=${LONG}${LONG}${LONG}`],
};

// Method, target, status.
const METHODS: readonly (readonly [string, string, number])[] = [
  ...['/', '/api/v1/labels', '/api/v1/health', `${PLUGINS}?plugin_id=todo`].map(
    (target) => ['HEAD', target, 200] as const,
  ),
  ['HEAD', `${PLUGINS}?page=x`, 400],
  ['HEAD', '/nowhere', 404],
  ['HEAD', '/api/nothing', 404],
  ['HEAD', '/about', 308],
  ['POST', '/about', 404],
  ['POST', '/plugins/!todo', 404],
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].flatMap((method) => [
    [method, PLUGINS, 405] as const,
    [method, '/', 405] as const,
    [method, '/nowhere', 404] as const,
    [method, '/api/nothing', 404] as const,
  ]),
];

/** Targets large enough to be compressed, and others. */
const SIZES = { large: '/api/v1/labels', small: '/api/v1/health' };

// If-None-Match, its value, status.
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

/** Headers that are not a condition for us: all are answered 200. */
const OTHER_HEADERS: Readonly<Record<string, WireRequest['headers']>> = {
  'If-Modified-Since in the future': { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
  'If-Match of another tag': { 'if-match': '"x"', connection: 'close' },
  'a range': { range: 'bytes=0-3' },
  'a proxy in between, gzip': { via: '1.1 proxy', 'accept-encoding': 'gzip' },
};

/** A request for servers about a size of answer. */
const ofSize = (size: string, target: string) => {
  return (
    what: string,
    status: number,
    headers: ConformanceRequest['headers'],
    method = 'GET',
  ) => ({
    name: `${method}, ${size}, ${what}`,
    method,
    target,
    status,
    headers,
    isForServers: true,
  });
};

const CONDITIONAL_REQUESTS = Object.entries(SIZES).flatMap(([size, target]) => {
  const request = ofSize(size, target);
  return [
    ...CONDITIONS.flatMap(([what, toHeader, status]) =>
      ['GET', 'HEAD'].flatMap((method) =>
        ['', 'gzip'].map((coding) => {
          const headers = (etag: string) => ({
            'if-none-match': toHeader(etag),
            ...(coding && { 'accept-encoding': coding }),
          });
          const name = `If-None-Match: ${what}, accepting ${coding || 'anything'}`;
          return request(name, status, headers, method);
        }),
      ),
    ),
    ...CODINGS.map((coding) =>
      request(`accepting ${coding}`, 200, () => ({ 'accept-encoding': coding })),
    ),
    ...Object.entries(OTHER_HEADERS).map(([what, headers]) =>
      request(`with ${what}`, 200, () => headers),
    ),
  ];
});

/** Every request, without names twice. */
export const CONFORMANCE_REQUESTS: readonly ConformanceRequest[] = [
  ...Object.entries(TARGETS).flatMap(([status, all]) =>
    all.map((target) => ({
      name: `GET ${target.slice(0, 60)} of ${target.length}`,
      method: 'GET',
      target,
      status: Number(status),
      headers: () => ({}),
      isForServers: target.startsWith('/snapshots/') || target.length > 20_000,
    })),
  ),
  ...METHODS.map(([method, target, status]) => ({
    name: `${method} ${target}`,
    method,
    target,
    status,
    headers: () => ({}),
    isForServers: false,
  })),
  ...CONDITIONAL_REQUESTS,
  ...['kept', 'kept by those who know it'].map((what, i) =>
    ofSize('loaded by pages', '/files/DIGEST/1')(what, i === 0 ? 200 : 304, (etag) => ({
      ...(i === 1 && { 'if-none-match': etag }),
    })),
  ),
  ofSize('refused', '/nowhere')('If-None-Match: any', 404, () => ({ 'if-none-match': '*' })),
];
