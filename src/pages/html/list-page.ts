import { declaredPlatforms } from '../../mattermost/platforms.ts';
import type { Space } from '../../query/audience/space.ts';
import type { IconSet } from '../assets/loaded-files.ts';
import { type Choice, FILTER_KEYS, FILTERS, type FilterKey } from '../shared/list/filters.ts';
import { listView } from '../shared/list-view.ts';
import type { ListedPlugin } from '../shared/listed-plugin.ts';
import { h, type Piece } from '../shared/piece.ts';
import { pluginCard } from '../shared/plugin-card.ts';
import { EVERY_PLUGIN } from '../shared/view-state.ts';
import { isPlatform, sortPlatforms } from '../shared/words.ts';
import { listedPlugins } from './list-file.ts';
import type { Page } from './page-frame.ts';

/** The options of `listPage`. */
export interface ListPageSource extends Pick<Space, 'catalog' | 'steps' | 'platforms'> {
  readonly icons: IconSet;
  /** The site's own introduction. */
  readonly introduction: string;
  /** What `list-file.ts` makes, from the root of the site. */
  readonly listPath: string;
}

/** The most plugins that the page shows at once; the script shows more, and without it there is a list of names. */
const MOST_CARDS = 48;

/** The page at `/`: every plugin, and controls to search them and to show the plugins for a server. */
export function listPage(source: ListPageSource): Page {
  const { catalog, icons, introduction, listPath } = source;
  const plugins = listedPlugins(catalog, icons);
  return {
    path: '/',
    title: '',
    description: introduction,
    head: plugins.length > MOST_CARDS ? preload(listPath) : undefined,
    main: () => [
      h('h1', {}, 'Plugins'),
      introduction === ''
        ? undefined
        : h('p', { class: 'introduction', dir: 'auto' }, introduction),
      plugins.length === 0 ? nothing() : [controls(source, plugins), list(source, plugins)],
    ],
  };
}

/** A long list is searched in the file, so browsers with scripts do not wait for ours to ask for it. */
function preload(href: string): Piece {
  const rest = { as: 'fetch', crossorigin: 'anonymous', fetchpriority: 'low' };
  return h('link', { rel: 'preload', href, media: '(scripting: enabled)', ...rest });
}

function nothing(): Piece {
  const { notice } = listView(EVERY_PLUGIN, { offered: [], every: [], oldest: '' });
  return h('div', { class: 'notice' }, h('h2', {}, notice?.title), h('p', {}, notice?.text));
}

function list({ listPath }: ListPageSource, plugins: readonly ListedPlugin[]): Piece {
  const { summary } = listView(EVERY_PLUGIN, { offered: plugins, every: plugins, oldest: '' });
  const left = Math.max(0, plugins.length - MOST_CARDS);
  return [
    h('p', { id: 'summary', class: 'summary', role: 'status' }, summary),
    h('p', { id: 'hint', class: 'hint', hidden: true }),
    h(
      'ul',
      {
        id: 'plugins',
        class: 'cards',
        role: 'list',
        'data-file': listPath,
        'data-total': `${plugins.length}`,
      },
      plugins.slice(0, MOST_CARDS).map((plugin) => pluginCard(plugin, '')),
    ),
    h(
      'p',
      { class: 'more' },
      h('button', { id: 'more', type: 'button', hidden: true }, 'Show more'),
    ),
    h('div', { id: 'notice', class: 'notice', hidden: true }),
    left === 0
      ? undefined
      : h('noscript', {}, h('a', { href: 'plugins/' }, `All ${plugins.length} plugins by name`)),
  ];
}

function controls(source: ListPageSource, plugins: readonly ListedPlugin[]): Piece {
  const platforms = allPlatforms(source);
  return h(
    'form',
    { class: 'controls', role: 'search', autocomplete: 'off' },
    h(
      'div',
      { class: 'search' },
      h('label', { for: 'search' }, 'Search'),
      h('input', {
        type: 'search',
        id: 'search',
        placeholder: 'Name, id or description',
        // An address can carry as much.
        maxlength: '256',
        spellcheck: 'false',
        'aria-keyshortcuts': '/',
      }),
    ),
    h(
      'fieldset',
      { class: 'modes' },
      h('legend', {}, 'Show'),
      mode('all', 'All plugins', true),
      mode('server', 'For a server'),
    ),
    serverControls(source, platforms),
    h(
      'details',
      { id: 'filters', class: 'filters' },
      h('summary', {}, 'Filter and sort'),
      h(
        'div',
        { class: 'filter-controls' },
        FILTER_KEYS.map((key) => filter(key, plugins, platforms)),
        select('sort', 'Sort by', [
          ['name', 'Name'],
          ['updated', 'Recently updated'],
          ['added', 'Recently added'],
        ]),
        h('button', { id: 'clear-filters', type: 'button', hidden: true }, 'Clear filters'),
      ),
    ),
  );
}

/** What describes a server. */
function serverControls({ steps }: ListPageSource, platforms: readonly string[]): Piece {
  const versions = steps.slice(1, -1).map(({ serverVersion }) => serverVersion);
  return h(
    'div',
    { id: 'server', class: 'server', hidden: true },
    h(
      'div',
      {},
      h('label', { for: 'server-version' }, 'Server version'),
      h('input', {
        type: 'text',
        id: 'server-version',
        list: 'versions',
        placeholder: 'Any, or 10.5.0',
        spellcheck: 'false',
        autocapitalize: 'off',
      }),
      h(
        'datalist',
        { id: 'versions' },
        versions.toReversed().map((value) => h('option', { value })),
      ),
    ),
    select('platform', 'Platform', [['', 'Default bundle'], ...platforms.map(twice)]),
    select('edition', 'Edition', [
      ['team', 'Team'],
      ['enterprise', 'Enterprise'],
    ]),
    select('server-hosting', 'Hosting', [
      ['on-prem', 'Self-hosted'],
      ['cloud', 'Cloud'],
    ]),
  );
}

/** A filter that would leave out nothing is not shown. */
function filter(
  key: FilterKey,
  plugins: readonly ListedPlugin[],
  platforms: readonly string[],
): Piece {
  const { name, choices, matches } = FILTERS[key];
  const known = key === 'runs_on' ? platforms.map(twice) : choices;
  const useful = known.filter(([value]) => plugins.some((plugin) => matches(plugin, value)));
  const narrows = useful.some(([value]) => plugins.some((plugin) => !matches(plugin, value)));
  return narrows ? select(key, name, [['', 'Any'], ...useful]) : undefined;
}

/** The platforms that some release has a bundle or a program for. */
function allPlatforms({ catalog, platforms }: ListPageSource): string[] {
  const declared = catalog.flatMap(({ release }) => declaredPlatforms(release.manifest) ?? []);
  return sortPlatforms([...new Set([...platforms, ...declared])].filter(isPlatform));
}

const twice = (word: string) => [word, word] as const;

function mode(value: string, name: string, checked?: true): Piece {
  return h('label', {}, h('input', { type: 'radio', name: 'mode', value, checked }), name);
}

function select(id: string, name: string, options: readonly Choice[]): Piece {
  return h(
    'div',
    {},
    h('label', { for: id }, name),
    h(
      'select',
      { id },
      options.map(([value, text]) => h('option', { value }, text)),
    ),
  );
}
