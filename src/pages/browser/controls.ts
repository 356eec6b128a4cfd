import { completeVersion, type ViewState } from '../shared/view-state.ts';

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
  readonly summary: HTMLElement;
  readonly list: HTMLElement;
  readonly notice: HTMLElement;
}

/** Finds the elements; undefined on a page without the list. */
export function findListElements(): ListElements | undefined {
  const form = document.querySelector('form');
  if (form === null) return undefined;
  const find = <Found extends HTMLElement>(id: string) => document.getElementById(id) as Found;
  return {
    form,
    search: find<HTMLInputElement>('search'),
    modes: [...form.querySelectorAll<HTMLInputElement>('[name=mode]')],
    server: find('server'),
    serverVersion: find<HTMLInputElement>('server-version'),
    platform: find<HTMLSelectElement>('platform'),
    edition: find<HTMLSelectElement>('edition'),
    hosting: find<HTMLSelectElement>('hosting'),
    summary: find('summary'),
    list: find('plugins'),
    notice: find('notice'),
  };
}

/** The state of the controls. */
export function readControls(elements: ListElements): ViewState {
  const isServer = elements.modes.some(({ value, checked }) => value === 'server' && checked);
  const typed = elements.serverVersion.value;
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
  };
}

/** Sets the controls to a state. Text that is being typed stays where it means the same. */
export function writeControls(elements: ListElements, { text, server }: ViewState): void {
  if (elements.search.value !== text) elements.search.value = text;
  for (const mode of elements.modes) mode.checked = (mode.value === 'server') === !!server;
  elements.server.hidden = server === undefined;
  if (server === undefined) return;
  if (completeVersion(elements.serverVersion.value) !== server.serverVersion) {
    elements.serverVersion.value = server.serverVersion;
  }
  const isVersion = completeVersion(server.serverVersion) !== null;
  if (isVersion) elements.serverVersion.removeAttribute('aria-invalid');
  else elements.serverVersion.setAttribute('aria-invalid', 'true');
  selectPlatform(elements.platform, server.platform);
  elements.edition.value = server.enterprise ? 'enterprise' : 'team';
  elements.hosting.value = server.cloud ? 'cloud' : 'on-prem';
}

/** A shared address may name a platform without bundles. */
function selectPlatform(select: HTMLSelectElement, platform: string): void {
  if ([...select.options].every(({ value }) => value !== platform)) {
    select.add(new Option(platform, platform));
  }
  select.value = platform;
}
