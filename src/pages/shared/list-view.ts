import { lowerCase } from '../../query/lower-case.ts';
import { trim } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import type { Searchable } from './listed-plugin.ts';
import type { ServerView, ViewState } from './view-state.ts';

/** The content of the list. */
export interface ListView<Plugin> {
  readonly plugins: readonly Plugin[];
  /** One line above the list. */
  readonly summary: string;
  /** Shown instead of an empty list. */
  readonly notice: Notice | undefined;
}

/** Why the list is empty, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
  /** The label of a button; undefined: none. */
  readonly remedy: 'clear the search' | 'show all plugins' | 'try again' | undefined;
}

/**
 * The view of a state.
 *
 * @param offered every plugin, or the API's answer for the server of the state, in its order
 * @param oldest the lowest server version that some release runs on; empty: any
 */
export function listView<Plugin extends Searchable>(
  { text, server }: ViewState,
  offered: readonly Plugin[],
  oldest: string,
): ListView<Plugin> {
  const plugins = offered.filter(textMatcher(text));
  const count = plugins.length === offered.length ? '' : `${plugins.length} of `;
  const noun = offered.length === 1 ? 'plugin' : 'plugins';
  const offer = server === undefined ? '' : ` for ${describeServer(server)}`;
  return {
    plugins,
    summary: `${count}${offered.length} ${noun}${offer}`,
    notice:
      offered.length === 0
        ? explainNoOffer(server, oldest)
        : plugins.length === 0
          ? explainNoMatch(text)
          : undefined,
  };
}

/** Whether a text finds a plugin, by the rule of the API (docs/api.md, `filter`). */
function textMatcher(filter: string): (plugin: Searchable) => boolean {
  const text = lowerCase(trim(filter));
  return ({ id, name, description }) =>
    text === '' ||
    lowerCase(id) === text ||
    lowerCase(name).includes(text) ||
    lowerCase(description).includes(text);
}

/** Such as `a self-hosted Team server 9.5.0 on linux-amd64`. */
export function describeServer({ serverVersion, platform, enterprise, cloud }: ServerView): string {
  const kind = `${cloud ? 'Cloud' : 'self-hosted'} ${enterprise ? 'Enterprise' : 'Team'} server`;
  const version = serverVersion === '' ? ' of any version' : ` ${serverVersion}`;
  return `a ${kind}${version}${platform === '' ? '' : ` on ${platform}`}`;
}

function explainNoMatch(text: string): Notice {
  return {
    title: `No plugin matches “${shorten(text.trim())}”`,
    text: 'Search finds text in names and descriptions, and exact ids.',
    remedy: 'clear the search',
  };
}

function explainNoOffer(server: ServerView | undefined, oldest: string): Notice {
  if (server === undefined) {
    return { title: 'There are no plugins yet', text: 'The catalog is empty.', remedy: undefined };
  }
  const key = versionKey(server.serverVersion);
  const oldestKey = versionKey(oldest);
  if (key !== null && oldestKey !== null && key < oldestKey) {
    return {
      title: `Server ${server.serverVersion} is too old for every plugin`,
      text: `The plugins here require server ${oldest} or newer.`,
      remedy: 'show all plugins',
    };
  }
  return {
    title: 'No plugins for this server',
    text: 'Every plugin here requires a newer server, another edition or another kind of hosting.',
    remedy: 'show all plugins',
  };
}

/** The notice if the API does not answer. */
export function explainUnreachable(): Notice {
  return {
    title: 'The marketplace cannot be reached',
    text: 'The plugins for this server could not be loaded. Check your connection.',
    remedy: 'try again',
  };
}

/** The notice if the API refuses the request. */
export function explainRefusal(error: string): Notice {
  return {
    title: 'The marketplace rejected this request',
    text: error,
    remedy: 'show all plugins',
  };
}

/** The notice if the text typed is not a version. */
export function explainNoVersion(typed: string): Notice {
  return {
    title: `“${shorten(typed.trim())}” is not a server version`,
    text: 'Enter three numbers, such as 10.5.0.',
    remedy: 'show all plugins',
  };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
