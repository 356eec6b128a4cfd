import type { NoticeInEffect } from '../../catalog/notices/apply-notices.ts';
import type { CatalogIndex } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { h } from '../shared/piece.ts';
import { nameOf } from '../shared/plugin-card.ts';
import { paragraph } from './elements.ts';
import { suspendedPlugins } from './notices/notice-list.ts';
import { type Page, pluginPagePath } from './page-frame.ts';

/** The page at `/plugins/`: the names of all plugins, however many there are, and without the script. */
export function indexPage(catalog: CatalogIndex, notices: readonly NoticeInEffect[] = []): Page {
  return {
    path: '/plugins/',
    title: 'Plugins from A to Z',
    description: 'The names of all plugins.',
    main: (up) => [
      h('h1', {}, 'Plugins from A to Z'),
      h(
        'ul',
        { class: 'index', role: 'list' },
        everyPlugin(catalog).map(({ id, release }) =>
          h(
            'li',
            {},
            h(
              'a',
              { href: up + pluginPagePath(id), 'data-id': id },
              h('bdi', {}, nameOf({ id, name: release.manifest.name ?? '' })),
            ),
          ),
        ),
      ),
      suspendedPlugins(notices, new Set(catalog.map(({ id }) => id))),
      catalog.length === 0 ? paragraph('There are no plugins in this marketplace.') : undefined,
    ],
  };
}
