import { newestOf, offeredTo } from '../../../query/offer.ts';
import { compareNames } from '../../../query/texts.ts';
import type { ListedPlugin } from '../listed-plugin.ts';
import type { ServerView } from '../view-state.ts';
import type { ListedCandidate } from './slim-list.ts';

/**
 * The plugins that a server is offered, by the rule of the API and in its order.
 *
 * @param server undefined: the newest release of every plugin
 */
export function offeredPlugins(
  plugins: readonly (readonly ListedCandidate[])[],
  server: ServerView | undefined,
): ListedPlugin[] {
  const isOffered = server === undefined ? () => true : offeredTo(server);
  return plugins
    .map((releases) => releases.filter(isOffered))
    .filter((releases) => releases.length > 0)
    .map(newestOf<ListedCandidate>)
    .sort(compareNames)
    .map(({ release }) => release);
}
