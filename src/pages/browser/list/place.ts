/** Where someone was in the list, in the state of the history. */
interface Place {
  /** The id of the plugin at the top of the window. */
  readonly card: string;
  /** How far below the top its card is, in pixels. */
  readonly top: number;
}

/** So many times it takes until nothing moves any more. */
const FRAMES = 4;

/** Keeps the place in the history where someone follows a link. */
export function keepPlace(list: HTMLElement): void {
  document.addEventListener('click', ({ target, defaultPrevented }) => {
    if (defaultPrevented || (target as Element).closest('a') === null) return;
    for (const each of list.children) {
      const { top, bottom } = each.getBoundingClientRect();
      if (bottom <= 0) continue;
      const place: Place = { card: (each as HTMLElement).dataset['id'] ?? '', top };
      history.replaceState({ ...history.state, place }, '');
      return;
    }
  });
}

/**
 * Goes back to the place that was left. A browser that loads the page again would go there before the list is whole, and
 * measures in pixels of cards that it has not laid out.
 *
 * @param show fills the list
 */
export async function returnToPlace(list: HTMLElement, show: () => Promise<void>): Promise<void> {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const place: Place | undefined = history.state?.place;
  if (place === undefined || navigation?.type !== 'back_forward') return show();
  history.scrollRestoration = 'manual';
  await show();
  const cards = [...list.children] as HTMLElement[];
  const card = cards.find(({ dataset }) => dataset['id'] === place.card);
  // Cards get their heights once they are near.
  for (let frame = 0; card && frame < FRAMES; frame++) {
    scrollBy(0, card.getBoundingClientRect().top - place.top);
    await new Promise(requestAnimationFrame);
  }
  // Until then, the browser may still go to its own.
  if (document.readyState !== 'complete') {
    await new Promise((resolve) => addEventListener('load', resolve));
  }
  history.scrollRestoration = 'auto';
}
