import { listView, type Notice } from '../shared/list-view.ts';
import { h } from '../shared/piece.ts';
import { formatViewState, parseViewState, type ViewState } from '../shared/view-state.ts';
import { type ListElements, readControls, writeControls } from './controls.ts';
import { entryMaker, type ListEntry, makeOffers, readEntries } from './list-entries.ts';
import { toNode } from './to-node.ts';

/** A pause in typing after which a version counts as complete. */
const TYPING_MS = 400;

/** Makes the controls of the list work. The state is in the address, so each view can be shared, and the back button works. */
export function startList(elements: ListElements, root: URL): void {
  const every = readEntries(elements.list);
  const oldest = elements.list.dataset['oldest'] ?? '';
  const offers = makeOffers(root, entryMaker(every));
  let state: ViewState = { text: '', server: undefined };
  let shown: readonly ListEntry[] = every;
  let isTyping = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function show(next: ViewState): Promise<void> {
    state = next;
    writeControls(elements, state);
    if (state.server === undefined) return present(every);
    elements.list.setAttribute('aria-busy', 'true');
    const offer = await offers(state.server);
    // Another view was chosen meanwhile.
    if (state !== next) return;
    if ('entries' in offer) present(offer.entries);
    else presentNotice(offer.notice, offer.notice.title);
  }

  function present(entries: readonly ListEntry[]): void {
    const view = listView(state, entries, oldest);
    const visible = new Set(view.plugins);
    for (const entry of entries) entry.element.hidden = !visible.has(entry);
    if (entries !== shown) elements.list.replaceChildren(...entries.map(({ element }) => element));
    shown = entries;
    presentNotice(view.notice, view.summary);
  }

  function presentNotice(notice: Notice | undefined, summary: string): void {
    elements.list.removeAttribute('aria-busy');
    elements.list.hidden = notice !== undefined;
    elements.notice.hidden = notice === undefined;
    elements.summary.textContent = summary;
    elements.notice.replaceChildren(...(notice ? describe(notice) : []));
  }

  function describe({ title, text, remedy }: Notice): Element[] {
    const parts = [toNode(h('h2', {}, title)), toNode(h('p', {}, text))];
    if (remedy === undefined) return parts;
    const label = remedy.charAt(0).toUpperCase() + remedy.slice(1);
    const button = toNode(h('button', { type: 'button' }, label));
    button.addEventListener('click', () => {
      if (remedy === 'try again') return void show({ ...state });
      go(remedy === 'clear the search' ? { ...state, text: '' } : { text: '', server: undefined });
      elements.search.focus();
    });
    return [...parts, button];
  }

  /** Shows a view; typing without a break makes one step of the history. */
  function go(next: ViewState, isNextTyping = false): void {
    clearTimeout(timer);
    const query = formatViewState(next);
    if (query !== formatViewState(state)) {
      const url = query === '' ? location.pathname : `?${query}`;
      if (isTyping && isNextTyping) history.replaceState(null, '', url);
      else history.pushState(null, '', url);
    }
    isTyping = isNextTyping;
    void show(next);
  }

  function restore(): void {
    isTyping = false;
    void show(parseViewState(location.search.slice(1)));
  }

  elements.form.addEventListener('submit', (event) => event.preventDefault());
  elements.search.addEventListener('input', () => go(readControls(elements), true));
  elements.search.addEventListener('change', () => {
    isTyping = false;
  });
  elements.serverVersion.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Half a version is not ready.
      if (/^$|\d+\.\d+\.\d+/.test(elements.serverVersion.value)) go(readControls(elements));
    }, TYPING_MS);
  });
  const others = [
    ...elements.modes,
    elements.serverVersion,
    elements.platform,
    elements.edition,
    elements.hosting,
  ];
  for (const control of others) {
    control.addEventListener('change', () => go(readControls(elements)));
  }
  addEventListener('popstate', restore);
  restore();
}
