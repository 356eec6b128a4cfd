import { gunzipSync } from 'node:zlib';
import { type Ask, choosePlugin, ServerError } from '../client.ts';
import type { MattermostServer } from '../requests.ts';
import { isAtLeast } from '../server-line.ts';
import { judgeBundle, type ServerBundle } from './bundle.ts';
import { findObstacles } from './installable.ts';
import { foldId } from './manifest-rules.ts';

/** The connections of a server. */
export interface InstallConnections {
  readonly ask: Ask;
  /** Fetches a bundle, as it comes: compression is not undone. */
  readonly download: (url: string) => Promise<Download>;
  /** Why bytes are not what was signed with a key that the server has, to follow `the bundle`; null where they are. */
  readonly findMismatch: (bundle: Uint8Array, signature: string) => Promise<string | null>;
  /** @throws where a server cannot unpack it, or finds no manifest */
  readonly unpack: (bundle: Uint8Array) => Promise<ServerBundle>;
}

export interface Download {
  readonly status: number;
  /** The header `Content-Encoding`; empty if there is none. */
  readonly contentEncoding: string;
  readonly body: Uint8Array;
}

/** A server with what its administrator has set. */
export interface ConfiguredServer extends MattermostServer {
  /** Settings that are on, such as `PluginSettings.AllowInsecureDownloadURL`. */
  readonly settings: readonly string[];
}

/** A plugin as the server knows it after the installation. */
export interface InstalledPlugin {
  readonly id: string;
  readonly version: string;
  readonly bundle: ServerBundle;
}

/**
 * What happens when an administrator chooses a plugin in the list: the server asks for it, downloads its bundle, verifies the
 * signature, unpacks it and starts it.
 *
 * Sources: server/channels/app/plugin_install.go, download.go, plugin_signature.go, server/public/plugin/environment.go.
 *
 * @param version as the list showed it
 * @throws {ServerError} where the administrator sees an error
 */
export async function installPlugin(
  server: ConfiguredServer,
  { id, version }: { readonly id: string; readonly version: string },
  { ask, download, findMismatch, unpack }: InstallConnections,
): Promise<InstalledPlugin> {
  const chosen = await choosePlugin(server, id, version, ask);
  const [obstacle] = findObstacles(chosen, server).filter(
    ({ unlessSetting }) => unlessSetting === undefined || !server.settings.includes(unlessSetting),
  );
  if (obstacle) throw new ServerError(`${obstacle.path.join('.')} ${obstacle.message}`);
  const bundle = contentOf(await download(chosen.download_url), server);
  return await takeBundle(server, bundle, chosen.signature ?? '', { findMismatch, unpack });
}

/**
 * What a server does with a bundle that it has: verifies the signature, unpacks it and starts it.
 *
 * @throws {ServerError} where the administrator sees an error
 */
export async function takeBundle(
  server: Pick<MattermostServer, 'version' | 'platform'>,
  bundle: Uint8Array,
  signature: string,
  { findMismatch, unpack }: Pick<InstallConnections, 'findMismatch' | 'unpack'>,
): Promise<InstalledPlugin> {
  const mismatch = await findMismatch(bundle, signature);
  if (mismatch !== null) throw new ServerError(`the bundle ${mismatch}`);
  const unpacked = await unpack(bundle).catch((error: Error) => {
    throw new ServerError(error.message);
  });
  const findings = judgeBundle(unpacked, {
    platform: server.platform,
    serverVersion: server.version,
  });
  const failure = findings.find(({ level }) => level === 'error');
  if (failure) throw new ServerError(`the bundle ${failure.message}`);
  const { manifest } = unpacked;
  return {
    id: foldId(String(manifest['id'])),
    version: String(manifest['version']),
    bundle: unpacked,
  };
}

/** What a server takes for the bundle: it undoes gzip, and then has something else than what was signed. */
function contentOf({ status, contentEncoding, body }: Download, server: MattermostServer) {
  // Older servers do not look at the status.
  if (isAtLeast(server.version, '5.24.0') && (status < 200 || status > 299)) {
    throw new ServerError(`the download of the bundle has status ${status}`);
  }
  if (contentEncoding.toLowerCase() !== 'gzip') return body;
  try {
    return gunzipSync(body);
  } catch {
    throw new ServerError('the download of the bundle is not as its Content-Encoding says');
  }
}
