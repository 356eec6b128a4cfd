// The script of the pages: one file, small, and of no use to a page that it does not come to.
import { findListElements } from './list-elements.ts';
import { startList } from './start-list.ts';

const { src } = document.currentScript as HTMLScriptElement;

/** The address of the site: the script lies at its root. */
const root = new URL('.', src);

// What a page cannot know when it is built, it says in general terms.
for (const element of document.querySelectorAll('[data-site-address]')) {
  element.textContent = root.href.replace(/\/$/, '');
}

const elements = findListElements();
if (elements) startList(elements, root);
