import { digestOf } from '../../lib/digests.ts';
import {
  type Ask,
  choosePlugin,
  type ListedPlugin,
  listPlugins,
  ServerError,
} from '../../mattermost/client.ts';
import { findObstacles, judgeId } from '../../mattermost/install/installable.ts';
import { installQuery, listQuery, type MattermostServer } from '../../mattermost/requests.ts';
import {
  type InstallRequest,
  isAtLeast,
  lineOf,
  SERVER_LINES,
  SERVER_PLATFORMS,
} from '../../mattermost/server-line.ts';
import { countValues, MOST_VALUES } from '../ask/answer.ts';
import { checkAnswer } from './check-answer.ts';
import type { CompareAnswer } from './expected-answers.ts';
import type { Probing } from './probing.ts';

export interface CheckServersOptions {
  /** The server versions at which answers change. */
  readonly steps: readonly string[];
  readonly mostLists: number;
  readonly mostInstalls: number;
  /** What answers must be. */
  readonly compare: CompareAnswer;
}

/** What servers get. */
export interface ServersReport {
  /** How many servers asked for a list. */
  readonly servers: number;
  /** How many plugins some of them are offered. */
  readonly offered: number;
  /** How many of these some server can install, as far as the answers show. */
  readonly installable: number;
  /** How many times a server asked for a plugin that it was to install. */
  readonly installs: number;
  /** Requests of servers that were not sent, to stay within the number allowed. */
  readonly leftOut: number;
}

/** A plugin that a server is offered. */
interface Offer {
  readonly server: MattermostServer;
  readonly plugin: ListedPlugin;
}

/**
 * Asks what servers of every line, edition, hosting and platform ask: for the list, and for plugins that they install. Judges
 * each answer as a server does, and against the catalog.
 */
export async function checkServers(
  probing: Probing,
  options: CheckServersOptions,
): Promise<ServersReport> {
  const all = serversFor(options.steps);
  const servers = all.slice(0, options.mostLists);
  const list = makeLister(probing, options.compare);
  const offers = (await Promise.all(servers.map(list))).flat();
  const wanted = findInstalls(offers);
  const installs = pickEvenly(wanted, options.mostInstalls);
  await Promise.all(installs.map((offer) => install(probing, options.compare, offer)));
  const judge = makeJudge(probing);
  const installable = offers.filter(judge).map(({ plugin }) => plugin.manifest.id);
  return {
    servers: servers.length,
    offered: new Set(offers.map(({ plugin }) => plugin.manifest.id)).size,
    installable: new Set(installable).size,
    installs: installs.length,
    leftOut: all.length - servers.length + wanted.length - installs.length,
  };
}

/** The newest server on every platform, then one of each line and step in every edition and hosting, on varying platforms. */
export function serversFor(steps: readonly string[]): MattermostServer[] {
  const server = (version: string, platform: string, kind = 0): MattermostServer => ({
    version,
    platform,
    isEnterpriseBuild: kind !== 1,
    hasEnterprisePlugins: (kind & 1) === 1,
    isCloud: (kind & 2) === 2,
  });
  const newest = SERVER_LINES.at(-1)?.first ?? '';
  const wanted = [...SERVER_LINES.map(({ first }) => first).reverse(), ...steps];
  // Servers send no pre-release.
  const versions = [...new Set(wanted)].filter(
    (version) => /^\d+\.\d+\.\d+$/.test(version) && isAtLeast(version, '5.16.0'),
  );
  const everywhere = SERVER_PLATFORMS.map((platform) => server(newest, platform));
  const varied = [0, 1, 2, 3].flatMap((kind) =>
    versions.map((version, i) => {
      const platform = SERVER_PLATFORMS[(i + 2 * kind) % SERVER_PLATFORMS.length] ?? '';
      return server(version, platform, kind);
    }),
  );
  const byQuery = new Map([...everywhere, ...varied].map((each) => [listQuery(each), each]));
  return [...byQuery.values()];
}

/** How findings name a server. */
function describeServer(server: MattermostServer): string {
  const { version, platform, hasEnterprisePlugins, isCloud } = server;
  const edition = hasEnterprisePlugins ? 'enterprise' : 'team';
  return `a server ${version} on ${platform}, ${edition}, ${isCloud ? 'cloud' : 'on-prem'}`;
}

/** Gives the offers of a server. Many servers get the same answer, which is decoded once a line. */
function makeLister(probing: Probing, compare: CompareAnswer) {
  const known = new Map<string, Promise<ListedPlugin[]>>();
  return async (server: MattermostServer): Promise<Offer[]> => {
    const name = `the list of ${describeServer(server)}`;
    const query = listQuery(server);
    const body = await askForPlugins(probing, query, name);
    if (body === null) return [];
    for (const fault of compare(query, body)) probing.findings.add(fault, name);
    const key = `${lineOf(server.version)?.first} ${digestOf(body)}`;
    const listing = known.get(key) ?? listPlugins(server, answering(body));
    known.set(key, listing);
    const plugins = await reporting(probing, name, query, listing);
    return (plugins ?? []).map((plugin) => ({ server, plugin }));
  };
}

/** Of each way of asking, each plugin once, by varying servers. */
function findInstalls(offers: readonly Offer[]): Offer[] {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const way: InstallRequest = lineOf(offer.server.version)?.installRequest ?? 'none';
    // No server installs an id that it refuses, and hosts by rules refuse to look for it.
    if (way === 'none' || judgeId(offer.plugin.manifest.id).length > 0) continue;
    const key = `${way} ${offer.plugin.manifest.id}`;
    const group = groups.get(key) ?? [];
    group.push(offer);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group, i) => group[(i * 7) % group.length] ?? []);
}

function pickEvenly<Item>(items: readonly Item[], most: number): Item[] {
  const stride = Math.max(1, items.length / Math.max(1, most));
  const count = Math.min(items.length, most);
  const positions = Array.from({ length: count }, (_, i) => Math.floor(i * stride));
  return positions.flatMap((position) => items[position] ?? []);
}

async function install(probing: Probing, compare: CompareAnswer, { server, plugin }: Offer) {
  const { findings } = probing;
  const { id, version } = plugin.manifest;
  const query = installQuery(server, id);
  if (query === undefined) return;
  const name = `${id} for ${describeServer(server)}`;
  const body = await askForPlugins(probing, query, name);
  if (body === null) return;
  for (const fault of compare(query, body)) findings.add(fault, name);
  const choosing = choosePlugin(server, id, version, answering(body));
  const chosen = await reporting(probing, name, query, choosing);
  if (chosen === null) return;
  const found = `${chosen.manifest.id}@${chosen.manifest.version}`;
  if (found === `${id}@${version}`) return;
  // Servers before 5.32 search by text: `check` warns of that in the catalog.
  const level = chosen.manifest.id === id ? 'error' : 'warning';
  const message = `${id}@${version} is listed, and ${found} is installed`;
  findings.add({ level, check: 'mistaken-for-other', message }, name);
}

async function askForPlugins(probing: Probing, query: string, name: string) {
  const answer = await probing.asker.ask({ target: `/api/v1/plugins?${query}`, name });
  if (answer === null) return null;
  const isGood = checkAnswer(answer, { name, status: 200, type: 'application/json' }, probing);
  if (!isGood) return null;
  if (countValues(answer.body) <= MOST_VALUES) return answer.body.toString();
  const message = `has more than ${MOST_VALUES} values`;
  probing.findings.add({ check: 'too-large', message }, name);
  return null;
}

function answering(body: string): Ask {
  return async () => ({ status: 200, body });
}

/** What a server makes of an answer; null where its administrator sees an error, which is reported. */
async function reporting<Result>(
  { findings }: Probing,
  name: string,
  query: string,
  result: Promise<Result>,
): Promise<Result | null> {
  try {
    return await result;
  } catch (error) {
    // Nesting that no decoder takes ends the stack.
    if (!(error instanceof ServerError || error instanceof RangeError)) throw error;
    const message = error.message.replace(`the answer to ${query} `, '');
    const check = / is not found$/.test(message) ? 'missing-plugin' : 'undecodable';
    findings.add({ check, message }, name);
    return null;
  }
}

/** Judges whether a server can install what it is offered. Warns of what keeps it, but for the platforms of a plugin. */
function makeJudge({ findings }: Probing) {
  return ({ server, plugin }: Offer): boolean => {
    if (lineOf(server.version)?.installRequest === 'none') return false;
    const { id, version } = plugin.manifest;
    const obstacles = findObstacles(plugin, server);
    for (const { check, path, message, remedy } of obstacles) {
      if (check === 'no-program') continue;
      const told = `${id}@${version}: ${path.join('.')} ${message}`;
      const level = check === 'missing-download' ? 'error' : 'warning';
      findings.add({ level, check, message: told, remedy }, describeServer(server));
    }
    return obstacles.length === 0;
  };
}
