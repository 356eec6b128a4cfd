import type { Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { runsOn } from '../../../mattermost/platforms.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { factAttributes } from '../../shared/offer/offer.ts';
import { h, type Piece, wholeWords } from '../../shared/piece.ts';
import { timeOf } from '../../shared/plugin-card.ts';
import { hostingWords, requirementWords } from '../../shared/server-words.ts';
import { platformWords } from '../../shared/words.ts';
import { codeBlock, definitions, prose } from '../elements.ts';
import { markdown } from '../settings/markdown.ts';
import { type BundleDigests, bundleList } from './bundle-list.ts';
import { describeChanges } from './changes.ts';
import { bundleCommand, marketplaceCommand } from './shell-commands.ts';

/** A release with what its plugin's other releases say about it. */
export interface ReleaseOfPlugin {
  readonly indexed: IndexedRelease;
  /** Its id on the page. */
  readonly anchor: string;
  /** Its place among the plugin's releases. */
  readonly place: number;
  /** The servers that get it as the newest, in words. */
  readonly newestFor: readonly string[];
  /** The one it is compared with. */
  readonly previous: Release | undefined;
  readonly digests: BundleDigests;
  /** Why no server installs it. */
  readonly refusal: string | undefined;
  /** Whether that is not so of every release. */
  readonly isRefusalNews: boolean;
  /** When its bundles were verified, and their digests. */
  readonly verified: Piece;
  /** The names of the notices about it: `Deprecated`. */
  readonly notices: readonly string[];
}

/** A release: a line, and all about it once that is opened. */
export function releaseItem({
  indexed,
  newestFor,
  previous,
  refusal,
  verified,
  notices,
  ...listed
}: ReleaseOfPlugin): Piece {
  const { release } = indexed;
  const { version, min_server_version } = release.manifest;
  const news = listed.isRefusalNews ? refusal : undefined;
  const requirement = requirementWords(min_server_version);
  const on = platformWords(runsOn(release));
  const serves = newestFor.length > 0 ? newestFor : [requirement];
  return h(
    'li',
    {
      class: 'release',
      ...factAttributes({ ...listed, indexed, isInstallable: refusal === undefined }),
    },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('span', { class: 'version', title: version }, h('bdi', {}, version)),
        h(
          'span',
          { class: 'serves' },
          serves.map((words) => h('span', {}, words)),
          tagsOf(release, [...notices, news === undefined ? '' : 'Not installable']),
        ),
        timeOf(release.updated_at),
      ),
      h(
        'div',
        { class: 'about-release' },
        news && h('p', { class: 'warning' }, news),
        notesOf(release),
        definitions('release-facts', [
          ['Requires', requirement],
          ['Runs on', on && wholeWords(on)],
          [`Since ${previous?.manifest.version}`, previous && changesSince(previous, release)],
          ['Bundles', bundleList(release, listed.digests)],
          ['Verified', verified],
          ['Install', commandOf(release, newestFor.length > 0 && refusal === undefined)],
          ['Links', linksOf(release, listed.anchor)],
        ]),
      ),
    ),
  );
}

function tagsOf({ hosting, release_stage }: Release, more: readonly string[]): Piece {
  const tags = [
    hostingWords(hosting),
    release_stage === 'beta' ? 'Beta' : release_stage === 'experimental' ? 'Experimental' : '',
    ...more,
  ].filter((tag) => tag !== '');
  return tags.map((tag) => h('span', { class: 'tag' }, tag));
}

/** No field of the API: a catalog may have it as text in Markdown. */
function notesOf(release: Release): Piece {
  const notes = release['release_notes'];
  if (typeof notes !== 'string' || notes.trim() === '') return undefined;
  return h('div', { class: 'help', dir: 'auto' }, markdown(notes));
}

function changesSince(previous: Release, release: Release): Piece {
  const changes = describeChanges(previous, release);
  if (changes.length === 0) return undefined;
  return h(
    'ul',
    { role: 'list' },
    changes.map((change) => h('li', {}, change)),
  );
}

/** Servers install from a marketplace what is their newest release, and any other by the address of its bundle. */
function commandOf({ manifest, download_url }: Release, isOffered: boolean): Piece {
  if (isOffered) return codeBlock(marketplaceCommand(manifest.id));
  const bundle = webLink(download_url);
  return (
    bundle && [
      codeBlock(bundleCommand(bundle)),
      h(
        'p',
        { class: 'muted' },
        prose('Requires `PluginSettings.EnableUploads`. Servers do not check the signature.'),
      ),
    ]
  );
}

function linksOf(release: Release, anchor: string): Piece {
  const notes = webLink(release.release_notes_url);
  return h(
    'ul',
    { class: 'links', role: 'list' },
    notes && h('li', {}, h('a', { href: notes }, 'Release notes')),
    h('li', {}, h('a', { href: `#${anchor}` }, 'Link to this release')),
  );
}
