import { everyServer, type ServerRequest, serverRequestTarget } from '../inputs/server-requests.ts';

/** Requests of one kind, for several servers. */
export interface RouterCase {
  readonly name: string;
  /** Paths and queries as sent. */
  readonly targets: readonly string[];
  /** Whether the router refuses them. */
  readonly isRefused: boolean;
}

const SERVER_VERSIONS = ['5.12.0', '5.37.0', '6.5.0', '7.8.0', '9.5.0', '10.0.0'];

/** The requests to routers; `pluginId` is the plugin in requests for a single one. */
export function routerCases(pluginId: string): RouterCase[] {
  const kinds: readonly (readonly [name: string, asked: Partial<ServerRequest>])[] = [
    ['list', {}],
    ['list of all versions, in pages of 100', { allVersions: true, perPage: 100 }],
    ['newest of a plugin', { pluginId }],
    ['all versions of a plugin', { pluginId, allVersions: true }],
    ['first page of 10', { perPage: 10 }],
    ['search: jira', { filter: 'jira' }],
    ['search: plugin', { filter: 'plugin' }],
    ['search that finds nothing', { filter: 'no such words' }],
  ];
  const servers = everyServer(SERVER_VERSIONS, (number) => [number % 2 === 1]);
  const targetsOf = (asked: Partial<ServerRequest>) =>
    servers.map((server) => serverRequestTarget({ ...asked, ...server }));
  const refused = targetsOf({}).map((target) => target.replace(/(?<=server_version=).*/, 'v9.5'));
  return [
    ...kinds.map(([name, asked]) => ({ name, targets: targetsOf(asked), isRefused: false })),
    { name: 'refused: server_version=v9.5', targets: refused, isRefused: true },
  ];
}
