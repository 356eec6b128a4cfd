import type { Bundle, Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { judgeSignature } from '../../../mattermost/openpgp/signature.ts';
import { ownPlatforms, runsOn } from '../../../mattermost/platforms.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { platformWords } from '../../shared/platform-words.ts';
import { timeOf } from '../../shared/plugin-card.ts';

const COLUMNS = ['Version', 'Server', 'Listed', 'The newest for', 'Download'];

/**
 * The releases of a plugin as a table. With roles written out: on a narrow screen each row is shown as a block, and a browser
 * would no longer take it for a row.
 *
 * @param newestFor which servers get each as the newest, in words
 */
export function releasesTable(
  releases: readonly IndexedRelease[],
  newestFor: ReadonlyMap<IndexedRelease, readonly string[]>,
): Piece {
  return h(
    'table',
    { class: 'releases', role: 'table', 'aria-labelledby': 'releases' },
    h(
      'thead',
      { role: 'rowgroup' },
      h(
        'tr',
        { role: 'row' },
        COLUMNS.map((name) => h('th', { role: 'columnheader', scope: 'col' }, name)),
      ),
    ),
    h(
      'tbody',
      { role: 'rowgroup' },
      releases.map((indexed) => releaseRow(indexed.release, newestFor.get(indexed) ?? [])),
    ),
  );
}

function releaseRow(release: Release, newestFor: readonly string[]): Piece {
  const { version, min_server_version } = release.manifest;
  const notes = webLink(release.release_notes_url);
  const name = h('bdi', {}, version);
  const cells: readonly Piece[] = [
    [
      notes === undefined ? h('strong', {}, name) : h('a', { href: notes }, name),
      hostingOf(release),
    ],
    h('span', { class: 'server-version' }, serverRange(min_server_version ?? '')),
    timeOf(release.updated_at) ?? 'unknown',
    newestFor.length === 0
      ? h('span', { class: 'muted' }, 'no server')
      : h(
          'ul',
          { role: 'list' },
          newestFor.map((words) => h('li', {}, words)),
        ),
    downloads(release),
  ];
  return h(
    'tr',
    { role: 'row' },
    cells.map((cell, i) => h('td', { role: 'cell', 'data-column': COLUMNS[i] }, cell)),
  );
}

function serverRange(minServerVersion: string): string {
  return minServerVersion === '' ? 'any' : `${minServerVersion} or newer`;
}

function hostingOf({ hosting }: Release): Piece {
  if (hosting === '') return undefined;
  return h('span', { class: 'tag' }, hosting === 'cloud' ? 'Cloud only' : 'Self-hosted only');
}

function downloads(release: Release): Piece {
  const own = ownPlatforms(release.platforms);
  const bundles = [
    {
      name: 'Default bundle',
      runsOn: servedByDefault(release, own),
      ...pick(release),
      unsigned: 'no server installs it from here',
    },
    ...Object.entries(release.platforms).map(([name, bundle]) => ({
      name,
      runsOn: undefined,
      ...pick(bundle),
      unsigned: 'servers get the default bundle',
    })),
  ].flatMap(({ href, ...bundle }) => (href === undefined ? [] : [{ href, ...bundle }]));
  if (bundles.length === 0) return h('span', { class: 'muted' }, 'none');
  return h(
    'details',
    {},
    h('summary', {}, bundles.length === 1 ? 'A bundle' : `${bundles.length} bundles`),
    h(
      'ul',
      { class: 'bundles', role: 'list' },
      bundles.map(({ name, runsOn, href, signature, unsigned }) =>
        h(
          'li',
          {},
          h('a', { href }, name),
          runsOn && h('span', { class: 'muted platforms' }, runsOn),
          signatureOf(signature, unsigned),
        ),
      ),
    ),
  );
}

function pick({ download_url, signature }: Bundle) {
  return { href: webLink(download_url), signature: signature ?? '' };
}

/** The platforms that get the default bundle, in words; undefined where nobody says, or none does. */
function servedByDefault(release: Release, own: readonly string[]): string | undefined {
  const on = runsOn(release);
  if (typeof on === 'string') return platformWords(on);
  const others = on.filter((platform) => !own.includes(platform));
  return others.length === 0 ? undefined : platformWords(others);
}

function signatureOf(signature: string, unsigned: string): Piece {
  const finding = judgeSignature(signature);
  if (signature === '') return h('span', { class: 'muted' }, `not signed: ${unsigned}`);
  return h(
    'details',
    { class: 'signature' },
    h('summary', {}, finding === null ? 'Signature' : 'Signature, which no server verifies'),
    h('code', {}, signature),
  );
}
