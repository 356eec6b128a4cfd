import { FILTER_KEYS, type FilterKey } from '../../shared/list/filters.ts';
import { completeVersion, SORTS, type ViewState } from '../../shared/view-state.ts';

/** The elements of the list page that the script uses. */
export interface ListElements {
  readonly form: HTMLFormElement;
  readonly search: HTMLInputElement;
  readonly modes: readonly HTMLInputElement[];
  /** Around the controls that describe a server. */
  readonly server: HTMLElement;
  readonly serverVersion: HTMLInputElement;
  readonly platform: HTMLSelectElement;
  readonly edition: HTMLSelectElement;
  readonly hosting: HTMLSelectElement;
  readonly filtersSummary: HTMLElement;
  /** Those that narrow the list of this catalog. */
  readonly filters: ReadonlyMap<FilterKey, HTMLSelectElement>;
  readonly clearFilters: HTMLButtonElement;
  readonly sort: HTMLSelectElement;
  readonly summary: HTMLElement;
  readonly hint: HTMLElement;
  readonly list: HTMLElement;
  readonly more: HTMLButtonElement;
  readonly notice: HTMLElement;
}

/** Finds the elements; undefined on a page without the list. */
export function findListElements(): ListElements | undefined {
  const form = document.querySelector('form');
  if (form === null || document.getElementById('plugins') === null) return undefined;
  const find = <Found extends HTMLElement>(id: string) => document.getElementById(id) as Found;
  const filters = FILTER_KEYS.map((key) => [key, find<HTMLSelectElement>(key)] as const);
  return {
    form,
    search: find<HTMLInputElement>('search'),
    modes: [...form.querySelectorAll<HTMLInputElement>('[name=mode]')],
    server: find('server'),
    serverVersion: find<HTMLInputElement>('server-version'),
    platform: find<HTMLSelectElement>('platform'),
    edition: find<HTMLSelectElement>('edition'),
    hosting: find<HTMLSelectElement>('server-hosting'),
    filtersSummary: form.querySelector('#filters summary') as HTMLElement,
    filters: new Map(filters.filter(([, select]) => select !== null)),
    clearFilters: find<HTMLButtonElement>('clear-filters'),
    sort: find<HTMLSelectElement>('sort'),
    summary: find('summary'),
    hint: find('hint'),
    list: find('plugins'),
    more: find<HTMLButtonElement>('more'),
    notice: find('notice'),
  };
}

/** The state of the controls. */
export function readControls(elements: ListElements): ViewState {
  const isServer = elements.modes.some(({ value, checked }) => value === 'server' && checked);
  const typed = elements.serverVersion.value;
  const filters = [...elements.filters].filter(([, { value }]) => value !== '');
  return {
    text: elements.search.value,
    server: isServer
      ? {
          serverVersion: completeVersion(typed) ?? typed,
          platform: elements.platform.value,
          enterprise: elements.edition.value === 'enterprise',
          cloud: elements.hosting.value === 'cloud',
        }
      : undefined,
    sort: SORTS.find((sort) => sort === elements.sort.value) ?? 'name',
    filters: Object.fromEntries(filters.map(([key, { value }]) => [key, value])),
  };
}

/** Sets the controls to a state. Text that is being typed stays where it means the same. */
export function writeControls(elements: ListElements, state: ViewState): void {
  const { text, server, sort, filters } = state;
  if (elements.search.value !== text) elements.search.value = text;
  for (const mode of elements.modes) mode.checked = (mode.value === 'server') === !!server;
  elements.server.hidden = server === undefined;
  elements.sort.value = sort;
  for (const [key, control] of elements.filters) choose(control, filters[key] ?? '');
  const count = Object.keys(filters).length;
  elements.filtersSummary.textContent = `Filter and sort${count === 0 ? '' : ` (${count})`}`;
  elements.clearFilters.hidden = count === 0;
  if (server === undefined) return;
  if (completeVersion(elements.serverVersion.value) !== server.serverVersion) {
    elements.serverVersion.value = server.serverVersion;
  }
  const isVersion = completeVersion(server.serverVersion) !== null;
  if (isVersion) elements.serverVersion.removeAttribute('aria-invalid');
  else elements.serverVersion.setAttribute('aria-invalid', 'true');
  choose(elements.platform, server.platform);
  elements.edition.value = server.enterprise ? 'enterprise' : 'team';
  elements.hosting.value = server.cloud ? 'cloud' : 'on-prem';
}

/** A shared address may have a value that this catalog does not: it is shown, so that one can see why the list is empty. */
function choose(select: HTMLSelectElement, value: string): void {
  if ([...select.options].every((option) => option.value !== value)) {
    select.add(new Option(value, value));
  }
  select.value = value;
}
