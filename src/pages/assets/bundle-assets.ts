import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { themeCss } from './palette.ts';

/** The style sheet and the script of the pages. */
export interface Assets {
  readonly styleSheet: Asset;
  readonly script: Asset;
}

/** A file without an address. */
export type Asset = Pick<SiteFile, 'contentType' | 'content'>;

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
      contentType: 'text/css; charset=utf-8',
      content: `${themeCss(accentColor)}\n${css}`,
    },
    script: {
      contentType: 'text/javascript; charset=utf-8',
      content: script,
    },
  };
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
