import path from 'node:path';
import { ServerError } from '../client.ts';
import type { MattermostServer } from '../requests.ts';
import { isAtLeast } from '../server-line.ts';
import { type InstallConnections, type InstalledPlugin, takeBundle } from './install.ts';
import { foldId } from './manifest-rules.ts';

/** The name of the folder that a server looks for beside itself. */
export const PREPACKAGED_FOLDER = 'prepackaged_plugins';

/** A bundle in `prepackaged_plugins`, with the signature that a server takes for its own. */
export interface PrepackagedBundle {
  readonly bundle: string;
  /** Null if there is none. */
  readonly signature: string | null;
}

/** How a server reads the files of that folder. */
export interface PrepackagedConnections
  extends Pick<InstallConnections, 'findMismatch' | 'unpack'> {
  readonly read: (file: string) => Promise<Uint8Array>;
}

/**
 * The bundles among the paths of all files in `prepackaged_plugins` and its subfolders: a bundle and its signature are paired by
 * their names, wherever they lie; of two with one name, the later counts.
 *
 * Source: docs/mattermost.md, Prepackaged plugins and offline ways.
 */
export function pairPrepackaged(paths: readonly string[]): PrepackagedBundle[] {
  const named = (suffix: string) =>
    new Map(
      paths.flatMap((file) =>
        file.endsWith(suffix) ? [[path.basename(file, suffix), file] as const] : [],
      ),
    );
  const signatures = named('.tar.gz.sig');
  return [...named('.tar.gz')].map(([name, bundle]) => ({
    bundle,
    signature: signatures.get(name) ?? null,
  }));
}

/** Servers from this one on verify the signatures when they start; older ones when the plugin is installed. */
const VERIFIED_AT_START = '10.11.0';

/**
 * What a server offers out of `prepackaged_plugins` after its start, by id.
 *
 * @returns the ids with their versions, and why each other bundle is passed over
 */
export async function offerPrepackaged(
  server: Pick<MattermostServer, 'version' | 'platform'>,
  paths: readonly string[],
  connections: PrepackagedConnections,
): Promise<{
  offered: (PrepackagedBundle & { id: string; version: string })[];
  refused: string[];
}> {
  const offered: (PrepackagedBundle & { id: string; version: string })[] = [];
  const refused: string[] = [];
  for (const found of pairPrepackaged(paths)) {
    try {
      const content = await connections.read(found.bundle);
      if (isAtLeast(server.version, VERIFIED_AT_START)) {
        const signature = await readSignature(found, connections);
        const mismatch = await connections.findMismatch(content, signature);
        if (mismatch !== null) throw new ServerError(mismatch);
      }
      const { manifest } = await connections.unpack(content);
      const [id, version] = [String(manifest['id']), String(manifest['version'])];
      offered.push({ ...found, id: foldId(id), version });
    } catch (error) {
      refused.push(`${path.basename(found.bundle)}: ${(error as Error).message}`);
    }
  }
  return { offered, refused };
}

/**
 * What happens when an administrator installs a prepackaged plugin.
 *
 * @throws {ServerError} where the administrator sees an error
 */
export async function installPrepackaged(
  server: Pick<MattermostServer, 'version' | 'platform'>,
  found: PrepackagedBundle,
  connections: PrepackagedConnections,
): Promise<InstalledPlugin> {
  const content = await connections.read(found.bundle);
  return await takeBundle(server, content, await readSignature(found, connections), connections);
}

async function readSignature(
  { signature }: PrepackagedBundle,
  { read }: PrepackagedConnections,
): Promise<string> {
  if (signature === null) return '';
  return Buffer.from(await read(signature)).toString('base64');
}
