// The script of the web pages. Every page works without it.
import { findListElements } from './controls.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { startPlugin } from './plugin/start-plugin.ts';
import { startList } from './start-list.ts';

const { src } = document.currentScript as HTMLScriptElement;

/** The address of the site. The script is at its root. */
const root = new URL('.', src);

// A build may not know the address of its site; then its pages show a placeholder.
for (const element of document.querySelectorAll('[data-site-address]')) {
  element.textContent = root.href.replace(/\/$/, '');
}

const elements = findListElements();
if (elements) startList(elements, root);

const offer = document.getElementById('offer');
if (offer) startPlugin(offer, root);

addCopyButtons();
