// The script of the web pages. Every page works without it.
import { findListElements } from './controls.ts';
import { startList } from './start-list.ts';
import { startLost } from './start-lost.ts';

const { src } = document.currentScript as HTMLScriptElement;

/** The address of the site. The script is at `files/<digest>/<number>`. */
const root = new URL('../..', src);

document.addEventListener('DOMContentLoaded', () => {
  // The page of an error has nothing but its heading yet.
  if (document.querySelector('main') === null) void startLost(root, new URL('1', src));
});

// A build may not know the address of its site; then its pages show a placeholder.
for (const element of document.querySelectorAll('[data-site-address]')) {
  element.textContent = root.href.replace(/\/$/, '');
}

const elements = findListElements();
if (elements) startList(elements, root);
