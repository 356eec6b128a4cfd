import { build, type Plugin } from 'esbuild';
import { digestOf } from '../lib/digests.ts';
import type { ContentTypes } from '../router/headers/content-types.ts';
import type { RoutingTable } from '../router/table/routing-table.ts';

/** Holds every construct to the dialect that all edges run: what is newer is lowered, or fails the build. */
const DIALECT = {
  target: 'es5',
  supported: {
    'const-and-let': true,
    arrow: true,
    'template-literal': true,
    'exponent-operator': true,
  },
} as const;

/**
 * The router's own property names, which need not be spelt out in the bundle. None of them is a name that an edge or the
 * body of an error knows.
 */
const OWN_PROPERTIES = [
  ...[
    'page',
    'perPage',
    'text',
    'serverVersion',
    'enterprise',
    'cloud',
    'platform',
    'pluginId',
    'allVersions',
  ],
  ...['root', 'steps', 'platforms', 'patterns', 'classes', 'plugins', 'lists', 'kinds', 'longest'],
  ...['pageSizes', 'texts', 'onlyIds', 'abbreviations', 'idAbbreviations', 'lowerCase', 'icons'],
  ...['path', 'folder', 'releases', 'sight', 'found', 'ranks', 'since', 'start', 'end'],
];

/** What a router carries. */
export interface RouterData {
  readonly table: RoutingTable;
  readonly contentTypes: ContentTypes;
}

/**
 * The router with its table as a CloudFront Function: one script that defines `function handler(event)`.
 *
 * @throws {Error} where the router's code leaves the dialect: a bug
 */
export async function bundleCloudFrontFunction(table: RoutingTable): Promise<string> {
  // CloudFront knows no modules: what the entry exports becomes the function that it calls.
  const { code, name } = await bundle('cloudfront', 'handler', {
    table,
    contentTypes: {},
  });
  return `${code}function handler(event){return ${name}(event)}\n`;
}

/**
 * The router as a module for nginx: its default export has the functions that the configuration names.
 *
 * @throws {Error} where the router's code leaves the dialect: a bug
 */
export async function bundleNginxModule(data: RouterData): Promise<string> {
  // njs knows no other export than this.
  const { code, name } = await bundle('nginx', 'default', data);
  return `${code}export default ${name};\n`;
}

/**
 * The router as a worker for Cloudflare Pages: a module whose default export has `fetch`.
 *
 * @throws {Error} where the router's code leaves the dialect: a bug
 */
export async function bundleWorker(data: RouterData): Promise<string> {
  const { code, name } = await bundle('worker', 'default', data);
  return `${code}export default ${name};\n`;
}

/** Of a snapshot that answers nothing. */
const EMPTY_TABLE: RoutingTable = {
  root: '/',
  steps: '=any =unspecified',
  platforms: 'default',
  ...{ patterns: '', classes: '', plugins: '', lists: '', kinds: '' },
  longest: [],
  pageSizes: [],
  ...{ texts: '', onlyIds: false, abbreviations: '', idAbbreviations: '' },
  lowerCase: [],
  icons: 0,
};

/** What tells two versions of the router's code apart: 16 hex digits of the digest of what an empty table makes. */
export async function routerVersion(): Promise<string> {
  const code = await bundleCloudFrontFunction(EMPTY_TABLE);
  return digestOf(code).slice(0, 16);
}

/** Gives the entry its data. As modules, so that the names of the table's properties are shortened with all others. */
function dataPlugin({ table, contentTypes }: RouterData): Plugin {
  // In one order, so that a table read from a manifest makes the same bytes.
  const names = Object.keys(table).sort() as (keyof RoutingTable)[];
  const fields = names.map((name) => `${name}: ${JSON.stringify(table[name])}`);
  return {
    name: 'router-data',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]table\.ts$/ }, () => ({
        contents: `export const TABLE = { ${fields.join(', ')} };`,
      }));
      onLoad({ filter: /[\\/]content-types\.ts$/ }, () => ({
        contents: `export const CONTENT_TYPES = ${JSON.stringify(contentTypes)};`,
      }));
    },
  };
}

/** The code of a host's entry without its export, and the name of that in the code. */
async function bundle(
  host: string,
  exportName: string,
  data: RouterData,
): Promise<{ code: string; name: string }> {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`./${host}/entry.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    mangleProps: new RegExp(`^(${OWN_PROPERTIES.join('|')})$`),
    plugins: [dataPlugin(data)],
    ...DIALECT,
  });
  const code = result.outputFiles[0]?.text ?? '';
  const exported = /export\{([\w$]+) as (\w+)\};\s*$/.exec(code);
  if (exported?.[2] !== exportName) {
    throw new Error(`the router of ${host} does not end with the export of its ${exportName}`);
  }
  return { code: code.slice(0, exported.index), name: exported[1] as string };
}
