import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Miniflare } from 'miniflare';
import type { Edge } from './edge.ts';
import { httpEdge } from './http-edge.ts';

/** A build in workerd, the engine of Cloudflare, with the files of the build as its assets. */
export async function startWorkerEdge(out: string): Promise<Edge> {
  const code = await readFile(path.join(out, '_worker.js'), 'utf8');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modules: [{ type: 'ESModule', path: '_worker.js', contents: code }],
    compatibilityDate: '2026-04-01',
    assets: {
      directory: out,
      binding: 'ASSETS',
      // As on Pages: every request is the worker's, and files are told by their addresses without .html.
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      assetConfig: { html_handling: 'auto-trailing-slash', not_found_handling: 'none' },
    },
  });
  const url = await miniflare.ready.catch(async (error: unknown) => {
    await miniflare.dispose();
    throw error;
  });
  return httpEdge('Cloudflare worker', url.origin, () => miniflare.dispose());
}
