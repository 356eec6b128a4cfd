import type { ContentTypes } from '../../router/headers/content-types.ts';
import {
  errorHeaders,
  IMMUTABLE,
  LOADED_FOLDER,
  PAGE_HEADERS,
  PAGES_FOLDER,
  responseHeaders,
} from '../../router/headers/headers.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import type { Decisions } from '../rules/decisions.ts';
import { API_PATHS, refusalBodies, UNDECIDED_BODY } from '../rules/fixed-files.ts';
import { knownTag, oneOf } from '../rules/request-patterns.ts';
import { makeMap } from './map-lines.ts';
import {
  ACCEPTS_GZIP,
  AT_ONCE,
  type RefusedStatus,
  requestOf,
  rewriteRules,
} from './rewrite-rules.ts';

/** What Apache is configured from. */
export interface ApacheSource {
  readonly table: RoutingTable;
  readonly decisions: Decisions;
  /** Of the snapshot's files, by folder. */
  readonly contentTypes: Readonly<Record<'api' | 'site', ContentTypes>>;
  readonly compress: BuildSettings['compress'];
}

/** The configuration to include, the map that it looks files up in, and the bodies of errors. */
export function apacheFiles(source: ApacheSource): SiteFile[] {
  const contentType = 'text/plain; charset=utf-8';
  const { lines, parts } = makeMap(source.decisions);
  const { page, ...others } = refusalBodies(source.table, `\${MARKETPLACE_PATH}`);
  const bodies = { 400: UNDECIDED_BODY, ...others };
  return [
    // Named by its snapshot: until it is reloaded, Apache goes on with the map before.
    { path: `edge/${mapName(source)}`, contentType, content: `${lines.join('\n')}\n` },
    { path: 'edge/apache.conf', contentType, content: apacheConfig(source, parts, page) },
    ...Object.entries(bodies).map(([status, content]) => ({
      path: `edge/apache-${status}.json`,
      contentType: 'application/json',
      content,
    })),
  ];
}

const mapName = ({ decisions }: ApacheSource) => `apache-${decisions.id}.txt`;

const HELP = `# The marketplace in a virtual host of Apache. DIR is the folder that holds edge/ and snapshots/:
#
#   <VirtualHost *:8085>
#     Define MARKETPLACE DIR
#     Include DIR/edge/apache.conf
#   </VirtualHost>
#
# Below a path, so that the MarketplaceURL is https://host/marketplace, with this line in front of Include:
#
#     Define MARKETPLACE_PATH /marketplace/
#
# It needs the modules rewrite, headers and deflate: a2enmod rewrite headers deflate`;

/** The files that are there decide what is sent. */
const FILTERS: Readonly<Record<BuildSettings['compress'], string>> = {
  off: `# This build has plain files only: Apache compresses for clients that accept gzip.
SetOutputFilter DEFLATE`,
  gzip: `# This build has its larger files compressed only: Apache decompresses for clients that do not accept gzip.
<If "req_novary('Accept-Encoding') !~ m#${ACCEPTS_GZIP}#i">
SetOutputFilter INFLATE
</If>`,
  both: '# This build has its larger files plain and compressed: a client gets the form it accepts.',
};

/** Of an answer, also of one that was not modified. */
const ANSWER_HEADERS = {
  ...responseHeaders({}, 304, ''),
  'last-modified': '',
  'accept-ranges': '',
};

function apacheConfig(source: ApacheSource, parts: number, page: string): string {
  const { decisions, contentTypes, compress } = source;
  const { id } = decisions;
  const snapshot = `\${MARKETPLACE}/snapshots/${id}`;
  const { 'content-type': errorType, ...ofErrors } = errorHeaders(UNDECIDED_BODY);
  const errorDocument = (status: RefusedStatus) =>
    `ErrorDocument ${status} \${MARKETPLACE_PATH}marketplace-error/${status}`;
  const isOfApi = `%{THE_REQUEST} =~ m#${requestOf('[A-Z]+', API_PATHS.replace('/+', '/*'))}#`;
  const isPage = `-z %{reqenv:${AT_ONCE}} && !(${isOfApi})`;
  const lost = `ErrorDocument 404 "${page}"`;
  const when = `-z %{reqenv:${AT_ONCE}} && %{REQUEST_STATUS} -in {'308', '404'} && !(${isOfApi})`;
  const lostHeaders = headers(ofErrors, when, 'always ');
  return `${HELP}

<IfDefine MARKETPLACE_PATH>
<Location "\${MARKETPLACE_PATH}">
${lostHeaders}
</Location>
</IfDefine>
<IfDefine !MARKETPLACE_PATH>
Define MARKETPLACE_PATH /
# Also of what Apache refuses before it comes to a path.
${errorDocument(400)}
${lost}
${lostHeaders}
</IfDefine>

RewriteEngine On
RewriteMap marketplace "txt:\${MARKETPLACE}/edge/${mapName(source)}"
RewriteMap marketplace_lower int:tolower

# The bodies of errors, for which only Apache itself asks.
RewriteCond %{ENV:REDIRECT_STATUS} .
RewriteRule "^\${MARKETPLACE_PATH}marketplace-error/(4\\d\\d)$" "\${MARKETPLACE}/edge/apache-$1.json" [L]

${rewriteRules({ decisions, compress, snapshot, parts }).join('\n')}

<Location "\${MARKETPLACE_PATH}">
${errorDocument(400)}
${errorDocument(404)}
${errorDocument(405)}
<If "${isPage}">
${lost}
</If>
</Location>

<Directory "\${MARKETPLACE}/edge">
AllowOverride None
<FilesMatch "^apache-4\\d\\d\\.json$">
Require all granted
ForceType ${errorType}
${headers({ ...ofErrors, etag: '', 'last-modified': '', 'accept-ranges': '' })}
</FilesMatch>
</Directory>

<Directory "${snapshot}">
AllowOverride None
Options FollowSymLinks
Require all granted
AddEncoding gzip .gz
# The tag of every file is the snapshot: times and sizes may be equal in two builds. What names it, or any, is made the
# condition that Apache answers 304.
RequestHeader edit If-None-Match "(?:${knownTag(id, '\\x22')}).*" "*"
RequestHeader edit If-None-Match "^(?!\\*$).*" ""
RequestHeader unset If-Modified-Since
RequestHeader unset If-Unmodified-Since
RequestHeader unset If-Match
MaxRanges none
${headers({ ...ANSWER_HEADERS, etag: `W/"${id}"` })}
${headers({ 'x-content-type-options': 'nosniff' }, SENT)}
${FILTERS[compress]}
</Directory>

<Directory "${snapshot}/api">
${types(contentTypes.api)}
</Directory>

<Directory "${snapshot}/${PAGES_FOLDER.slice(0, -1)}">
${types(contentTypes.site)}
${headers(PAGE_HEADERS, SENT)}
</Directory>

<Directory "${snapshot}/${LOADED_FOLDER.slice(0, -1)}">
${headers({ 'cache-control': IMMUTABLE })}
</Directory>

UnDefine MARKETPLACE_PATH
`;
}

const SENT = '%{REQUEST_STATUS} == 200';

/**
 * Sets headers, and removes those that are empty.
 *
 * @param when a condition; empty: always
 * @param table `always ` for those of errors of Apache's own
 */
function headers(named: Readonly<Record<string, string>>, when = '', table = ''): string {
  const condition = when && ` "expr=${when}"`;
  return Object.entries(named)
    .map(([name, value]) =>
      value === ''
        ? `Header ${table}unset ${name}`
        : `Header ${table}set ${name} "${value.replaceAll('"', '\\"')}"${condition}`,
    )
    .join('\n');
}

/** The content types of the files in a folder: by extension, where they do not all have the same, then those of single files. */
function types(contentTypes: ContentTypes): string {
  const entries = Object.entries(contentTypes);
  const byPath = entries.filter(([key]) => key.includes('/'));
  const byEnd = entries.filter(([key]) => !key.includes('/'));
  return [
    ...byEnd.map(([end, type]) =>
      byEnd.length === 1
        ? forceType(type)
        : typeOf(`${end.startsWith('.') ? '' : '^[^.]*'}${oneOf([end])}`, type),
    ),
    ...byPath.map(([file, type]) =>
      typeOf(`^${oneOf([file.slice(file.lastIndexOf('/') + 1)])}`, type),
    ),
  ].join('\n');
}

const forceType = (type: string) => `ForceType "${type}"`;

const typeOf = (pattern: string, type: string) =>
  `<FilesMatch "${pattern}(?:\\.gz)?$">\n${forceType(type)}\n</FilesMatch>`;
