/** A difference between an edge and the embedded server that the edge's platform forces. */
export interface Exception {
  /** What its name in `EDGES` ends with. */
  readonly edge: string;
  /** The requests, by their names. */
  readonly request: RegExp;
  readonly fields: readonly string[];
  readonly reason: string;
}

/** All of them. One that is not met any more fails the suite, too. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    edge: 'CloudFront',
    request: /^GET \S*\?(filter=todo&%66|%66|filt%65r|page=0&p%61|p%61ge|plugin%5fid)/,
    fields: ['status', 'body', 'allow', 'content-security-policy'],
    reason:
      'an event of CloudFront does not show which of two spellings of a key came first, so they are refused if they differ',
  },
  {
    edge: 'nginx',
    request: /^GET \/(\.\.\/|\.\.%2f|%zz|%00)/,
    fields: [
      ...['status', 'body', 'content-type', 'cache-control', 'x-content-type-options', 'allow'],
      'content-security-policy',
    ],
    reason:
      'nginx decodes paths to choose a location, and refuses with 400 one that leaves the root or has a broken escape before the router sees it',
  },
  {
    edge: 'nginx',
    request: /^(GET|HEAD) \/(about|plugins)(\/!todo|\/com\.example\.calls)?( |\?|$)/,
    fields: ['body'],
    reason: 'nginx sends redirects with a page of its own',
  },
  {
    edge: 'Apache',
    request: /^(GET|HEAD) \/(about|plugins)(\/!todo|\/com\.example\.calls)?( |\?|$)/,
    fields: ['body', 'location'],
    reason: 'Apache sends redirects with a page of its own, and makes their addresses absolute',
  },
  {
    edge: 'nginx',
    request: / of 24023$/,
    fields: ['body'],
    reason: 'nginx refuses in its own words what does not come to the router',
  },
  {
    edge: 'nginx',
    request: /with If-Match/,
    fields: ['status', 'body', 'content-type', 'cache-control', 'vary', 'etag'],
    reason:
      'nginx judges If-Match itself, refuses with 412 and ends the connection; the embedded server knows no such condition',
  },
  {
    edge: 'Apache',
    request: /^GET \/(\.\.\/|%zz)/,
    fields: ['status', 'body', 'content-type'],
    reason:
      'Apache decodes paths first, and refuses with 400 one that leaves the root or has a broken escape',
  },
  {
    edge: 'Apache',
    request: /^GET \/(api%2Fv1|\.\.%2f|%00)/,
    fields: ['content-type'],
    reason: 'Apache names a charset with what it refuses before it comes to the rules',
  },
  {
    edge: 'Apache',
    request: / of 24023$/,
    fields: [
      ...['body', 'content-type', 'cache-control', 'access-control-allow-origin'],
      'x-content-type-options',
    ],
    reason: 'Apache refuses in its own words a request line that it does not read to its end',
  },
  {
    edge: 'HAProxy',
    request: /^GET http:| of 24023$/,
    fields: [
      ...['status', 'body', 'content-type', 'cache-control', 'access-control-allow-origin'],
      ...['x-content-type-options', 'vary', 'etag'],
    ],
    reason:
      'HAProxy refuses in its own words what it cannot read: an address whose host is not that of the header, and what does not fit into its buffer',
  },
  {
    edge: 'Caddy',
    request: /^GET \/%zz /,
    fields: [
      'status',
      'body',
      'content-type',
      'cache-control',
      'access-control-allow-origin',
      'allow',
      'content-security-policy',
    ],
    reason: 'Go refuses a path with a broken escape before Caddy sees it',
  },
  {
    edge: 'Caddy',
    request: / of 24023$/,
    fields: [
      ...['status', 'body', 'cache-control', 'x-content-type-options', 'allow'],
      'content-security-policy',
    ],
    reason: 'Caddy takes longer addresses, and the rules refuse them',
  },
  {
    edge: 'Cloudflare',
    request: /^GET \/(api\/v1\/)?(\.\.?|%2e|x\/\.\.)\/(api|plugins)/,
    fields: [
      ...['status', 'body', 'content-type', 'x-content-type-options', 'allow'],
      ...['vary', 'etag', 'content-security-policy'],
    ],
    reason:
      'the platform resolves dots in paths before the worker sees them, so these are /api/v1/plugins',
  },
  {
    edge: 'Cloudflare',
    request: /^GET http:/,
    fields: [
      ...['status', 'body', 'content-type', 'cache-control', 'access-control-allow-origin'],
      ...['x-content-type-options', 'vary', 'etag'],
    ],
    reason:
      'workerd takes no address in absolute form, which proxies send; on Cloudflare it is behind a server that does',
  },
  {
    edge: 'Cloudflare',
    request: / of 24023$/,
    fields: [
      ...['status', 'body', 'cache-control', 'x-content-type-options', 'allow'],
      'content-security-policy',
    ],
    reason: 'workerd takes longer addresses',
  },
];
