import type { ContentTypes } from '../../router/headers/content-types.ts';
import { contentTypeOf } from '../../router/headers/headers.ts';
import { route } from '../../router/route.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { Decisions } from './decisions.ts';

/** A file that a path has, whatever the query. */
export interface FixedFile {
  /** As sent: `/about/`. Of one that begins with `/api/`, up to nine more slashes may stand in front. */
  readonly path: string;
  /** Inside the snapshot: `site/about/index.html`. */
  readonly file: string;
  readonly contentType: string;
}

const PATHS = [
  ...[
    '/',
    '/about/',
    '/feed.xml',
    '/openapi.json',
    '/list.json',
    '/catalog.json',
    '/site.css',
    '/site.js',
  ],
  ...['/api/v1/labels', '/api/v1/health'],
];

/**
 * What has one file: web pages and all that they load, and fixed answers of the API.
 *
 * @throws {Error} where the router finds none: a bug
 */
export function fixedFiles(
  table: RoutingTable,
  { pages, icons }: Decisions,
  types: ContentTypes,
): FixedFile[] {
  const fileOf = (path: string, asked = table): FixedFile => {
    const routed = route(asked, 'GET', path, {});
    if (!('path' in routed)) throw new Error(`the router refuses ${path}: ${routed.body}`);
    const file = routed.path.slice(table.root.length);
    return { path, file, contentType: contentTypeOf(types, file) };
  };
  return [
    ...PATHS.map((path) => fileOf(path)),
    // The router reads that plugin's line alone.
    ...pages.map((folder) =>
      fileOf(`/plugins/${folder}/`, { ...table, plugins: `\n${folder}`, idAbbreviations: '' }),
    ),
    ...Array.from({ length: icons }, (_, i) => fileOf(`/icons/${i + 1}`)),
  ];
}

/** The bodies of refusals, by their status. */
export function refusalBodies(table: RoutingTable): Record<404 | 405, string> {
  const bodyOf = (method: string, path: string) => {
    const routed = route(table, method, path, {});
    return 'path' in routed ? '' : routed.body;
  };
  return { 404: bodyOf('GET', '/nowhere'), 405: bodyOf('POST', '/') };
}

/** The body of a 400 for what plain rules do not decide. */
export const UNDECIDED_BODY = JSON.stringify({
  error: 'query is not published',
  parameter: 'query',
  allowed:
    'each key once, unescaped letters, digits, . _ ~ -, a filter that is an id, per_page 100 or -1',
});
