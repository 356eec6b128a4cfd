import { runsOn } from '../../mattermost/platforms.ts';
import type { Space } from '../../query/audience/space.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { labelsOf } from '../../query/labels.ts';
import type { IconSet } from '../assets/loaded-files.ts';
import { listView } from '../shared/list-view.ts';
import { toListedPlugin } from '../shared/listed-plugin.ts';
import { h, type Piece } from '../shared/piece.ts';
import { pluginCard } from '../shared/plugin-card.ts';
import { type Page, pluginPagePath } from './page-frame.ts';

/** The options of `listPage`. */
export interface ListSource extends Pick<Space, 'catalog' | 'steps' | 'platforms'> {
  readonly icons: IconSet;
  /** The site's own introduction. */
  readonly introduction: string;
}

/** The page at `/`: every plugin, and controls to show the plugins for a server. */
export function listPage(source: ListSource): Page {
  const { catalog, introduction } = source;
  return {
    path: '/',
    title: '',
    description: introduction,
    main: () => [
      h('h1', {}, 'Plugins'),
      introduction === ''
        ? undefined
        : h('p', { class: 'introduction', dir: 'auto' }, introduction),
      controls(source),
      list(source),
      catalog.length > 0 ? h('div', { id: 'notice', class: 'notice', hidden: true }) : undefined,
    ],
  };
}

function list({ catalog, icons }: ListSource): Piece {
  const plugins = everyPlugin(catalog).map(({ release }) => {
    const listed = toListedPlugin({ ...release, labels: labelsOf(release) });
    const plugin = { ...listed, runsOn: runsOn(release) };
    return { plugin, icon: icons.pathOf(release.icon_data) };
  });
  const view = listView(
    { text: '', server: undefined },
    plugins.map(({ plugin }) => plugin),
    '',
  );
  if (view.notice !== undefined) {
    return h(
      'div',
      { class: 'notice' },
      h('h2', {}, view.notice.title),
      h('p', {}, view.notice.text),
    );
  }
  return [
    h('p', { id: 'summary', class: 'summary', role: 'status' }, view.summary),
    h(
      'ul',
      { id: 'plugins', class: 'cards', role: 'list', 'data-oldest': oldestServer(catalog) },
      plugins.map(({ plugin, icon }) =>
        pluginCard(plugin, { page: pluginPagePath(plugin.id), icon }),
      ),
    ),
  ];
}

/** The lowest server version that some release runs on; empty: any. */
function oldestServer(catalog: Space['catalog']): string {
  const [oldest] = catalog.toSorted((a, b) => (a.minServerKey < b.minServerKey ? -1 : 1));
  return oldest?.release.manifest.min_server_version ?? '';
}

function controls({ catalog, steps, platforms }: ListSource): Piece {
  if (catalog.length === 0) return undefined;
  const versions = steps.slice(1, -1).map(({ serverVersion }) => serverVersion);
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
        placeholder: 'Name or description',
        spellcheck: 'false',
      }),
    ),
    h(
      'fieldset',
      { class: 'modes' },
      h('legend', {}, 'Show'),
      mode('all', 'All plugins', true),
      mode('server', 'For a server'),
    ),
    h(
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
      select('platform', 'Platform', [['', 'Any platform'], ...platforms.map(twice)]),
      select('edition', 'Edition', [
        ['team', 'Team'],
        ['enterprise', 'Enterprise'],
      ]),
      select('hosting', 'Hosting', [
        ['on-prem', 'Self-hosted'],
        ['cloud', 'Cloud'],
      ]),
    ),
  );
}

const twice = (word: string) => [word, word] as const;

function mode(value: string, name: string, checked?: true): Piece {
  return h('label', {}, h('input', { type: 'radio', name: 'mode', value, checked }), name);
}

function select(id: string, name: string, options: readonly (readonly [string, string])[]): Piece {
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
