import {
  completeVersion,
  formatViewState,
  parseViewState,
  type ServerView,
} from '../shared/view-state.ts';

/** Where the browser keeps the server that was chosen last, as the query string of its view. */
const KEY = 'marketplace-server';

/** The server of the address; without a query, the one that was chosen last. */
export function chosenServer(): ServerView | undefined {
  if (location.search.length > 1) return parseViewState(location.search.slice(1)).server;
  const { server } = parseViewState(rememberedQuery());
  return server && completeVersion(server.serverVersion) !== null ? server : undefined;
}

/** Keeps a server for other pages and later visits; undefined: forgets it. */
export function rememberServer(server: ServerView | undefined): void {
  if (server !== undefined && completeVersion(server.serverVersion) === null) return;
  try {
    if (server === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, formatViewState({ server }));
  } catch {
    // A private window may have no storage.
  }
}

function rememberedQuery(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** Makes links to the list and to the pages of plugins lead to what they show for a server. */
export function carryServer(
  links: Iterable<HTMLAnchorElement>,
  server: ServerView | undefined,
): void {
  for (const link of links) {
    const [path = '', query = ''] = (link.getAttribute('href') ?? '').split('?');
    if (query === '' && server === undefined) continue;
    const view = formatViewState({ ...parseViewState(query), server });
    link.setAttribute('href', view === '' ? path : `${path}?${view}`);
  }
}
