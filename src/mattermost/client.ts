import type { DecodedManifest, DecodedPlugin } from './answers/answer-type.ts';
import { parseAnswer } from './answers/parse-answer.ts';
import { installQuery, listQuery, type MattermostServer } from './requests.ts';
import { lineOf } from './server-line.ts';

/** Asks a marketplace: gives a query string to `/api/v1/plugins`. */
export type Ask = (query: string) => Promise<{ readonly status: number; readonly body: string }>;

/** An element of an answer that a server goes on with. */
export type ListedPlugin = DecodedPlugin & { readonly manifest: DecodedManifest };

/** Why a server shows its administrator an error. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/**
 * What a server lists when an administrator opens the marketplace: the remote plugins, by id.
 *
 * Source: server/channels/app/plugin.go, `getRemotePlugins`.
 *
 * @throws {ServerError} if the administrator sees an error instead of the list
 */
export async function listPlugins(server: MattermostServer, ask: Ask): Promise<ListedPlugin[]> {
  const plugins = await answerTo(server, listQuery(server), ask);
  const byId = new Map<string, ListedPlugin>();
  for (const plugin of plugins) {
    if (plugin === null) throw new ServerError('the answer has a null among its plugins');
    // If two have the same id, the later counts.
    if (hasManifest(plugin)) byId.set(plugin.manifest.id, plugin);
  }
  return [...byId.values()];
}

/**
 * The element whose bundle a server downloads when an administrator installs a plugin from its list.
 *
 * Sources: server/channels/app/plugin.go, `getRemoteMarketplacePlugin` (5.18: `GetMarketplacePlugin`), and
 * server/platform/services/marketplace/client.go.
 *
 * @param version as the list showed it
 * @throws {ServerError} where the administrator sees an error
 */
export async function choosePlugin(
  server: MattermostServer,
  id: string,
  version: string,
  ask: Ask,
): Promise<ListedPlugin> {
  const query = installQuery(server, id);
  if (query === undefined) throw new ServerError('servers before 5.18 install no plugin');
  const plugins = await answerTo(server, query, ask);
  if (lineOf(server.version)?.installRequest === 'newest') {
    const [only, ...others] = plugins;
    if (others.length > 0) throw new ServerError(`the answer has ${plugins.length} plugins, not 1`);
    if (only && hasManifest(only)) return only;
  }
  // The id is not compared, so a text search may find another plugin of that version.
  const chosen = plugins.find((plugin) => plugin?.manifest?.version === version);
  if (chosen && hasManifest(chosen)) return chosen;
  throw new ServerError(`${id}@${version} is not found`);
}

async function answerTo(server: MattermostServer, query: string, ask: Ask) {
  const { status, body } = await ask(query);
  if (status !== 200) throw new ServerError(`the answer to ${query} has status ${status}`);
  const parsed = parseAnswer(server.version, body);
  if ('error' in parsed) throw new ServerError(`the answer to ${query} ${parsed.error}`);
  return parsed.plugins;
}

function hasManifest(plugin: DecodedPlugin): plugin is ListedPlugin {
  return plugin.manifest !== null;
}
