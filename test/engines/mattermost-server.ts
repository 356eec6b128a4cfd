import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type https from 'node:https';
import { isIP } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readBundle } from '../../src/curation/bundles/read-bundle.ts';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { type ListedPlugin, listPlugins, ServerError } from '../../src/mattermost/client.ts';
import { explainForbidden } from '../../src/mattermost/install/address-rules.ts';
import {
  type ConfiguredServer,
  type InstallConnections,
  installPlugin,
} from '../../src/mattermost/install/install.ts';
import { installPrepackaged, offerPrepackaged } from '../../src/mattermost/install/prepackaged.ts';
import { checkSignature } from '../../src/signatures/check-signature.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { makeFolder } from '../make-folder.ts';

/** A Mattermost server, its settings and its environment. Settings that are left out have their defaults. */
export interface ServerOptions {
  readonly version: string;
  /** Default: `linux-amd64`. */
  readonly platform?: string;
  /** `PluginSettings.MarketplaceURL`. */
  readonly marketplaceUrl: string;
  /** `PluginSettings.SignaturePublicKeyFiles`, with the built-in key, for which tests have another. */
  readonly keyFiles?: readonly string[];
  /** Settings that are on. */
  readonly settings?: readonly string[];
  /** `ServiceSettings.AllowedUntrustedInternalConnections`. */
  readonly allowedInternal?: string;
  /** Certificates that its system trusts. */
  readonly authorities?: readonly string[];
  /** The addresses of names besides `localhost`, which the rules check. The test listens on loopback. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** Sets up a server that lists and installs, over the network and from disk. */
export async function makeServer(t: TestContext, options: ServerOptions) {
  const folder = await makeFolder(t);
  const server: ConfiguredServer = {
    version: options.version,
    platform: options.platform ?? 'linux-amd64',
    isEnterpriseBuild: true,
    hasEnterprisePlugins: false,
    isCloud: false,
    settings: options.settings ?? [],
  };
  const connections = await connect(folder, options);
  return {
    list: () => listPlugins(server, connections.ask),
    install: ({ manifest }: ListedPlugin) => installPlugin(server, manifest, connections),
  };
}

/** The result of listing all and installing each: `jira@4.1.0`, or `jira: ` and the error. */
export async function installAll(t: TestContext, options: ServerOptions): Promise<string[]> {
  const server = await makeServer(t, options);
  const results: string[] = [];
  for (const plugin of await server.list()) {
    try {
      const { id, version } = await server.install(plugin);
      results.push(`${id}@${version}`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      results.push(`${plugin.manifest.id}: ${error.message}`);
    }
  }
  return results.sort();
}

/**
 * The result of a start with a folder `prepackaged_plugins`, and of installing each plugin that the server then offers: `jira@4.1.0`,
 * or the name and the error.
 */
export async function installAllPrepackaged(
  t: TestContext,
  { version, platform = 'linux-amd64', keyFiles = [] }: Omit<ServerOptions, 'marketplaceUrl'>,
  prepackaged: string,
): Promise<string[]> {
  const server = { version, platform };
  const connections = {
    ...(await openBundles(await makeFolder(t), keyFiles)),
    read: (file: string) => readFile(path.join(prepackaged, file)),
  };
  const files = await readdir(prepackaged, { recursive: true });
  const { offered, refused } = await offerPrepackaged(server, files.sort(), connections);
  const results = refused.map((reason) => `refused ${reason}`);
  for (const found of offered) {
    try {
      const { id, version: installed } = await installPrepackaged(server, found, connections);
      results.push(`${id}@${installed}`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      results.push(`${found.id}: ${error.message}`);
    }
  }
  return results.sort();
}

async function connect(folder: string, options: ServerOptions): Promise<InstallConnections> {
  return {
    ask: async (query) => {
      const base = options.marketplaceUrl.replace(/\/+$/, '');
      const url = new URL(`${base}/api/v1/plugins?${query}`);
      refuseForbidden(url, options);
      const { status, contentEncoding, body } = await fetchUrl(url, options);
      const text = contentEncoding === 'gzip' ? gunzipSync(body) : Buffer.from(body);
      return { status, body: text.toString('utf8') };
    },
    // Without rules about addresses.
    download: (url) => fetchUrl(new URL(url), options),
    ...(await openBundles(folder, options.keyFiles ?? [])),
  };
}

/** How a server verifies and unpacks bundles. */
async function openBundles(
  folder: string,
  keyFiles: readonly string[],
): Promise<Pick<InstallConnections, 'findMismatch' | 'unpack'>> {
  const keys = await readKeys(keyFiles, folder);
  const withFile = async <Result>(content: Uint8Array, use: (file: string) => Promise<Result>) => {
    const file = path.join(folder, `${randomBytes(6).toString('hex')}.tar.gz`);
    await writeFile(file, content);
    return await use(file).finally(() => rm(file));
  };
  return {
    findMismatch: (bundle, signature) =>
      withFile(bundle, async (file) => {
        const { failure } = await checkSignature(file, signature, keys, new Date());
        return failure;
      }),
    unpack: (bundle) => withFile(bundle, (file) => readBundle(file, 'that came')),
  };
}

function refuseForbidden({ hostname }: URL, { allowedInternal = '', hosts = {} }: ServerOptions) {
  const host = hostname.replace(/^\[|\]$/g, '');
  const address = isIP(host) ? host : (hosts[host] ?? '127.0.0.1');
  const reason = explainForbidden(host, [address], { allowedInternal, ownAddresses: [] });
  if (reason !== null) throw new ServerError(`address forbidden: ${reason}`);
}

/** As Go asks: gzip, which it undoes itself. Every name leads to loopback. */
async function fetchUrl(url: URL, { authorities = [] }: ServerOptions) {
  const options: https.RequestOptions = {
    headers: { 'user-agent': 'Mattermost-Bot/1.1', 'accept-encoding': 'gzip' },
    ca: [...authorities],
    agent: false,
    signal: AbortSignal.timeout(10_000),
    lookup: (_, { all }, found) => {
      if (all) found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(null, '127.0.0.1', 4);
    },
  };
  const { status, headers, body } = await send(url.href, options).catch((error: Error) => {
    throw new ServerError(error.message);
  });
  return { status, contentEncoding: String(headers['content-encoding'] ?? ''), body };
}
