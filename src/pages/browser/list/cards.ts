import type { ListedPlugin, Searchable } from '../../shared/listed-plugin.ts';
import { pluginCard } from '../../shared/plugin-card.ts';
import { markOld } from '../mark-old.ts';
import { toNode } from '../to-node.ts';

/** A card of the page as it was built, with the texts that the search looks into. */
export interface BuiltCard extends Searchable {
  readonly version: string;
  readonly card: HTMLElement;
}

/** The cards of the page as it was built: the newest releases of the first plugins. */
export function readCards(list: HTMLElement): BuiltCard[] {
  return [...list.children].map((child) => {
    const card = child as HTMLElement;
    const textOf = (selector: string) => card.querySelector(selector)?.textContent ?? '';
    markOld(card);
    return {
      id: card.dataset['id'] ?? '',
      name: textOf('h2'),
      description: textOf('.description'),
      version: textOf('.version'),
      card,
    };
  });
}

/**
 * Makes the cards of plugins for servers on a platform, each once.
 *
 * @param built those that there are already: of the newest releases, for no platform
 */
export function cardMaker(
  built: readonly BuiltCard[],
): (plugin: ListedPlugin, platform: string, isNewest: boolean) => HTMLElement {
  const made = new WeakMap<ListedPlugin, { platform: string; card: HTMLElement }>();
  const builtCards = new Map(built.map((each) => [each.id, each]));
  return (plugin, platform, isNewest) => {
    const before = made.get(plugin);
    if (before?.platform === platform) return before.card;
    const first = builtCards.get(plugin.id);
    // The catalog may have changed since the page was built.
    const isBuilt = first?.version === plugin.version;
    if (isBuilt && isNewest && platform === '') return first.card;
    const card = toNode(pluginCard(plugin, platform)) as HTMLElement;
    markOld(card);
    made.set(plugin, { platform, card });
    return card;
  };
}
