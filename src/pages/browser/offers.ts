import { completeVersion } from '../shared/complete-version.ts';
import {
  explainNoVersion,
  explainRefusal,
  explainUnreachable,
  type Notice,
} from '../shared/list-view.ts';
import { type AnsweredRelease, toListedPlugin } from '../shared/listed-plugin.ts';
import { offerQuery, type ServerView } from '../shared/view-state.ts';
import type { ListEntry } from './list-entries.ts';

/** What a server is offered, or why that is not known. */
export type Offer = { readonly entries: readonly ListEntry[] } | { readonly notice: Notice };

/**
 * Asks the API what servers are offered, and remembers it while the page is open.
 *
 * @param root address of the site
 * @param toEntry makes the list's entry of a release
 */
export function makeOffers(
  root: URL,
  toEntry: (plugin: ReturnType<typeof toListedPlugin>) => ListEntry,
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
