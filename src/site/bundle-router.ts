import { build, type Plugin } from 'esbuild';
import type { RoutingTable } from '../edge/routing-table.ts';

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
  ...['pageSizes', 'texts', 'abbreviations', 'idAbbreviations', 'lowerCase'],
  ...['folder', 'releases', 'sight', 'found', 'ranks', 'since', 'start', 'end'],
];

/**
 * The router with its table as a CloudFront Function: one script that defines `function handler(event)`.
 *
 * @throws {Error} where the router's code leaves the dialect: a bug
 */
export async function bundleCloudFrontFunction(table: RoutingTable): Promise<string> {
  const code = await bundle('cloudfront-entry.ts', table);
  // CloudFront knows no modules: what the entry exports becomes the function that it calls.
  const exported = /export\{([\w$]+) as handler\};\s*$/.exec(code);
  if (!exported) throw new Error('the bundle does not end with the export of its handler');
  return `${code.slice(0, exported.index)}function handler(event){return ${exported[1]}(event)}\n`;
}

/** Gives the entry its table. As a module, so that the names of its properties are shortened with all others. */
function tablePlugin(table: RoutingTable): Plugin {
  const fields = Object.entries(table).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return {
    name: 'routing-table',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]table\.ts$/ }, () => ({
        contents: `export const TABLE = { ${fields.join(', ')} };`,
      }));
    },
  };
}

async function bundle(entry: string, table: RoutingTable): Promise<string> {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`../edge/${entry}`],
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    mangleProps: new RegExp(`^(${OWN_PROPERTIES.join('|')})$`),
    plugins: [tablePlugin(table)],
    ...DIALECT,
  });
  return result.outputFiles[0]?.text ?? '';
}
