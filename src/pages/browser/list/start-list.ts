import { formatViewState, parseViewState } from '../../shared/view-state.ts';
import { chosenServer } from '../chosen-server.ts';
import { type ListElements, readControls } from './controls.ts';
import { ListPage } from './list-page.ts';
import { keepPlace, returnToPlace } from './place.ts';

/** A pause in typing after which a version counts as complete. */
const TYPING_MS = 400;

/** Makes the controls of the list work, and shows the view of the address, or the server that was chosen last. */
export function startList(elements: ListElements, root: URL): void {
  const page = new ListPage(elements, root);
  const { form, search, filtersSummary } = elements;
  form.addEventListener('submit', (event) => event.preventDefault());
  search.addEventListener('input', () => page.go(readControls(elements), true));
  search.addEventListener('change', () => page.endTyping());
  followControls(page, elements);
  elements.clearFilters.addEventListener('click', () => {
    page.go({ ...page.state, filters: {} });
    filtersSummary.focus();
  });
  elements.more.addEventListener('click', () => void page.showMore());
  elements.list.addEventListener('click', (event) => {
    if (followLabel(page, event)) filtersSummary.focus();
  });
  addEventListener('keydown', (event) => focusSearch(event, search));
  addEventListener('popstate', () => void page.restore());
  if (location.search === '') {
    const query = formatViewState({ server: chosenServer() });
    if (query !== '') history.replaceState(history.state, '', `?${query}`);
  }
  keepPlace(elements.list);
  void returnToPlace(elements.list, () => page.restore());
}

/** A version counts when it is complete, every other control at once. */
function followControls(page: ListPage, elements: ListElements): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const go = () => {
    clearTimeout(timer);
    page.go(readControls(elements));
  };
  const { modes, serverVersion, platform, edition, hosting, filters, sort } = elements;
  serverVersion.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Half a version is not ready.
      if (/^$|\d+\.\d+\.\d+/.test(serverVersion.value)) go();
    }, TYPING_MS);
  });
  const others = [...modes, serverVersion, platform, edition, hosting, ...filters.values(), sort];
  for (const control of others) control.addEventListener('change', go);
}

/** A label leads to the plugins with it, among those of the view. */
function followLabel(page: ListPage, event: MouseEvent): boolean {
  const link = (event.target as Element).closest<HTMLAnchorElement>('.labels a');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
  event.preventDefault();
  const { filters } = parseViewState(link.search.slice(1));
  page.go({ ...page.state, filters: { ...page.state.filters, ...filters } });
  return true;
}

/** The slash leads to the search, as on other sites. */
function focusSearch(event: KeyboardEvent, search: HTMLInputElement): void {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if ((event.target as Element).matches('input, select, textarea')) return;
  event.preventDefault();
  search.focus();
}
