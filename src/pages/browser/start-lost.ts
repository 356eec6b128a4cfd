import { nearest } from '../shared/nearest.ts';
import { h } from '../shared/piece.ts';
import { toNode } from './to-node.ts';

/** Any more are no help. */
const MOST_SUGGESTIONS = 5;

/**
 * Makes a page of what the router sends where there is none: its body has to be short, since the CloudFront Function carries it.
 *
 * @param styleSheet its address
 */
export async function startLost(root: URL, styleSheet: URL): Promise<void> {
  document.title = 'No such page';
  document.head.append(
    toNode(h('link', { rel: 'stylesheet', href: styleSheet.href })),
    toNode(h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' })),
  );
  const word = lastWord(location.pathname);
  document.body.replaceChildren(
    toNode(
      h(
        'main',
        { id: 'main' },
        h('h1', {}, 'No such page'),
        h('p', { class: 'introduction' }, 'This marketplace has nothing at this address.'),
        h('div', { id: 'near', role: 'status' }),
        h(
          'form',
          // The answer of the router names no encoding.
          {
            class: 'controls',
            role: 'search',
            action: root.href,
            'accept-charset': 'utf-8',
          },
          h(
            'div',
            { class: 'search' },
            h('label', { for: 'search' }, 'Search for a plugin'),
            h('input', { type: 'search', id: 'search', name: 'filter', value: word }),
          ),
          h('button', {}, 'Search'),
        ),
        h('p', {}, h('a', { href: root.href }, 'All plugins')),
      ),
    ),
  );
  const address = new URL('plugins/', root);
  const response = await fetch(address);
  if (!response.ok) return;
  const index = new DOMParser().parseFromString(await response.text(), 'text/html');
  dress(index, address);
  explain(word, index);
  suggest(word, index);
}

/** What may be an id: `jira` of `/plugin/jira.html`. */
function lastWord(path: string): string {
  const word = path
    .replace(/\/+$/, '')
    .replace(/^.*\//, '')
    .replace(/\.html?$/, '');
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Takes over what stands around every page. */
function dress(from: Document, address: URL): void {
  for (const [attribute, element] of [
    ...[...from.querySelectorAll('[href]')].map((each) => ['href', each] as const),
    ...[...from.querySelectorAll('[src]')].map((each) => ['src', each] as const),
  ]) {
    element.setAttribute(attribute, new URL(element.getAttribute(attribute) ?? '', address).href);
  }
  const [skip, top, bottom, icon] = ['.skip', '.top', '.bottom', '[rel=icon]'].map((selector) =>
    from.querySelector(selector),
  );
  for (const current of from.querySelectorAll('[aria-current]'))
    current.removeAttribute('aria-current');
  if (skip) skip.setAttribute('href', '#main');
  document.body.prepend(...[skip, top].filter((each) => each != null));
  document.body.append(...[bottom].filter((each) => each != null));
  if (icon) document.head.append(icon);
}

/** That all releases of a plugin are suspended, and why. */
function explain(word: string, index: Document): void {
  for (const item of index.querySelectorAll<HTMLElement>('[data-suspended]')) {
    if (item.dataset['suspended'] !== word) continue;
    const paragraph = toNode(h('p', { class: 'warning' }));
    paragraph.append(...item.childNodes);
    document.getElementById('near')?.append(paragraph);
  }
}

function suggest(word: string, index: Document): void {
  const links = [...index.querySelectorAll<HTMLAnchorElement>('.index a')].map((element) => ({
    id: element.dataset['id'] ?? '',
    name: element.textContent ?? '',
    href: element.href,
  }));
  const near = nearest(word, links, MOST_SUGGESTIONS);
  if (near.length === 0) return;
  document.getElementById('near')?.append(
    toNode(h('h2', {}, 'Did you mean one of these?')),
    toNode(
      h(
        'ul',
        { class: 'index', role: 'list' },
        near.map(({ href, name }) => h('li', {}, h('a', { href }, h('bdi', {}, name)))),
      ),
    ),
  );
}
