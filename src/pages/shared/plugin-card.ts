import { webLink } from '../../lib/web-link.ts';
import type { ListedPlugin } from './listed-plugin.ts';
import { type ElementPiece, h, type Piece } from './piece.ts';
import { formatDay, platformWords } from './words.ts';

/** The addresses that a card shows or links to. */
export interface CardLinks {
  /** The plugin's page. */
  readonly page: string;
  /** Its icon; undefined if none can be shown. */
  readonly icon: string | undefined;
}

/** An entry of the list. */
export function pluginCard(plugin: ListedPlugin, { page, icon }: CardLinks): ElementPiece {
  const download = webLink(plugin.downloadUrl);
  const platforms = platformWords(plugin.runsOn);
  return h(
    'li',
    { class: 'card', 'data-id': plugin.id },
    pluginIcon(plugin, icon),
    h('h2', {}, h('a', { href: page }, h('bdi', {}, nameOf(plugin)))),
    h('p', { class: 'description', dir: 'auto' }, plugin.description),
    labelList(plugin.labels),
    h(
      'p',
      { class: 'facts' },
      h('span', {}, 'Version ', h('bdi', {}, plugin.version)),
      h('span', {}, serverRequirement(plugin.minServerVersion)),
      platforms && h('span', {}, platforms),
      timeOf(plugin.updatedAt),
      download && h('a', { class: 'download', href: download }, 'Download'),
    ),
  );
}

/** The name of a plugin, or its id if it has none. */
export function nameOf({ id, name }: Pick<ListedPlugin, 'id' | 'name'>): string {
  return name.trim() === '' ? id : name;
}

/** An icon on its tile, or the first letter of the name. Hidden from screen readers, which read the name beside it. */
export function pluginIcon(plugin: Pick<ListedPlugin, 'id' | 'name'>, icon: string | undefined) {
  if (icon === undefined) {
    const [letter = ''] = nameOf(plugin).trim();
    return h('span', { class: 'icon letter', 'aria-hidden': 'true' }, letter.toUpperCase());
  }
  const size = { width: '48', height: '48' };
  return h(
    'span',
    { class: 'icon' },
    h('img', { src: icon, alt: '', ...size, loading: 'lazy', decoding: 'async' }),
  );
}

/** The labels of a release; undefined if it has none. */
export function labelList(labels: ListedPlugin['labels']): Piece {
  if (labels.length === 0) return undefined;
  return h(
    'ul',
    { class: 'labels', role: 'list' },
    labels.map(({ name, description, color }) =>
      h('li', { title: description || undefined }, colorDot(color), h('bdi', {}, name)),
    ),
  );
}

/** The color is an attribute of a shape, because the content security policy forbids style attributes. */
function colorDot(color: string): Piece {
  if (!/^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i.test(color)) return undefined;
  return h(
    'svg',
    { viewBox: '0 0 8 8', width: '8', height: '8', 'aria-hidden': 'true' },
    h('circle', { cx: '4', cy: '4', r: '4', fill: color }),
  );
}

/** The servers that a release runs on. */
export function serverRequirement(minServerVersion: string): string {
  return minServerVersion === '' ? 'Any server' : `Server ${minServerVersion} or newer`;
}

/** A day; undefined where it is unknown. */
export function timeOf(updatedAt: string): Piece {
  const day = formatDay(updatedAt);
  return day && h('time', { datetime: day.iso }, day.words);
}
