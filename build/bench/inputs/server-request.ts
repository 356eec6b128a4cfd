/** What differs between the requests of Mattermost servers. */
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
export const SERVER_PLATFORMS = ['linux-amd64', 'darwin-amd64', 'windows-amd64'] as const;

/**
 * Path and query as a Mattermost server sends them: every key, in this order.
 * Source: API.md, "What clients really send".
 */
export function serverRequestTarget(request: ServerRequest): string {
  const {
    serverVersion,
    platform,
    enterprise,
    pluginId = '',
    allVersions = false,
    filter = '',
  } = request;
  const query = new URLSearchParams({
    build_enterprise_ready: `${enterprise}`,
    cloud: 'false',
    enterprise_plugins: `${enterprise}`,
    filter,
    local_only: 'false',
    page: '0',
    ...(request.perPage !== undefined && { per_page: `${request.perPage}` }),
    platform: platform,
    plugin_id: pluginId,
    remote_only: 'false',
    return_all_versions: `${allVersions}`,
    server_version: serverVersion,
  });
  return `/api/v1/plugins?${query}`;
}
