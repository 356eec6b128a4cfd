import type { ListedPlugin, Searchable } from '../shared/listed-plugin.ts';
import { pluginCard } from '../shared/plugin-card.ts';
import { toNode } from './to-node.ts';

/** An entry of the list, with what the search looks into. */
export interface ListEntry extends Searchable {
  readonly element: HTMLElement;
}

/** The entries that the page came with: every plugin. */
export function readEntries(list: HTMLElement): ListEntry[] {
  return [...list.children].map((child) => {
    const element = child as HTMLElement;
    const textOf = (selector: string) => element.querySelector(selector)?.textContent ?? '';
    const id = element.dataset['id'] ?? '';
    return { id, name: textOf('h2'), description: textOf('.description'), element };
  });
}

/**
 * Makes entries of releases in answers. Every plugin has an entry on the page, which knows its address.
 *
 * @param entries those that the page came with
 */
export function entryMaker(entries: readonly ListEntry[]): (plugin: ListedPlugin) => ListEntry {
  const pages = new Map(
    entries.map(({ id, element }) => [id, element.querySelector('a')?.getAttribute('href')]),
  );
  return (plugin) => {
    // A snapshot that was published since then may have others.
    const page = pages.get(plugin.id) ?? '';
    const icon = plugin.icon.startsWith('data:image/') ? plugin.icon : undefined;
    return { ...plugin, element: toNode(pluginCard(plugin, { page, icon })) as HTMLElement };
  };
}
