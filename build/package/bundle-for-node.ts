import { readFile } from 'node:fs/promises';
import { build, type Metafile } from 'esbuild';

/** The options of `bundleForNode`. */
export interface NodeBundleOptions {
  /** The folder of the checkout. */
  readonly root: string;
  /** Files in TypeScript, relative to the root, by the name of the program without `.js`. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly outdir: string;
  /** Changes the text of a module before it is compiled; `file` is absolute. */
  readonly rewrite: (text: string, file: string) => string;
}

/** Compiles programs into JavaScript for Node: modules that share what they share, and import packages by their names. */
export async function bundleForNode(options: NodeBundleOptions): Promise<Metafile> {
  const { root, entryPoints, outdir, rewrite } = options;
  const { metafile } = await build({
    entryPoints: { ...entryPoints },
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    metafile: true,
    logLevel: 'error',
    plugins: [
      {
        name: 'rewrite',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
            contents: rewrite(await readFile(file, 'utf8'), file),
            loader: 'ts',
          }));
        },
      },
    ],
  });
  return metafile;
}
