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
  ...['/', '/about/', '/plugins/', '/feed.xml', '/sitemap.xml', '/robots.txt', '/favicon.ico'],
  ...[
    '/openapi.json',
    '/list.json',
    '/catalog.json',
    '/signed.json',
    '/api/v1/labels',
    '/api/v1/health',
  ],
];

/**
 * What has one file: web pages and all that they load, and fixed answers of the API.
 *
 * @throws {Error} where the router finds none: a bug
 */
export function fixedFiles(
  table: RoutingTable,
  { pages, files, digest }: Decisions,
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
    ...pages.flatMap((folder) => {
      const asked = { ...table, plugins: `\n${folder}`, idAbbreviations: '' };
      return ['', 'feed.xml'].map((name) => fileOf(`/plugins/${folder}/${name}`, asked));
    }),
    ...Array.from({ length: files }, (_, i) => fileOf(`/files/${digest}/${i + 1}`)),
  ];
}

/** Paths that lack the slash at the end of a page's, and where the page is: `/plugins/jira`, `jira/`. */
export const slashless = (fixed: readonly FixedFile[]): (readonly [path: string, to: string])[] =>
  fixed.flatMap(({ path }) => {
    const name = /([^/]+\/)$/.exec(path)?.[1];
    return name === undefined ? [] : [[path.slice(0, -1), name] as const];
  });

/** The paths below which an error has JSON; elsewhere it is a page. A pattern. */
export const API_PATHS = '/+api/';

/** The bodies of refusals: of what is unknown below the API and elsewhere, and of another method. */
export interface RefusalBodies {
  readonly 404: string;
  readonly 405: string;
  readonly page: string;
}

/**
 * As the router has them.
 *
 * @param root the path of the list, as the configuration of the host names it
 */
export function refusalBodies(table: RoutingTable, root: string): RefusalBodies {
  const bodyOf = (method: string, path: string) => {
    const routed = route(table, method, path, {});
    return 'path' in routed ? '' : routed.body;
  };
  return {
    404: bodyOf('GET', '/api/nothing'),
    405: bodyOf('POST', '/'),
    page: bodyOf('GET', '/nowhere').replace(/=\//g, () => `=${root}`),
  };
}

/** The body of a 400 for what plain rules do not decide. */
export const UNDECIDED_BODY = JSON.stringify({
  error: 'query is not published',
  parameter: 'query',
  allowed:
    'each key once, unescaped letters, digits, . _ ~ -, a filter that is an id, per_page 100 or -1',
});
