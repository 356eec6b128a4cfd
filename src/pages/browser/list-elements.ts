/** What of the list's page the script works with. */
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

/** Finds them; undefined on a page without the list. */
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
