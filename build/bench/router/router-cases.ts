import {
  SERVER_PLATFORMS,
  type ServerRequest,
  serverRequestTarget,
} from '../inputs/server-request.ts';

/** Requests of one kind, for several servers. */
export interface RouterCase {
  readonly name: string;
  /** Paths and queries as sent. */
  readonly targets: readonly string[];
  /** Whether the router refuses them. */
  readonly isRefused: boolean;
}

const SERVER_VERSIONS = ['5.12.0', '5.37.0', '6.5.0', '7.8.0', '9.5.0', '10.0.0'];

/** What routers are asked; `pluginId` is the plugin that single ones are asked of. */
export function routerCases(pluginId: string): RouterCase[] {
  return [
    answered('list', {}),
    answered('list of all versions, in pages of 100', { allVersions: true, perPage: 100 }),
    answered('newest of a plugin', { pluginId }),
    answered('all versions of a plugin', { pluginId, allVersions: true }),
    answered('first page of 10', { perPage: 10 }),
    answered('search: jira', { filter: 'jira' }),
    answered('search: plugin', { filter: 'plugin' }),
    answered('search that finds nothing', { filter: 'no such words' }),
    {
      name: 'refused: server_version=v9.5',
      targets: everyServer({}).map((target) =>
        target.replace(/server_version=.*/, 'server_version=v9.5'),
      ),
      isRefused: true,
    },
  ];
}

function answered(name: string, asked: Partial<ServerRequest>): RouterCase {
  return { name, targets: everyServer(asked), isRefused: false };
}

function everyServer(asked: Partial<ServerRequest>): string[] {
  return SERVER_VERSIONS.flatMap((serverVersion, number) =>
    SERVER_PLATFORMS.map((platform) =>
      serverRequestTarget({ ...asked, serverVersion, platform, enterprise: number % 2 === 1 }),
    ),
  );
}
