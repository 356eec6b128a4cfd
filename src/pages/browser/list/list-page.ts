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
import { carryServer, rememberServer } from '../chosen-server.ts';
import { cardMaker, readCards } from './cards.ts';
import { type ListElements, writeControls } from './controls.ts';
import { listFile } from './list-file.ts';
import { type Output, STEP, writeOutput } from './output.ts';

/** The links of a card to pages that know the chosen server. */
const CARRYING = 'h2 a, .labels a';

/** The list page, which shows one view after the other. The view is in the address, so that it can be shared. */
export class ListPage {
  readonly #elements: ListElements;
  readonly #siteTitle = document.title;
  readonly #file;
  readonly #built;
  readonly #makeCard;
  /** Of the plugins, where the page has but the first. */
  readonly #total: number;
  #state = EVERY_PLUGIN;
  /** How many plugins are shown at most. */
  #limit: number;
  #isTyping = false;
  #hasFailed = false;

  /** @param root the address of the site */
  constructor(elements: ListElements, root: URL) {
    const { list } = elements;
    this.#elements = elements;
    this.#file = listFile(root, list.dataset['file'] ?? '');
    this.#built = readCards(list);
    this.#makeCard = cardMaker(this.#built);
    this.#total = Number(list.dataset['total']);
    this.#limit = this.#built.length;
  }

  get state(): ViewState {
    return this.#state;
  }

  /** Shows a view that was chosen; typing without a break makes one step of the history. */
  go(next: ViewState, isTyping = false): void {
    const query = formatViewState(next);
    if (query !== formatViewState(this.#state)) {
      const url = query === '' ? location.pathname : `?${query}`;
      if (this.#isTyping && isTyping) history.replaceState(null, '', url);
      else history.pushState(null, '', url);
      rememberServer(next.server);
    }
    this.#isTyping = isTyping;
    void this.#show(next);
  }

  /** Shows the view of the address. */
  restore(): void {
    this.#isTyping = false;
    void this.#show(parseViewState(location.search.slice(1)), history.state?.limit);
  }

  /** What is typed next is another step of the history. */
  endTyping(): void {
    this.#isTyping = false;
  }

  /** Shows more of a long list. */
  async showMore(): Promise<void> {
    const [before, at] = [this.#state, this.#limit];
    await this.#load();
    if (this.#state !== before) return;
    this.#limit += STEP;
    if (!this.#hasFailed) history.replaceState({ limit: this.#limit }, '');
    this.#present();
    this.#elements.list.children[at]?.querySelector('a')?.focus();
  }

  async #show(next: ViewState, limit = this.#built.length): Promise<void> {
    this.#state = next;
    this.#limit = limit;
    this.#hasFailed = false;
    writeControls(this.#elements, next);
    const titles = [viewTitle(next), this.#siteTitle];
    document.title = titles.filter((title) => title !== '').join(' · ');
    this.#present();
    const isVersion = completeVersion(next.server?.serverVersion ?? '') !== null;
    const isWhole = this.#isOnPage() && this.#built.length === this.#total;
    if (!isVersion || isWhole || this.#file.sourceFor(undefined) !== undefined) return;
    await this.#load();
    // Another view may have been chosen meanwhile.
    if (this.#state === next) this.#present();
  }

  async #load(): Promise<void> {
    try {
      await this.#file.load();
    } catch {
      this.#hasFailed = true;
    }
  }

  /** Whether the page as it was built has what the view shows, as far as it goes. */
  #isOnPage(): boolean {
    const others = formatViewState({ ...this.#state, text: '' });
    return others === '' && this.#limit <= this.#built.length;
  }

  #present(): void {
    const output = this.#output();
    for (const card of output.cards) {
      carryServer(card.querySelectorAll(CARRYING), this.#state.server);
    }
    writeOutput(this.#elements, output, (remedy) => this.#follow(remedy));
  }

  #output(): Output {
    const { text, server } = this.#state;
    const typed = server?.serverVersion ?? '';
    if (completeVersion(typed) === null) return noticeOutput(explainNoVersion(typed));
    const source = this.#file.sourceFor(server);
    if (source !== undefined) return this.#outputOfFile(source);
    const isWhole = this.#built.length === this.#total || text === '';
    if (this.#isOnPage() && isWhole) return this.#outputOfPage();
    if (this.#hasFailed) return noticeOutput(explainUnreachable());
    // What is found among the first plugins may have to move again: not where a page is opened.
    const found = this.#isOnPage() && this.#isTyping ? this.#outputOfPage().cards : [];
    return { summary: 'Loading…', cards: found, left: 0, isLoading: true };
  }

  #outputOfFile(source: ListSource<ListedPlugin>): Output {
    const view = listView(this.#state, source);
    const shown = view.plugins.slice(0, this.#limit);
    const platform = this.#state.server?.platform ?? '';
    const newest = new Set(source.every);
    const cards = shown.map((plugin) => this.#makeCard(plugin, platform, newest.has(plugin)));
    return { ...view, cards, left: view.plugins.length - cards.length };
  }

  #outputOfPage(): Output {
    const built = this.#built;
    const view = listView(this.#state, { offered: built, every: built, oldest: '' });
    const cards = view.plugins.map(({ card }) => card);
    const left = this.#total - built.length;
    return left === 0
      ? { ...view, cards, left }
      : { summary: `${this.#total} plugins`, cards, left };
  }

  #follow(remedy: NonNullable<Notice['remedy']>): void {
    if (remedy === 'try again') return void this.#show({ ...this.#state });
    const views: Record<typeof remedy, ViewState> = {
      'clear the search': { ...this.#state, text: '' },
      'clear the filters': { ...this.#state, filters: {} },
      'search all plugins': { ...this.#state, server: undefined },
      'show all plugins': EVERY_PLUGIN,
    };
    this.go(views[remedy]);
    this.#elements.search.focus();
  }
}

function noticeOutput(notice: Notice): Output {
  return { summary: notice.title, cards: [], left: 0, notice };
}
