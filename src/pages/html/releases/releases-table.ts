import type { Bundle, Release } from '../../../catalog/release.ts';
import { webLink } from '../../../lib/web-link.ts';
import { judgeSignature } from '../../../mattermost/openpgp/signature.ts';
import { ownPlatforms, runsOn } from '../../../mattermost/platforms.ts';
import { describeAudience, toAudience } from '../../../query/audience/audience.ts';
import { findBoxes } from '../../../query/audience/find-boxes.ts';
import { EVERYTHING, ROWS, type Step } from '../../../query/audience/space.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { evaluate } from '../../../query/evaluate.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { timeOf } from '../../shared/plugin-card.ts';
import { platformWords } from '../../shared/words.ts';

const COLUMNS = ['Version', 'Server', 'Listed', 'Newest for', 'Download'];

/**
 * The releases of a plugin as a table. Its roles are written out, because on a narrow screen each row is shown as a block,
 * which browsers do not take for a row.
 *
 * @param releases of one plugin, in the order of an index
 */
export function releasesTable(releases: readonly IndexedRelease[], steps: readonly Step[]): Piece {
  const newest = newestFor(releases, steps);
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
      releases.map((indexed) => releaseRow(indexed.release, newest.get(indexed) ?? [])),
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
      unsigned: 'servers do not install it from here',
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
    h('summary', {}, bundles.length === 1 ? '1 bundle' : `${bundles.length} bundles`),
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

/** The platforms that get the default bundle, in words; undefined if they are not stated, or there are none. */
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
    h('summary', {}, finding === null ? 'Signature' : 'Signature that servers do not accept'),
    h('code', {}, signature),
  );
}

/** The newest release does not depend on the platform. */
const ANY_PLATFORM = new Set([0]);
const NO_PLATFORM = new Set<number>();

/**
 * The servers that get each release of a plugin as its newest, in words: `servers 7.8.0 up to (not including) 9.5.0`. No words
 * for a release that no server gets.
 *
 * @param releases of one plugin, in the order of an index
 */
export function newestFor(
  releases: readonly IndexedRelease[],
  steps: readonly Step[],
): Map<IndexedRelease, readonly string[]> {
  const offered = steps.map(({ serverVersion }) =>
    ROWS.map((row) => evaluate(releases, { ...EVERYTHING, ...row, serverVersion })?.[0]),
  );
  const axes = { steps, platforms: ['default'] };
  return new Map(
    releases.map((release) => {
      const cells = offered.map((rows) =>
        rows.map((newest) => (newest === release ? ANY_PLATFORM : NO_PLATFORM)),
      );
      return [release, findBoxes(cells).map((box) => describeAudience(toAudience(box, axes)))];
    }),
  );
}
