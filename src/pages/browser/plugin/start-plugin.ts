import { type ReleaseFacts, readFacts } from '../../shared/offer/offer.ts';
import { offerView } from '../../shared/offer/offer-view.ts';
import { h } from '../../shared/piece.ts';
import type { ServerView } from '../../shared/view-state.ts';
import { carryServer, chosenServer } from '../chosen-server.ts';
import { markOld } from '../mark-old.ts';
import { toNode } from '../to-node.ts';

/**
 * Makes the page of a plugin show what the chosen server gets, and open the release that its address names.
 *
 * @param section where it shows what the server gets
 * @param root address of the site
 */
export function startPlugin(section: HTMLElement, root: URL): void {
  const server = chosenServer();
  if (server !== undefined) {
    carryServer(document.querySelectorAll<HTMLAnchorElement>('.back, .labels a'), server);
    showOffer(section, server, root);
  }
  markOld(document);
  addEventListener('hashchange', openTarget);
  openTarget();
}

function showOffer(section: HTMLElement, server: ServerView, root: URL): void {
  const { gets, view } = offerView(readReleases(), server, root.href);
  section.replaceChildren(...toNode(h('div', {}, view)).childNodes);
  const got = gets && document.getElementById(gets.anchor)?.querySelector('.serves');
  got?.append(toNode(h('span', { class: 'tag gets' }, 'Your server gets this')));
}

/** The releases on the page, in the order of an index. */
function readReleases(): ReleaseFacts[] {
  return [...document.querySelectorAll('.release')]
    .map((element) => readFacts((name) => element.getAttribute(name)))
    .sort((a, b) => a.place - b.place);
}

/** An anchor as it is: an address may have `1.0.0%2Ba` for the release 1.0.0+a. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Opens the release in the address, and whatever folds it away. */
function openTarget(): void {
  const target = document.getElementById(decoded(location.hash.slice(1)));
  if (!target?.matches('.release')) return;
  for (let folded = target.querySelector('details'); folded; ) {
    folded.open = true;
    folded = folded.parentElement?.closest('details') ?? null;
  }
  target.scrollIntoView();
}
