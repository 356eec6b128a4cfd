import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { digestOf } from '../../lib/digests.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { themeCss } from './palette.ts';

/** The style sheet and the script of the pages. */
export interface Assets {
  readonly styleSheet: SiteFile;
  readonly script: SiteFile;
}

const FOLDER = path.join(import.meta.dirname, '..');

/** Browsers of some years ago, for which `target` lowers newer syntax. */
const BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari16.4'];

/** Bundles both. The accent is part of the style sheet, because the content security policy forbids styles in pages. */
export async function bundleAssets(accentColor: string): Promise<Assets> {
  const [css, script] = await Promise.all([
    bundle({ entryPoints: ['assets/site.css'] }),
    bundle({ entryPoints: ['browser/main.ts'], format: 'iife' }),
  ]);
  return {
    styleSheet: {
      path: 'site/site.css',
      contentType: 'text/css; charset=utf-8',
      content: `${themeCss(accentColor)}\n${css}`,
    },
    script: {
      path: 'site/site.js',
      contentType: 'text/javascript; charset=utf-8',
      content: script,
    },
  };
}

/** The address of a file, from the root of the site, with its digest as a query: caches heed it, the router does not. */
export function assetPath({ path, content }: SiteFile): string {
  const digest = digestOf(content).slice(0, 8);
  return `${path.slice('site/'.length)}?${digest}`;
}

async function bundle(options: BuildOptions): Promise<string> {
  const result = await build({
    ...options,
    absWorkingDir: FOLDER,
    bundle: true,
    write: false,
    minify: true,
    target: BROWSERS,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  return result.outputFiles?.[0]?.text ?? '';
}
