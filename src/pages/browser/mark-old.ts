import { h } from '../shared/piece.ts';
import { markItem } from '../shared/plugin-card.ts';
import { formatDay, isOld } from '../shared/words.ts';
import { toNode } from './to-node.ts';

/** Marks a plugin without a release in two years, beside its labels. */
export function markOld(plugin: ParentNode): void {
  const described = plugin.querySelector<HTMLElement>('[data-updated]');
  const day = described?.dataset['updated'] ?? '';
  if (!isOld(day, Date.now())) return;
  const next = described?.nextElementSibling;
  const labels = next?.matches('.labels')
    ? next
    : toNode(h('ul', { class: 'labels', role: 'list' }));
  described?.after(labels);
  const description = `The latest release is from ${formatDay(day)?.words}.`;
  labels.append(toNode(markItem({ name: 'No release in two years', description, color: '' })));
}
