/** The differences between the requests of Mattermost servers. */
export interface ServerRequest {
  readonly serverVersion: string;
  readonly platform: string;
  readonly enterprise: boolean;
  /** Empty to list. */
  readonly pluginId?: string;
  readonly allVersions?: boolean;
  /** The text that is searched for; servers send it empty. */
  readonly filter?: string;
  /** Servers leave it out. */
  readonly perPage?: number;
}

/** The platforms that Mattermost servers run on. */
const PLATFORMS = ['linux-amd64', 'darwin-amd64', 'windows-amd64'];

/** Thirty of the releases of Mattermost, old and new. */
const SERVER_VERSIONS = [
  ...['5.2.0', '5.12.0', '5.18.0', '5.20.0', '5.24.0', '5.25.0', '5.26.2', '5.28.1', '5.30.0'],
  ...['5.31.9', '5.33.3', '5.35.2', '5.37.10', '5.39.3', '6.0.4', '6.1.3', '6.3.10', '6.5.2'],
  ...['6.7.2', '7.0.2', '7.1.9', '7.3.1', '7.5.2', '7.7.4', '7.8.15', '8.0.4', '8.1.13'],
  ...['9.5.10', '9.11.2', '10.0.1'],
];

/** A request in ten asks for one plugin. */
const REQUESTS_PER_PLUGIN_REQUEST = 10;

/** Path and query as a Mattermost server sends them: every key, in this order (docs/mattermost.md). */
export function serverRequestTarget(request: ServerRequest): string {
  const { serverVersion, platform, enterprise, perPage } = request;
  const { pluginId = '', allVersions = false, filter = '' } = request;
  const query = new URLSearchParams({
    build_enterprise_ready: `${enterprise}`,
    cloud: 'false',
    enterprise_plugins: `${enterprise}`,
    filter,
    local_only: 'false',
    page: '0',
    ...(perPage !== undefined && { per_page: `${perPage}` }),
    platform,
    plugin_id: pluginId,
    remote_only: 'false',
    return_all_versions: `${allVersions}`,
    server_version: serverVersion,
  });
  return `/api/v1/plugins?${query}`;
}

/** Servers of some versions, each on every platform and in the editions that `enterprise` gives for the version. */
export function everyServer(
  versions: readonly string[],
  enterprise: (number: number) => readonly boolean[],
): Pick<ServerRequest, 'serverVersion' | 'platform' | 'enterprise'>[] {
  return versions.flatMap((serverVersion, number) =>
    PLATFORMS.flatMap((platform) =>
      enterprise(number).map((isEnterprise) => ({
        serverVersion,
        platform,
        enterprise: isEnterprise,
      })),
    ),
  );
}

/**
 * What servers of every version, platform and edition ask in the course of time: nine in ten list, one in ten looks for the
 * newest release of a plugin, each plugin in turn. Paths and queries as sent, in an order that mixes all of that.
 */
export function requestMix(pluginIds: readonly string[]): string[] {
  const servers = everyServer(SERVER_VERSIONS, () => [false, true]);
  return servers.flatMap((server, number) => {
    const pluginId = pluginIds[number % pluginIds.length] ?? '';
    // Neighbours differ in one thing only; 77 has no divisor in common with the number of servers, and so meets all of them.
    const others = Array.from({ length: REQUESTS_PER_PLUGIN_REQUEST - 1 }, (_, step) => {
      return servers[(number + step * 77) % servers.length] as typeof server;
    });
    return [...others.map(serverRequestTarget), serverRequestTarget({ ...server, pluginId })];
  });
}
