import type { NoticeInEffect } from '../../../catalog/notices/apply-notices.ts';
import { labelOf } from '../../../catalog/notices/describe-notice.ts';
import { concerns } from '../../../catalog/notices/notice.ts';
import { count } from '../../../lib/errors.ts';
import type { Step } from '../../../query/audience/space.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { anchorsOf } from './anchors.ts';
import type { BundleDigests } from './bundle-list.ts';
import { findPrevious } from './changes.ts';
import { judgeInstallability } from './installability.ts';
import { newestFor } from './newest-for.ts';
import { type ReleaseOfPlugin, releaseItem } from './release-item.ts';

/**
 * The releases of a plugin: those that some server gets, then the others, folded.
 *
 * @param releases of one plugin, in the order of an index
 */
export function releasesList(
  releases: readonly IndexedRelease[],
  steps: readonly Step[],
  digests: BundleDigests,
  notices: readonly Pick<NoticeInEffect, 'notice'>[] = [],
): Piece {
  const newest = newestFor(releases, steps);
  const anchors = anchorsOf(releases);
  const refusals = releases.map(({ release }) => judgeInstallability(release).refusal);
  // Otherwise the page says so once.
  const isRefusalNews = refusals.includes(undefined);
  const listed = releases.map(
    (indexed, place): ReleaseOfPlugin => ({
      indexed,
      digests,
      place,
      anchor: anchors.get(indexed) ?? '',
      newestFor: newest.get(indexed) ?? [],
      previous: findPrevious(indexed, releases)?.release,
      refusal: refusals[place],
      isRefusalNews,
      notices: notices
        .filter(({ notice }) => concerns(notice, indexed.release))
        .map(({ notice }) => labelOf(notice).name),
    }),
  );
  const others = listed.filter(({ newestFor }) => newestFor.length === 0);
  return [
    list(listed.filter(({ newestFor }) => newestFor.length > 0)),
    others.length === 0
      ? undefined
      : h(
          'details',
          { class: 'others' },
          h('summary', {}, count(others.length, 'older release')),
          h('p', { class: 'muted' }, 'Every server that these run on gets a newer one.'),
          list(others),
        ),
  ];
}

function list(releases: readonly ReleaseOfPlugin[]): Piece {
  return h('ul', { class: 'releases', role: 'list' }, releases.map(releaseItem));
}
