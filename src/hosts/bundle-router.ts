import path from 'node:path';
import { build, type Plugin, transform } from 'esbuild';
import { digestOf } from '../lib/digests.ts';
import type { ContentTypes } from '../router/headers/content-types.ts';
import * as anything from '../router/table/published.ts';
import type { RoutingTable } from '../router/table/routing-table.ts';
import { readTexts } from '../router/table/search.ts';

/** Restricts the code to the dialect that all edges run: newer constructs are lowered, or fail the build. */
const DIALECT = {
  target: 'es5',
  supported: {
    'const-and-let': true,
    arrow: true,
    'template-literal': true,
    'exponent-operator': true,
    'async-await': true,
  },
} as const;

/**
 * The router's own property names, which the bundle may shorten. Neither an edge nor the body of an error uses any of
 * them.
 */
const OWN_PROPERTIES = [
  ...['page', 'perPage', 'text', 'serverVersion', 'enterprise', 'cloud', 'platform', 'pluginId'],
  ...['allVersions', 'allLists', 'root', 'steps', 'platforms', 'patterns', 'classes', 'plugins'],
  ...[
    'lists',
    'kinds',
    'longest',
    'pageSizes',
    'texts',
    'onlyIds',
    'abbreviations',
    'idAbbreviations',
  ],
  ...['lowerCase', 'files', 'digest', 'path', 'folder', 'releases', 'found', 'ranks', 'since'],
  ...['row', 'step', 'passed', 'members', 'offered', 'suffix', 'first'],
  ...['last', 'free', 'position', 'blocks', 'records', 'count', 'users'],
];

/** The data in a router. */
export interface RouterData {
  readonly table: RoutingTable;
  readonly contentTypes: ContentTypes;
}

/**
 * The router with its table as a CloudFront Function: one script that defines `function handler(event)`. Where the plugins are in a
 * store, it imports `cloudfront` and is asynchronous.
 *
 * @throws {Error} if the router's code leaves the dialect: a bug
 */
export async function bundleCloudFrontFunction(table: RoutingTable): Promise<string> {
  const data = { table, contentTypes: {} };
  const code = table.blocks
    ? await bundle('cloudfront/store-entry.ts', data, withoutPlugins(table))
    : await bundle('cloudfront/entry.ts', data, publishedIn(table));
  // CloudFront does not support exports.
  return code.replace(/export (async )?function/, '$1function');
}

/** The code of a function without its table, to measure it; of one without a store. */
export async function bundleCodeAlone(table: RoutingTable): Promise<string> {
  const nothing = { table: {} as RoutingTable, contentTypes: {} };
  return await bundle('cloudfront/entry.ts', nothing, publishedIn(table));
}

/**
 * The router as a module for nginx: its default export has the functions that the configuration names.
 *
 * @throws {Error} if the router's code leaves the dialect: a bug
 */
export async function bundleNginxModule(data: RouterData): Promise<string> {
  // njs supports only this kind of export.
  const code = await bundle('nginx/entry.ts', data, publishedIn(data.table));
  return code.replace(/export\{([\w$]+) as default\};\s*$/, 'export default $1;\n');
}

/**
 * The router as a worker for Cloudflare Pages: a module whose default export has `fetch`.
 *
 * @throws {Error} if the router's code leaves the dialect: a bug
 */
export async function bundleWorker(data: RouterData): Promise<string> {
  return await bundle('worker/entry.ts', data, publishedIn(data.table));
}

/** Identifies a version of the router's code: 16 hex digits of the digest of the code for every table. */
export async function routerVersion(): Promise<string> {
  const data = { table: {} as RoutingTable, contentTypes: {} };
  const codes = [
    await bundle('cloudfront/entry.ts', data, anything),
    await bundle('cloudfront/store-entry.ts', data, { ...anything, ...WITHOUT_PLUGINS }),
  ];
  return digestOf(codes.join('')).slice(0, 16);
}

/** The features in `router/table/published.ts` that a bundle has. */
type Features = typeof anything;

/** The features of a table whose plugins are in a store. */
const WITHOUT_PLUGINS = {
  IN_STORE: true,
  ALL_LISTS: false,
  HAS_PAGES: true,
  ONLY_PAGE_SIZE: 0,
  ONLY_IDS: true,
  HAS_TEXTS: false,
  HAS_GAPS: false,
};

const withoutPlugins = ({ users }: RoutingTable): Features => ({
  ...WITHOUT_PLUGINS,
  HAS_USERS: users !== undefined,
});

/** The features of a table. */
function publishedIn(table: RoutingTable): Features {
  const [newest = 0, all = 0] = table.longest;
  const sizes = table.pageSizes;
  const longest = [newest, all, all];
  const texts = readTexts(table);
  const [only] = sizes[0] ?? [];
  const isOnly = sizes.every((each) => each.length === 1 && each[0] === only);
  return {
    HAS_PAGES: sizes.some(
      (each, kind) => each.length === 0 || each.some((size) => size < (longest[kind] ?? 0)),
    ),
    ONLY_PAGE_SIZE: isOnly && only ? only : 0,
    IN_STORE: false,
    HAS_USERS: table.users !== undefined,
    ALL_LISTS: table.allLists,
    ONLY_IDS: table.onlyIds,
    HAS_TEXTS: texts.some((rank) => rank.join('') !== '' || rank[1] === ''),
    HAS_GAPS: texts.some((rank) => rank[1] === ''),
  };
}

/** Gives the entry its data. As modules, so that the names of the table's properties are shortened with all others. */
function dataPlugin({ table, contentTypes }: RouterData, published: Features): Plugin {
  // In a fixed order, so that a table read from a manifest gives the same bytes.
  const unread = [
    ...(published.ALL_LISTS === undefined ? [] : ['allLists']),
    ...(published.ONLY_IDS === undefined ? [] : ['onlyIds']),
    ...(published.HAS_TEXTS ? [] : ['texts', 'abbreviations']),
    ...(published.ONLY_PAGE_SIZE > 0 ? ['pageSizes'] : []),
  ];
  const names = Object.keys(table).sort() as (keyof RoutingTable)[];
  const fields = names
    .filter((name) => !unread.includes(name))
    .map((name) => `${name}: ${JSON.stringify(table[name])}`);
  const modules: Record<string, string> = {
    table: `export const TABLE = { ${fields.join(', ')} };`,
    'content-types': `export const CONTENT_TYPES = ${JSON.stringify(contentTypes)};`,
    published: Object.entries(published)
      .map(([name, value]) => `export const ${name} = ${value};`)
      .join('\n'),
  };
  return {
    name: 'router-data',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/](table|content-types|published)\.ts$/ }, ({ path: file }) => ({
        contents: modules[path.basename(file, '.ts')] as string,
      }));
    },
  };
}

/** The code of a host's entry, a module, by its path from here. */
async function bundle(entry: string, data: RouterData, published: Features): Promise<string> {
  const common = {
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  } as const;
  // CloudFront calls it `statusCode`, the other hosts `status`.
  const own = entry.startsWith('cloudfront/') ? [...OWN_PROPERTIES, 'status'] : OWN_PROPERTIES;
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`./${entry}`],
    bundle: true,
    write: false,
    external: ['cloudfront', 'crypto'],
    format: 'esm',
    minifySyntax: true,
    mangleProps: new RegExp(`^(${own.join('|')})$`),
    plugins: [dataPlugin(data, published)],
    ...common,
    ...DIALECT,
  });
  // A second pass: constants of other modules are inlined too late for the first to drop dead code.
  const code = result.outputFiles[0]?.text ?? '';
  const named = code.replace(
    /^((?:async )?function handler\(.*)export \{\s*handler\s*\};\s*$/ms,
    'export $1',
  );
  const minified = await transform(named, {
    minify: true,
    treeShaking: true,
    // In the first pass, it would get a wrapper.
    define: { loadModule: 'require' },
    ...common,
    ...DIALECT,
  });
  return minified.code;
}
