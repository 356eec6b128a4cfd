import {
  explainNoVersion,
  explainUnreachable,
  listView,
  type Notice,
  viewTitle,
} from '../../shared/list-view.ts';
import {
  completeVersion,
  EVERY_PLUGIN,
  formatViewState,
  offerQuery,
  parseViewState,
  type ViewState,
} from '../../shared/view-state.ts';
import { carryServer, rememberServer } from '../chosen-server.ts';
import { Address } from './address.ts';
import { cardMaker, readCards } from './cards.ts';
import { type ListElements, writeControls } from './controls.ts';
import { listLoader, type NewestSource } from './list-loader.ts';
import { type Output, STEP, showCards, writeOutput } from './output.ts';

/** While someone types, so many cards fill the window at once, and the others follow in a pause. */
const AT_ONCE = 12;
const REST_MS = 60;

/** The links of a card to pages that know the chosen server. */
const CARRYING = 'h2 a, .labels a';

/** The list page, which shows one view after the other. The view is in the address, so that it can be shared. */
export class ListPage {
  readonly #elements: ListElements;
  readonly #address = new Address();
  readonly #file;
  readonly #built;
  readonly #makeCard;
  /** Of the plugins, where the page has but the first. */
  readonly #total: number;
  #state = EVERY_PLUGIN;
  /** How many plugins are shown at most. */
  #limit: number;
  #hasFailed = false;
  /** For the cards that follow. */
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** For which server the links of cards are; those of a new card are for none. */
  readonly #carried = new WeakMap<HTMLElement, string | undefined>();

  /** @param root the address of the site */
  constructor(elements: ListElements, root: URL) {
    const { list } = elements;
    this.#elements = elements;
    this.#file = listLoader(root, list.dataset['file'] ?? '');
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
      this.#address.go(query, viewTitle(next), isTyping);
      if (!isTyping) rememberServer(next.server);
    }
    if (!isTyping) writeControls(this.#elements, next);
    void this.#show(next);
  }

  /** Shows the view of the address. */
  async restore(): Promise<void> {
    const next = parseViewState(location.search.slice(1));
    this.#address.restore(viewTitle(next));
    writeControls(this.#elements, next);
    await this.#show(next, history.state?.limit);
  }

  /** What is typed next is another step of the history. */
  endTyping(): void {
    this.#address.settle();
  }

  /** Shows more of a long list. */
  async showMore(): Promise<void> {
    this.#address.settle();
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
    clearTimeout(this.#rest);
    const output = this.#output();
    writeOutput(this.#elements, output, (remedy) => this.#follow(remedy));
    const { cards } = output;
    const atOnce = this.#address.isTyping ? cards.slice(0, AT_ONCE) : cards;
    this.#showCards(atOnce);
    if (atOnce.length < cards.length)
      this.#rest = setTimeout(() => this.#showCards(cards), REST_MS);
  }

  #showCards(cards: Output['cards']): void {
    const { server } = this.#state;
    const query = server && offerQuery(server);
    const made = cards.map((make) => make());
    for (const card of made) {
      // Every letter of a search comes here.
      if (this.#carried.get(card) === query) continue;
      carryServer(card.querySelectorAll(CARRYING), server);
      this.#carried.set(card, query);
    }
    showCards(this.#elements.list, made);
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
    const found = this.#isOnPage() && this.#address.isTyping ? this.#outputOfPage().cards : [];
    return { summary: 'Loading…', cards: found, left: 0, isLoading: true };
  }

  #outputOfFile(source: NewestSource): Output {
    const view = listView(this.#state, source);
    const shown = view.plugins.slice(0, this.#limit);
    const platform = this.#state.server?.platform ?? '';
    const cards = shown.map(
      (plugin) => () => this.#makeCard(plugin, platform, source.newest.has(plugin)),
    );
    return { ...view, cards, left: view.plugins.length - cards.length };
  }

  #outputOfPage(): Output {
    const built = this.#built;
    const view = listView(this.#state, { offered: built, every: built, oldest: '' });
    const cards = view.plugins.map(
      ({ card }) =>
        () =>
          card,
    );
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
