import type { Notice } from '../../shared/list-view.ts';
import { h } from '../../shared/piece.ts';
import { toNode } from '../to-node.ts';
import type { ListElements } from './controls.ts';

/** What the list page shows below its controls. */
export interface Output {
  readonly summary: string;
  readonly hint?: string | undefined;
  readonly cards: readonly (() => HTMLElement)[];
  /** How many more plugins there are. */
  readonly left: number;
  /** Instead of cards. */
  readonly notice?: Notice | undefined;
  /** Whether there is more to come. */
  readonly isLoading?: boolean;
}

/** How many more plugins a button shows. */
export const STEP = 96;

/** Fills the list. Cards that stay are not touched: that would make the browser lay them out again. */
export function showCards(list: HTMLElement, cards: readonly HTMLElement[]): void {
  const shown = new Set(cards);
  for (const card of [...list.children]) if (!shown.has(card as HTMLElement)) card.remove();
  let next = list.firstElementChild;
  for (const card of cards) {
    if (card === next) next = next.nextElementSibling;
    else list.insertBefore(card, next);
  }
}

/**
 * Writes everything but the cards.
 *
 * @param remedy does what the button of a notice says
 */
export function writeOutput(
  { summary, hint, list, more, notice }: ListElements,
  output: Output,
  remedy: (remedy: NonNullable<Notice['remedy']>) => void,
): void {
  const { cards, left } = output;
  summary.textContent = output.summary;
  hint.hidden = output.hint === undefined;
  hint.textContent = output.hint ?? '';
  if (output.isLoading) list.setAttribute('aria-busy', 'true');
  else list.removeAttribute('aria-busy');
  // Nothing is shown that would move.
  document.documentElement.classList.toggle('loading', output.isLoading === true);
  list.hidden = cards.length === 0;
  more.hidden = left === 0;
  more.textContent = `Show ${Math.min(left, STEP)} more of ${left}`;
  notice.hidden = output.notice === undefined;
  notice.replaceChildren(...(output.notice ? describe(output.notice, remedy) : []));
}

function describe(
  { title, text, remedy }: Notice,
  onRemedy: (remedy: NonNullable<Notice['remedy']>) => void,
): Element[] {
  const parts = [toNode(h('h2', {}, title)), toNode(h('p', {}, text))];
  if (remedy === undefined) return parts;
  const label = remedy.charAt(0).toUpperCase() + remedy.slice(1);
  const button = toNode(h('button', { type: 'button' }, label));
  button.addEventListener('click', () => onRemedy(remedy));
  return [...parts, button];
}
