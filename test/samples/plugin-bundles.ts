import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** A file of an archive: its path, contents and permissions, or a header for anything but a plain file. */
export type ArchiveEntry =
  | readonly [path: string, content: string | Buffer, mode?: number]
  | (Partial<Header> & Pick<Header, 'name'>);

/** A tar archive, not compressed. */
export async function makeTar(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) {
    if ('name' in entry) archive.entry(entry, '');
    else archive.entry({ name: entry[0], mode: entry[2] ?? 0o644 }, entry[1]);
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** A `.tar.gz` as plugins come in. */
export async function makeTarGz(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  return gzipSync(await makeTar(entries));
}

/** The smallest icon. */
export const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** A manifest with a program for each platform, and the fields of `more`. */
export function makeManifest(id: string, version: string, more: object = {}) {
  return {
    id,
    name: `Plugin ${id}`,
    description: `What ${id} does.`,
    version,
    min_server_version: '9.0.0',
    homepage_url: `https://example.com/${id}`,
    release_notes_url: `https://example.com/${id}/${version}`,
    icon_path: 'assets/icon.svg',
    server: {
      executables: {
        'linux-amd64': 'server/dist/plugin-linux-amd64',
        'darwin-arm64': 'server/dist/plugin-darwin-arm64',
      },
    },
    ...more,
  };
}

/**
 * A plugin bundle with everything that its manifest names.
 *
 * @param platforms those whose programs are in it; default: all
 */
export async function makeBundle(
  manifest: ReturnType<typeof makeManifest>,
  platforms: readonly string[] = Object.keys(manifest.server.executables),
): Promise<Buffer> {
  const programs = Object.entries(manifest.server.executables)
    .filter(([platform]) => platforms.includes(platform))
    .map(([platform, path]) => [`plugin/${path}`, `runs on ${platform}`, 0o755] as const);
  return await makeTarGz([
    { name: 'plugin/', type: 'directory' },
    ['plugin/assets/icon.svg', SVG],
    ['plugin/plugin.json', JSON.stringify(manifest)],
    ...programs,
  ]);
}
