import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { FILTER_KEYS, type Filters, isChoice } from './list/filters.ts';
import { isPlatform } from './words.ts';

/** The state of the list, which the query string of its address records. */
export interface ViewState {
  /** The search text, as typed. */
  readonly text: string;
  /** Shows the plugins for this server; undefined: every plugin. */
  readonly server: ServerView | undefined;
  readonly sort: Sort;
  /** What the plugins have in common; a missing one: anything. */
  readonly filters: Filters;
}

/** The orders of the list: by name, or by the day of the latest or first release. */
export const SORTS = ['name', 'updated', 'added'] as const;
export type Sort = (typeof SORTS)[number];

/** A Mattermost server, as it describes itself in a request. */
export interface ServerView {
  /** As typed, so it may not be a version. Empty: none. */
  readonly serverVersion: string;
  /** `os-arch`, or empty for the default bundles. */
  readonly platform: string;
  readonly enterprise: boolean;
  readonly cloud: boolean;
}

/** The view of every plugin. */
export const EVERY_PLUGIN: ViewState = { text: '', server: undefined, sort: 'name', filters: {} };

const SERVER_KEYS = ['server_version', 'platform', 'enterprise_plugins', 'cloud'];

/** Reads a query string without `?`. For a server it has the parameters of the API, so that people can turn one into the other. */
export function parseViewState(query: string): ViewState {
  const values = parseQueryString(query) ?? {};
  const read = (key: string) => values[`?${key}`] ?? '';
  const isTrue = (key: string) => /^(1|t|true)$/i.test(read(key));
  const typed = read('server_version');
  const platform = read('platform');
  const server = {
    serverVersion: completeVersion(typed) ?? typed,
    platform: isPlatform(platform) ? platform : '',
    enterprise: isTrue('enterprise_plugins'),
    cloud: isTrue('cloud'),
  };
  const isAboutServer = SERVER_KEYS.some((key) => `?${key}` in values);
  const filters = FILTER_KEYS.map((key) => [key, read(key)] as const);
  return {
    text: read('filter'),
    server: isAboutServer ? server : undefined,
    sort: SORTS.find((sort) => sort === read('sort')) ?? 'name',
    filters: Object.fromEntries(filters.filter(([key, value]) => isChoice(key, value))),
  };
}

/** The query string of a view, without `?`; empty for every plugin. `parseViewState` reads it. */
export function formatViewState(view: Partial<ViewState>): string {
  const { text, server, sort, filters } = { ...EVERY_PLUGIN, ...view };
  const parts = text === '' ? [] : [`filter=${encodeURIComponent(text)}`];
  if (server !== undefined) parts.push(serverQuery(server));
  for (const key of FILTER_KEYS) if (filters[key]) parts.push(`${key}=${filters[key]}`);
  if (sort !== 'name') parts.push(`sort=${sort}`);
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

/**
 * A typed or pasted version in the form that the API accepts: `10.5.0` for `v10.5`, `9.11.3` for `Version: 9.11.3 (ESR)`.
 *
 * @returns null where it is not a version
 */
export function completeVersion(typed: string): string | null {
  const text = typed
    .trim()
    .replace(/^(?:[a-z]+[\s:]+)*v?/i, '')
    .replace(/\s*\([^()]*\)$/, '');
  const completed = /^\d+(\.\d+)?$/.test(text)
    ? `${text}${text.includes('.') ? '' : '.0'}.0`
    : text;
  return completed === '' || versionKey(completed) !== null ? completed : null;
}
