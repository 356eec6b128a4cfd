import { isAtLeast, lineOf } from './server-line.ts';

/** A Mattermost server as a marketplace sees it. */
export interface MattermostServer {
  /** Three numbers, such as `9.5.0`: servers send no pre-release. */
  readonly version: string;
  /** GOOS and GOARCH: `linux-amd64`. */
  readonly platform: string;
  /** Whether it is an Enterprise build, licensed or not. */
  readonly isEnterpriseBuild: boolean;
  /** Whether its licence covers enterprise plugins. */
  readonly hasEnterprisePlugins: boolean;
  /** Whether it is Mattermost's own cloud. */
  readonly isCloud: boolean;
}

/** The query string with which a server asks for the list of plugins. */
export function listQuery(server: MattermostServer): string {
  return query(server, {});
}

/**
 * The query string with which a server asks for a plugin to install; undefined if its line installs none.
 */
export function installQuery(server: MattermostServer, id: string): string | undefined {
  switch (lineOf(server.version)?.installRequest) {
    case 'filter':
      return query(server, { filter: id });
    case 'all-versions':
      return query(server, { plugin_id: id, return_all_versions: 'true' });
    case 'newest':
      return query(server, { plugin_id: id });
    default:
      return undefined;
  }
}

/** Every key that the server's line knows, even if empty, in alphabetical order, encoded as Go does. */
function query(server: MattermostServer, asked: Readonly<Record<string, string>>): string {
  const since = (first: string, values: Readonly<Record<string, string>>) =>
    isAtLeast(server.version, first) ? values : {};
  const values: Record<string, string> = {
    filter: '',
    page: '0',
    server_version: server.version,
    ...since('5.20.0', { local_only: 'false' }),
    ...since('5.24.0', {
      build_enterprise_ready: String(server.isEnterpriseBuild),
      enterprise_plugins: String(server.hasEnterprisePlugins),
    }),
    ...since('5.30.0', { cloud: String(server.isCloud), platform: server.platform }),
    ...since('5.32.0', { plugin_id: '', return_all_versions: 'false' }),
    ...since('7.8.0', { remote_only: 'false' }),
    ...asked,
  };
  return Object.keys(values)
    .sort()
    .map((key) => `${key}=${escapeQuery(values[key] ?? '')}`)
    .join('&');
}

/** Go's url.QueryEscape: a space is `+`, and of ASCII only letters, digits and `-_.~` stay as they are. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
