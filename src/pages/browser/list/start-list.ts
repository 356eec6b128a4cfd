import {
  explainNoVersion,
  explainUnreachable,
  type ListSource,
  listView,
  type Notice,
  viewTitle,
} from '../../shared/list-view.ts';
import type { ListedPlugin } from '../../shared/listed-plugin.ts';
import {
  completeVersion,
  EVERY_PLUGIN,
  formatViewState,
  parseViewState,
  type ViewState,
} from '../../shared/view-state.ts';
import { carryServer, chosenServer, rememberServer } from '../chosen-server.ts';
import { cardMaker, readCards } from './cards.ts';
import { type ListElements, readControls, writeControls } from './controls.ts';
import { listFile } from './list-file.ts';
import { type Output, STEP, writeOutput } from './output.ts';

/** A pause in typing after which a version counts as complete. */
const TYPING_MS = 400;

/** Makes the controls of the list work. The state is in the address, so each view can be shared, and the back button works. */
export function startList(elements: ListElements, root: URL): void {
  const { list, form } = elements;
  const siteTitle = document.title;
  const total = Number(list.dataset['total']);
  const file = listFile(new URL(list.dataset['file'] ?? '', root));
  const built = readCards(list);
  const makeCard = cardMaker(built);
  let state = EVERY_PLUGIN;
  let limit = built.length;
  let hasFailed = false;
  let isTyping = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function show(next: ViewState, shown = built.length): Promise<void> {
    [state, limit, hasFailed] = [next, shown, false];
    writeControls(elements, state);
    document.title = [viewTitle(state), siteTitle].filter((part) => part !== '').join(' · ');
    present();
    if (file.sourceFor(undefined) !== undefined || !needsFile()) return;
    await load();
    // Another view may have been chosen meanwhile.
    if (state === next) present();
  }

  async function load(): Promise<void> {
    await file.load().catch(() => {
      hasFailed = true;
    });
  }

  /** Whether the page as it was built has what the view shows, as far as it goes. */
  const isOnPage = () =>
    !hasFailed && limit <= built.length && formatViewState({ ...state, text: '' }) === '';

  const needsFile = () =>
    completeVersion(state.server?.serverVersion ?? '') !== null &&
    !(isOnPage() && built.length === total);

  function present(): void {
    const output = outputNow();
    for (const card of output.cards) carryServer(card.querySelectorAll(CARRYING), state.server);
    writeOutput(elements, output, remedy);
  }

  function outputNow(): Output {
    const typed = state.server?.serverVersion ?? '';
    if (completeVersion(typed) === null) return withNotice(explainNoVersion(typed));
    const source = file.sourceFor(state.server);
    if (source !== undefined) return outputOf(source);
    // Of a part of the plugins, what is found may have to move again.
    const isWhole = built.length === total || state.text === '' || isTyping;
    if (isOnPage() && isWhole) return outputOfPage();
    if (hasFailed) return withNotice(explainUnreachable());
    return { summary: 'Loading…', cards: [], left: 0, isLoading: true };
  }

  function outputOf(source: ListSource<ListedPlugin>): Output {
    const view = listView(state, source);
    const platform = state.server?.platform ?? '';
    const cards = view.plugins.slice(0, limit).map((plugin) => makeCard(plugin, platform));
    return { ...view, cards, left: view.plugins.length - cards.length };
  }

  function outputOfPage(): Output {
    const view = listView(state, { offered: built, every: built, oldest: '' });
    const cards = view.plugins.map(({ card }) => card);
    if (built.length === total) return { ...view, cards, left: 0 };
    if (state.text === '') return { summary: `${total} plugins`, cards, left: total - limit };
    return { summary: 'Searching…', cards, left: 0, isLoading: true };
  }

  function remedy(wanted: NonNullable<Notice['remedy']>): void {
    if (wanted === 'try again') return void show({ ...state });
    go({
      'clear the search': { ...state, text: '' },
      'clear the filters': { ...state, filters: {} },
      'search all plugins': { ...state, server: undefined },
      'show all plugins': EVERY_PLUGIN,
    }[wanted]);
    elements.search.focus();
  }

  /** Shows a view that was chosen; typing without a break makes one step of the history. */
  function go(next: ViewState, isNextTyping = false): void {
    clearTimeout(timer);
    const query = formatViewState(next);
    if (query !== formatViewState(state)) {
      const url = query === '' ? location.pathname : `?${query}`;
      if (isTyping && isNextTyping) history.replaceState(null, '', url);
      else history.pushState(null, '', url);
      rememberServer(next.server);
    }
    isTyping = isNextTyping;
    void show(next);
  }

  function restore(): void {
    isTyping = false;
    void show(parseViewState(location.search.slice(1)), history.state?.limit);
  }

  async function showMore(): Promise<void> {
    const [before, at] = [state, limit];
    await load();
    if (state !== before) return;
    limit += STEP;
    if (!hasFailed) history.replaceState({ limit }, '');
    present();
    list.children[at]?.querySelector('a')?.focus();
  }

  /** A label leads to the plugins with it, among those of the view. */
  function followLabel(event: MouseEvent): void {
    const link = (event.target as Element).closest('.labels a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { filters } = parseViewState((link as HTMLAnchorElement).search.slice(1));
    go({ ...state, filters: { ...state.filters, ...filters } });
    elements.filtersSummary.focus();
  }

  form.addEventListener('submit', (event) => event.preventDefault());
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
  const { modes, serverVersion, platform, edition, hosting, filters, sort } = elements;
  const others = [...modes, serverVersion, platform, edition, hosting, ...filters.values(), sort];
  for (const control of others) {
    control.addEventListener('change', () => go(readControls(elements)));
  }
  elements.clearFilters.addEventListener('click', () => {
    go({ ...state, filters: {} });
    elements.filtersSummary.focus();
  });
  elements.more.addEventListener('click', () => void showMore());
  list.addEventListener('click', followLabel);
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as Element).matches('input, select, textarea')) return;
    event.preventDefault();
    elements.search.focus();
  });
  addEventListener('popstate', restore);
  if (location.search === '') {
    const query = formatViewState({ server: chosenServer() });
    if (query !== '') history.replaceState(history.state, '', `?${query}`);
  }
  restore();
}

/** The links of a card to pages that know the chosen server. */
const CARRYING = 'h2 a, .labels a';

function withNotice(notice: Notice): Output {
  return { summary: notice.title, cards: [], left: 0, notice };
}
