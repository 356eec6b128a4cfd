// The script of the web pages. Every page works without it.
import { STYLE_SHEET } from '../../router/headers/loaded-numbers.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { findListElements } from './list/controls.ts';
import { startList } from './list/start-list.ts';
import { startPlugin } from './plugin/start-plugin.ts';
import { startLost } from './start-lost.ts';

const { src } = document.currentScript as HTMLScriptElement;

/** The address of the site. The script is at `files/<digest>/<number>`. */
const root = new URL('../..', src);

// What the script is about to change is not shown before it has (site.css).
const { classList } = document.documentElement;
classList.add('starting');
document.addEventListener('DOMContentLoaded', () => {
  try {
    start();
  } finally {
    classList.remove('starting');
  }
});

function start(): void {
  // The page of an error has nothing but its heading yet.
  if (document.querySelector('main') === null)
    return void startLost(root, new URL(`${STYLE_SHEET}`, src));
  // A build may not know the address of its site; then its pages show a placeholder.
  for (const element of document.querySelectorAll('[data-site-address]')) {
    element.textContent = root.href.replace(/\/$/, '');
  }
  const elements = findListElements();
  if (elements) startList(elements, root);
  const offer = document.getElementById('offer');
  if (offer) startPlugin(offer, root);
  addCopyButtons();
}
