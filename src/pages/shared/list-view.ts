import { count } from '../../lib/errors.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { filterWords, narrow } from './list/filters.ts';
import { search } from './list/search.ts';
import type { ListedPlugin, Searchable } from './listed-plugin.ts';
import { orNewer } from './server-words.ts';
import type { ServerView, Sort, ViewState } from './view-state.ts';

/** The content of the list. */
export interface ListView<Plugin> {
  readonly plugins: readonly Plugin[];
  /** One line above the list. */
  readonly summary: string;
  /** What is not as one might expect, as a sentence; undefined: nothing. */
  readonly hint: string | undefined;
  /** Shown instead of an empty list. */
  readonly notice: Notice | undefined;
}

/** Why the list is empty, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
  /** The label of a button; undefined: none. */
  readonly remedy:
    | 'clear the search'
    | 'clear the filters'
    | 'search all plugins'
    | 'show all plugins'
    | 'try again'
    | undefined;
}

/** What a view shows a part of. For a search alone, ids, names and descriptions are enough. */
export interface ListSource<Plugin> {
  /** Every plugin, or what the server of the state is offered, in the order of the API. */
  readonly offered: readonly Plugin[];
  /** Every plugin, whoever it is offered to. */
  readonly every: readonly Plugin[];
  /** The lowest server version that some release runs on; empty: any. */
  readonly oldest: string;
}

/** The view of a state. */
export function listView<Plugin extends Searchable & Partial<ListedPlugin>>(
  state: ViewState,
  source: ListSource<Plugin>,
): ListView<Plugin> {
  const { text, server, sort, filters } = state;
  const { offered } = source;
  const found = search(narrow(offered, filters), text);
  const plugins = inOrder(found.plugins, sort);
  const part = plugins.length === offered.length ? '' : `${plugins.length} of `;
  const offer = server === undefined ? '' : ` for ${describeServer(server)}`;
  return {
    plugins,
    summary: `${part}${count(offered.length, 'plugin')}${offer}`,
    hint: plugins.length === 0 ? undefined : hintAt(found, text),
    notice: plugins.length === 0 ? explainNothing(state, source) : undefined,
  };
}

/** By name, it is the order of the API, or that of the best matches. */
function inOrder<Plugin extends Partial<ListedPlugin>>(
  plugins: readonly Plugin[],
  sort: Sort,
): readonly Plugin[] {
  if (sort === 'name') return plugins;
  const dayOf = ({ listed_on = '', added_on = '' }: Plugin) =>
    sort === 'updated' ? listed_on : added_on;
  return [...plugins].sort((a, b) => {
    const [dayA, dayB] = [dayOf(a), dayOf(b)];
    return dayA === dayB ? 0 : dayA < dayB ? 1 : -1;
  });
}

/** The title of a view, for the browser's tab: `“jira” for a self-hosted Team server 9.5.0`; empty for every plugin. */
export function viewTitle({ text, server, filters }: ViewState): string {
  const typed = text.trim() === '' ? '' : `“${shorten(text.trim())}”`;
  const what = [typed, filterWords(filters)].filter((part) => part !== '').join(' ');
  return server === undefined ? what : `${what || 'Plugins'} for ${describeServer(server)}`;
}

/** Such as `a self-hosted Team server 9.5.0 on linux-amd64`. */
export function describeServer({ serverVersion, platform, enterprise, cloud }: ServerView): string {
  const kind = `${cloud ? 'Cloud' : 'self-hosted'} ${enterprise ? 'Enterprise' : 'Team'} server`;
  const version = serverVersion === '' ? ' of any version' : ` ${serverVersion}`;
  return `a ${kind}${version}${platform === '' ? '' : ` on ${platform}`}`;
}

/** Administrators also search in Mattermost, which looks for less. */
function hintAt(
  { plugins, isSimilar, byApi }: ReturnType<typeof search>,
  typed: string,
): string | undefined {
  const text = shorten(typed.trim());
  if (isSimilar) return `Nothing matches “${text}”. These plugins come close.`;
  if (byApi === plugins.length) return undefined;
  return `Mattermost’s own search finds ${byApi || 'none'} of these: it looks for exactly “${text}”, in names and descriptions only.`;
}

function explainNothing<Plugin extends Searchable & Partial<ListedPlugin>>(
  { text, server, filters }: ViewState,
  { offered, every, oldest }: ListSource<Plugin>,
): Notice {
  if (offered.length === 0) return explainNoOffer(server, oldest);
  const title = `No plugin matches “${shorten(text.trim())}”`;
  const words = filterWords(filters);
  if (words !== '') {
    return {
      title: text.trim() === '' ? 'No plugin matches these filters' : title,
      text: `The list shows only: ${words}.`,
      remedy: 'clear the filters',
    };
  }
  const others = search(every, text);
  if (server !== undefined && others.plugins.length > 0 && !others.isSimilar) {
    const number = others.plugins.length;
    const found = number === 1 ? 'One plugin that matches is' : `${number} plugins that match are`;
    return { title, text: `${found} not for this server.`, remedy: 'search all plugins' };
  }
  return {
    title,
    text: 'Search finds words, and parts of them, in names, ids and descriptions.',
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
      text: `The plugins here require server ${orNewer(oldest)}.`,
      remedy: 'show all plugins',
    };
  }
  return {
    title: 'No plugins for this server',
    text: 'Every plugin here requires a newer server, another edition or another kind of hosting.',
    remedy: 'show all plugins',
  };
}

/** The notice if the list of what servers are offered cannot be had. */
export function explainUnreachable(): Notice {
  return {
    title: 'The marketplace cannot be reached',
    text: 'The list of plugins could not be loaded. Check your connection.',
    remedy: 'try again',
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
