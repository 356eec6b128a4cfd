import {
  explainNoVersion,
  explainRefusal,
  explainUnreachable,
  type Notice,
} from '../shared/list-view.ts';
import {
  type AnsweredRelease,
  type ListedPlugin,
  type Searchable,
  toListedPlugin,
} from '../shared/listed-plugin.ts';
import { pluginCard } from '../shared/plugin-card.ts';
import { completeVersion, offerQuery, type ServerView } from '../shared/view-state.ts';
import { toNode } from './to-node.ts';

/** An entry of the list, with the texts that the search looks into. */
export interface ListEntry extends Searchable {
  readonly element: HTMLElement;
}

/** The entries of the page as it was built: every plugin. */
export function readEntries(list: HTMLElement): ListEntry[] {
  return [...list.children].map((child) => {
    const element = child as HTMLElement;
    const textOf = (selector: string) => element.querySelector(selector)?.textContent ?? '';
    const id = element.dataset['id'] ?? '';
    return { id, name: textOf('h2'), description: textOf('.description'), element };
  });
}

/**
 * Makes entries of releases in answers.
 *
 * @param entries those of the page as it was built, which have the addresses of the plugins
 */
export function entryMaker(entries: readonly ListEntry[]): (plugin: ListedPlugin) => ListEntry {
  const pages = new Map(
    entries.map(({ id, element }) => [id, element.querySelector('a')?.getAttribute('href')]),
  );
  return (plugin) => {
    // A newer snapshot may have other plugins.
    const page = pages.get(plugin.id) ?? '';
    const icon = plugin.icon.startsWith('data:image/') ? plugin.icon : undefined;
    return { ...plugin, element: toNode(pluginCard(plugin, { page, icon })) as HTMLElement };
  };
}

/** The plugins for a server, or why they are not known. */
export type Offer = { readonly entries: readonly ListEntry[] } | { readonly notice: Notice };

/**
 * Asks the API for the plugins for a server, and remembers them while the page is open.
 *
 * @param root address of the site
 * @param toEntry makes the entry of a release
 */
export function makeOffers(
  root: URL,
  toEntry: (plugin: ListedPlugin) => ListEntry,
): (server: ServerView) => Promise<Offer> {
  const known = new Map<string, Offer>();
  return async (server) => {
    if (completeVersion(server.serverVersion) === null) {
      return { notice: explainNoVersion(server.serverVersion) };
    }
    const query = offerQuery(server);
    const before = known.get(query);
    if (before !== undefined) return before;
    const answer = await ask(new URL(`api/v1/plugins?${query}`, root));
    if ('notice' in answer) return answer;
    const offer = { entries: answer.releases.map(toListedPlugin).map(toEntry) };
    known.set(query, offer);
    return offer;
  };
}

async function ask(
  url: URL,
): Promise<{ readonly releases: readonly AnsweredRelease[] } | { readonly notice: Notice }> {
  try {
    const response = await fetch(url);
    if (response.ok) return { releases: await response.json() };
    if (response.status !== 400) return { notice: explainUnreachable() };
    const { error, allowed } = await response.json();
    return { notice: explainRefusal(`${error}; allowed: ${allowed}`) };
  } catch {
    return { notice: explainUnreachable() };
  }
}
