import { webLink } from '../../lib/web-link.ts';
import { labelsOf } from '../../query/labels.ts';
import { hostingMarks, type Mark, toMarks } from './list/filters.ts';
import { downloadFor, type ListedPlugin } from './listed-plugin.ts';
import { type ElementPiece, h, type Piece, wholeWords } from './piece.ts';
import { missingProgram } from './runs-on.ts';
import { requirementWords } from './server-words.ts';
import { formatDay, platformWords } from './words.ts';

/**
 * An entry of the list.
 *
 * @param platform of the server that the list is for; empty: none
 */
export function pluginCard(plugin: ListedPlugin, platform: string): ElementPiece {
  const { runs_on, version, min_server_version, listed_on, updated_on } = plugin;
  const download = webLink(downloadFor(plugin, platform));
  const missing = missingProgram(runs_on, platform);
  const platforms = platformWords(runs_on);
  return h(
    'li',
    { class: 'card', 'data-id': plugin.id },
    pluginIcon(plugin, plugin.icon),
    h('h2', {}, h('a', { href: plugin.page }, h('bdi', {}, nameOf(plugin)))),
    describedPlugin('description', plugin.description, updated_on),
    labelList(marksOf(plugin)),
    missing && h('p', { class: 'missing' }, `${missing[0]?.toUpperCase()}${missing.slice(1)}`),
    h(
      'p',
      { class: 'facts' },
      h('span', {}, 'Version ', h('bdi', { class: 'version' }, version)),
      h('span', {}, requirementWords(min_server_version)),
      timeOf(listed_on),
      platforms && h('span', { class: 'platforms' }, 'Runs on ', wholeWords(platforms)),
      download && h('a', { class: 'download', href: download }, 'Download'),
    ),
  );
}

/** The marks of a plugin that a build knows. */
export function marksOf(plugin: Parameters<typeof labelsOf>[0] & Pick<ListedPlugin, 'hosting'>) {
  return [...toMarks(labelsOf(plugin)), ...hostingMarks(plugin.hosting)];
}

/** The name of a plugin, or its id if it has none. */
export function nameOf({ id, name }: Pick<ListedPlugin, 'id' | 'name'>): string {
  return name.trim() === '' ? id : name;
}

/** How many colors there are for tiles (site.css). */
const TINTS = 8;

/** An icon on its tile, or the first letter of the name. Hidden from screen readers, which read the name beside it. */
export function pluginIcon(plugin: Pick<ListedPlugin, 'id' | 'name'>, icon: string | undefined) {
  if (icon === undefined) {
    const [letter = ''] = nameOf(plugin).trim();
    const sum = Array.from(plugin.id).reduce(
      (total, character) => (total * 31 + (character.codePointAt(0) ?? 0)) % 1009,
      0,
    );
    const tile = `icon letter tint-${sum % TINTS}`;
    return h('span', { class: tile, 'aria-hidden': 'true' }, letter.toUpperCase());
  }
  const size = { width: '48', height: '48' };
  return h(
    'span',
    { class: 'icon' },
    h('img', { src: icon, alt: '', ...size, loading: 'lazy', decoding: 'async' }),
  );
}

/**
 * Labels and other marks; undefined if there are none.
 *
 * @param list the way to the list, where those that a filter finds lead
 */
export function labelList(marks: readonly Mark[], list = ''): Piece {
  if (marks.length === 0) return undefined;
  return h(
    'ul',
    { class: 'labels', role: 'list' },
    marks.map((mark) => markItem(mark, list)),
  );
}

/** One of them. */
export function markItem({ name, description, color, query }: Mark, list = ''): ElementPiece {
  const title = description || undefined;
  const content = [colorDot(color), h('bdi', {}, name)];
  if (query === undefined) return h('li', { title }, content);
  return h('li', { title }, h('a', { href: `${list}?${query}` }, content));
}

/**
 * The description of a plugin, below which its labels are. The script adds a mark if the latest release is old: a build knows
 * no clock.
 *
 * @param updatedOn the day of that release, `2024-05-17`; empty: unknown
 */
export function describedPlugin(
  className: string,
  description: string,
  updatedOn: string,
): ElementPiece {
  const attributes = { class: className, dir: 'auto', 'data-updated': updatedOn || undefined };
  return h('p', attributes, description);
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

/** A day; undefined where it is unknown. */
export function timeOf(updatedAt: string): Piece {
  const day = formatDay(updatedAt);
  return day && h('time', { datetime: day.iso }, day.words);
}
