import type { NoticeInEffect } from '../../catalog/notices/apply-notices.ts';
import type { Release } from '../../catalog/release.ts';
import type { VerifiedRecords } from '../../catalog/verified/verified-file.ts';
import { webLink } from '../../lib/web-link.ts';
import { runsOn } from '../../mattermost/platforms.ts';
import type { Step } from '../../query/audience/space.ts';
import type { IndexedRelease } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { labelsOf } from '../../query/labels.ts';
import type { IconSet } from '../assets/loaded-files.ts';
import { hostingMarks, type Mark, toMarks } from '../shared/list/filters.ts';
import { h, type Piece, wholeWords } from '../shared/piece.ts';
import { describedPlugin, labelList, nameOf, pluginIcon, timeOf } from '../shared/plugin-card.ts';
import { requirementWords } from '../shared/server-words.ts';
import { daysOf, platformWords } from '../shared/words.ts';
import { definitions, section } from './elements.ts';
import { pluginData } from './json-ld.ts';
import { noticeList } from './notices/notice-list.ts';
import { type Page, pluginPagePath } from './page-frame.ts';
import type { BundleDigests } from './releases/bundle-list.ts';
import { checkDownload } from './releases/check-download.ts';
import { installSteps } from './releases/install-steps.ts';
import { releasesList } from './releases/releases-list.ts';
import { settingsList } from './settings/settings-list.ts';

const MAINTAINERS: Readonly<Record<string, string>> = {
  mattermost: 'Mattermost',
  partner: 'a Mattermost partner',
  community: 'the open-source community',
};

/** What the pages of plugins share. */
export interface PluginSource {
  readonly steps: readonly Step[];
  readonly icons: IconSet;
  /** The address of the site; empty: unknown. */
  readonly siteUrl: string;
  /** What the maintainers of the marketplace say of releases of any plugin. */
  readonly notices?: readonly NoticeInEffect[];
  readonly digests: BundleDigests;
  readonly evidence: VerifiedRecords;
}

/**
 * The page of a plugin.
 *
 * @param releases of the plugin, in the order of an index; at least one
 */
export function pluginPage(releases: readonly IndexedRelease[], source: PluginSource): Page {
  const [newest] = everyPlugin(releases) as [IndexedRelease];
  const { release } = newest;
  const { id, description } = release.manifest;
  const plugin = { id, name: release.manifest.name ?? '' };
  const name = nameOf(plugin);
  const notices = (source.notices ?? []).filter(({ notice }) => notice.plugin === id);
  const icon = source.icons.pathOf(release.icon_data);
  return {
    path: `/${pluginPagePath(id)}`,
    title: name,
    description: description ?? '',
    head: pluginData(release, source.siteUrl),
    feed: `${pluginPagePath(id)}feed.xml`,
    main: (up) => [
      h('a', { class: 'back', href: up }, 'All plugins'),
      h(
        'div',
        { class: 'plugin-head' },
        pluginIcon(plugin, icon && up + icon),
        h('div', {}, h('h1', {}, h('bdi', {}, name)), h('p', { class: 'id' }, h('code', {}, id))),
      ),
      describedPlugin('introduction', description ?? '', daysOf(releases).at(-1) ?? ''),
      labelList([...toMarks(labelsOf(release)), ...commonHosting(releases)], up),
      noticeList(notices),
      h(
        'div',
        { class: 'columns' },
        h('div', { class: 'facts-column' }, facts(release)),
        h(
          'div',
          {},
          yourServer(up),
          installSteps(release, up),
          section(
            'releases',
            'Releases',
            releasesList(releases, { ...source, notices }),
            checkDownload(release),
          ),
          settingsList(release.manifest),
        ),
      ),
    ],
  };
}

/** The mark of a plugin without any release for the other hosting. */
function commonHosting(releases: readonly IndexedRelease[]): readonly Mark[] {
  const [hosting = '', ...others] = new Set(releases.map(({ release }) => release.hosting));
  return others.length === 0 ? hostingMarks(hosting) : [];
}

/** The script replaces it, if it knows the server. */
function yourServer(up: string): Piece {
  return h(
    'section',
    { id: 'offer', class: 'offer' },
    h('h2', {}, 'Your server'),
    h(
      'p',
      {},
      'A server gets the newest release that it can run. ',
      h('a', { href: `${up}?server_version=` }, 'Choose your server'),
      ' to see which that is.',
    ),
  );
}

function facts(release: Release): Piece {
  const { manifest } = release;
  const on = platformWords(runsOn(release));
  return definitions('fact-list', [
    ['Newest version', h('bdi', {}, manifest.version)],
    ['Requires', requirementWords(manifest.min_server_version)],
    ['Listed', timeOf(release.updated_at)],
    ['Maintained by', MAINTAINERS[release.author_type]],
    ['Subscription', release.enterprise ? 'Professional or Enterprise' : 'Not required'],
    ['Runs on', wholeWords(on ?? 'not stated (one executable for all)')],
    ['Links', links(release)],
  ]);
}

function links({ homepage_url, release_notes_url, manifest }: Release): Piece {
  const home = webLink(homepage_url || manifest['homepage_url']);
  const named = [
    [home, home && nameHome(home)],
    [webLink(release_notes_url || manifest['release_notes_url']), 'Release notes'],
    [webLink(manifest['support_url']), 'Support'],
  ] as const;
  const known = named.filter(([href]) => href !== undefined);
  if (known.length === 0) return undefined;
  return h(
    'ul',
    { role: 'list' },
    known.map(([href, name]) => h('li', {}, h('a', { href, title: href }, name))),
  );
}

/** Where sources are hosted. */
const FORGES: Readonly<Record<string, string>> = {
  'github.com': 'GitHub',
  'gitlab.com': 'GitLab',
  'bitbucket.org': 'Bitbucket',
  'codeberg.org': 'Codeberg',
};

function nameHome(address: string): string {
  const [, host = ''] = /^https?:\/\/(?:www\.)?([^/?#]*)/i.exec(address) ?? [];
  const forge = FORGES[host.toLowerCase()];
  return forge === undefined ? 'Home page' : `Source on ${forge}`;
}
