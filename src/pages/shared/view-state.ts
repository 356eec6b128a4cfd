import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { versionKey } from '../../router/request/version-key.ts';

/** The state of the list, which the query string of its address records. */
export interface ViewState {
  /** The search text, as typed. */
  readonly text: string;
  /** Shows the plugins for this server; undefined: every plugin. */
  readonly server: ServerView | undefined;
}

/** A Mattermost server, as it describes itself in a request. */
export interface ServerView {
  /** As typed, so it may not be a version. Empty: none. */
  readonly serverVersion: string;
  /** `os-arch`, or empty for the default bundles. */
  readonly platform: string;
  readonly enterprise: boolean;
  readonly cloud: boolean;
}

const SERVER_KEYS = ['server_version', 'platform', 'enterprise_plugins', 'cloud'];

/** Reads a query string without `?`. It has the parameters of the API, so that people can turn one into the other. */
export function parseViewState(query: string): ViewState {
  const values = parseQueryString(query) ?? {};
  const read = (key: string) => values[`?${key}`] ?? '';
  const isTrue = (key: string) => /^(1|t|true)$/i.test(read(key));
  const server = {
    serverVersion: read('server_version'),
    platform: read('platform'),
    enterprise: isTrue('enterprise_plugins'),
    cloud: isTrue('cloud'),
  };
  const isAboutServer = SERVER_KEYS.some((key) => `?${key}` in values);
  return { text: read('filter'), server: isAboutServer ? server : undefined };
}

/** The query string of a view, without `?`; empty for every plugin. `parseViewState` reads it. */
export function formatViewState({ text, server }: ViewState): string {
  const parts = text === '' ? [] : [`filter=${encodeURIComponent(text)}`];
  if (server !== undefined) parts.push(serverQuery(server));
  return parts.join('&');
}

/** The query string of the API for all plugins for a server. */
export function offerQuery(server: ServerView): string {
  return `${serverQuery(server)}&per_page=-1`;
}

function serverQuery({ serverVersion, platform, enterprise, cloud }: ServerView): string {
  return [
    `server_version=${encodeURIComponent(serverVersion)}`,
    ...(platform === '' ? [] : [`platform=${encodeURIComponent(platform)}`]),
    ...(enterprise ? ['enterprise_plugins=true'] : []),
    ...(cloud ? ['cloud=true'] : []),
  ].join('&');
}

/** A typed version in the form that the API accepts: `10.5.0` for `v10.5`. Null where it is not a version. */
export function completeVersion(typed: string): string | null {
  const text = typed.trim().replace(/^v/i, '');
  const completed = /^\d+(\.\d+)?$/.test(text)
    ? `${text}${text.includes('.') ? '' : '.0'}.0`
    : text;
  return completed === '' || versionKey(completed) !== null ? completed : null;
}
