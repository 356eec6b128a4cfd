import { build } from 'esbuild';
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
 * The router with its table as a CloudFront Function: one script that defines `function handler(event)`.
 *
 * @throws {Error} where the router's code leaves the dialect: a bug
 */
export async function bundleCloudFrontFunction(table: RoutingTable): Promise<string> {
  const code = await bundle('cloudfront-entry.ts', table);
  return `let handleViewerRequest;${code}function handler(event){return handleViewerRequest(event)}\n`;
}

async function bundle(entry: string, table: RoutingTable): Promise<string> {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`../edge/${entry}`],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    define: { TABLE: JSON.stringify(table) },
    ...DIALECT,
  });
  return result.outputFiles[0]?.text.replace(/^"use strict";/, '') ?? '';
}
