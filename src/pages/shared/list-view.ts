import { lowerCase } from '../../query/lower-case.ts';
import { trim } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import type { Searchable } from './listed-plugin.ts';
import type { ServerView, ViewState } from './view-state.ts';

/** What the list holds, and what is said about it. */
export interface ListView<Plugin> {
  readonly plugins: readonly Plugin[];
  /** One line above the list. */
  readonly summary: string;
  /** In place of the list, where it is empty. */
  readonly notice: Notice | undefined;
}

/** Why there is nothing, and what can be done. */
export interface Notice {
  readonly title: string;
  readonly text: string;
  /** What a button offers; undefined: nothing helps. */
  readonly remedy: 'clear the search' | 'show every plugin' | 'try again' | undefined;
}

/**
 * The view of a state.
 *
 * @param offered every plugin, or what the API answered for the server of the state: in its order
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
  const offer = server === undefined ? '' : ` offered to ${describeServer(server)}`;
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
function describeServer({ serverVersion, platform, enterprise, cloud }: ServerView): string {
  const kind = `${cloud ? 'Cloud' : 'self-hosted'} ${enterprise ? 'Enterprise' : 'Team'} server`;
  const version = serverVersion === '' ? ' of any version' : ` ${serverVersion}`;
  return `a ${kind}${version}${platform === '' ? '' : ` on ${platform}`}`;
}

function explainNoMatch(text: string): Notice {
  return {
    title: `No plugin matches “${shorten(text.trim())}”`,
    text: 'The search looks for the text in names and descriptions, and for whole ids.',
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
      title: `Server ${server.serverVersion} is older than every plugin`,
      text: `The oldest server that a plugin here runs on is ${oldest}.`,
      remedy: 'show every plugin',
    };
  }
  return {
    title: 'Nothing is offered to such a server',
    text: 'Every plugin here needs a newer server, another edition or another hosting.',
    remedy: 'show every plugin',
  };
}

/** Where the API cannot be asked. */
export function explainUnreachable(): Notice {
  return {
    title: 'The marketplace cannot be reached',
    text: 'What this server is offered could not be loaded. The connection may be down.',
    remedy: 'try again',
  };
}

/** Where the API refuses. */
export function explainRefusal(error: string): Notice {
  return {
    title: 'The marketplace refuses this',
    text: error,
    remedy: 'show every plugin',
  };
}

/** Where what is typed is no version. */
export function explainNoVersion(typed: string): Notice {
  return {
    title: `“${shorten(typed.trim())}” is not a server version`,
    text: 'Write it as three numbers, such as 10.5.0.',
    remedy: 'show every plugin',
  };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
