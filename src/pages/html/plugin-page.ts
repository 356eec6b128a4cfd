import { webLink } from '../../lib/web-link.ts';
import { runsOn } from '../../mattermost/platforms.ts';
import type { Step } from '../../query/audience/space.ts';
import type { IndexedRelease } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { labelsOf } from '../../query/labels.ts';
import type { IconSet } from '../assets/loaded-files.ts';
import { toListedPlugin } from '../shared/listed-plugin.ts';
import { h, type Piece } from '../shared/piece.ts';
import { labelList, nameOf, pluginIcon, serverRequirement, timeOf } from '../shared/plugin-card.ts';
import { platformWords } from '../shared/words.ts';
import { definitions, section } from './elements.ts';
import { type Page, pluginPagePath } from './page-frame.ts';
import { installSteps } from './releases/install-steps.ts';
import { releasesTable } from './releases/releases-table.ts';
import { settingsList } from './settings-list.ts';

const MAINTAINERS: Readonly<Record<string, string>> = {
  mattermost: 'Mattermost',
  partner: 'a Mattermost partner',
  community: 'the open-source community',
};

/**
 * The page of a plugin.
 *
 * @param releases of the plugin, in the order of an index; at least one
 */
export function pluginPage(
  releases: readonly IndexedRelease[],
  steps: readonly Step[],
  icons: IconSet,
): Page {
  const [newest] = everyPlugin(releases) as [IndexedRelease];
  const { release } = newest;
  const plugin = toListedPlugin({ ...release, labels: labelsOf(release) });
  const name = nameOf(plugin);
  const icon = icons.pathOf(release.icon_data);
  return {
    path: `/${pluginPagePath(plugin.id)}`,
    title: name,
    description: plugin.description,
    feed: `${pluginPagePath(plugin.id)}feed.xml`,
    main: (up) => [
      h('a', { class: 'back', href: up }, 'All plugins'),
      h(
        'div',
        { class: 'plugin-head' },
        pluginIcon(plugin, icon && up + icon),
        h(
          'div',
          {},
          h('h1', {}, h('bdi', {}, name)),
          h('p', { class: 'id' }, h('code', {}, plugin.id)),
        ),
      ),
      h('p', { class: 'introduction', dir: 'auto' }, plugin.description),
      labelList(plugin.labels),
      h(
        'div',
        { class: 'columns' },
        h('div', { class: 'facts-column' }, facts(newest)),
        h(
          'div',
          {},
          installSteps(release, up),
          section('releases', 'Releases', releasesTable(releases, steps)),
          settingsList(release.manifest),
        ),
      ),
    ],
  };
}

function facts({ release }: IndexedRelease): Piece {
  const { manifest } = release;
  return definitions('fact-list', [
    ['Newest version', h('bdi', {}, manifest.version)],
    ['Runs on', serverRequirement(manifest.min_server_version ?? '')],
    ['Platforms', platformWords(runsOn(release)) ?? 'Not stated (one executable for all)'],
    ['Listed', timeOf(release.updated_at)],
    ['Maintained by', MAINTAINERS[release.author_type]],
    ['Subscription', release.enterprise ? 'Professional or Enterprise' : 'Not required'],
    ['Home page', link(release.homepage_url || manifest['homepage_url'])],
    ['Support', link(manifest['support_url'])],
    ['Release notes', link(release.release_notes_url || manifest['release_notes_url'])],
  ]);
}

/** Shows its address, so that people see where it leads. */
function link(address: unknown): Piece {
  const href = webLink(address);
  return href && h('a', { class: 'address', href }, href.replace(/^https?:\/\/(www\.)?/i, ''));
}
