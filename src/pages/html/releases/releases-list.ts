import type { NoticeInEffect } from '../../../catalog/notices/apply-notices.ts';
import { labelOf } from '../../../catalog/notices/describe-notice.ts';
import { concerns } from '../../../catalog/notices/notice.ts';
import type { VerifiedRecords } from '../../../catalog/verified/verified-file.ts';
import { count } from '../../../lib/errors.ts';
import type { Step } from '../../../query/audience/space.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { anchorsOf } from './anchors.ts';
import { type BundleDigests, findRecords, tellVerified } from './bundle-list.ts';
import { findPrevious } from './changes.ts';
import { judgeInstallability } from './installability.ts';
import { newestFor } from './newest-for.ts';
import { type ReleaseOfPlugin, releaseItem } from './release-item.ts';

/** What is known beside the releases. */
export interface ReleasesSource {
  readonly steps: readonly Step[];
  readonly digests: BundleDigests;
  readonly evidence: VerifiedRecords;
  /** What is said of releases of the plugin. Default: nothing. */
  readonly notices?: readonly Pick<NoticeInEffect, 'notice'>[];
}

/**
 * The releases of a plugin: those that some server gets, then the others, folded.
 *
 * @param releases of one plugin, in the order of an index
 */
export function releasesList(
  releases: readonly IndexedRelease[],
  { steps, digests, evidence, notices = [] }: ReleasesSource,
): Piece {
  const newest = newestFor(releases, steps);
  const anchors = anchorsOf(releases);
  const refusals = releases.map(({ release }) => judgeInstallability(release).refusal);
  // Otherwise the page says so once.
  const isRefusalNews = refusals.includes(undefined);
  const listed = releases.map((indexed, place): ReleaseOfPlugin => {
    const records = findRecords(indexed.release, evidence);
    return {
      indexed,
      // What a pack has is what servers get.
      digests: new Map([...records.map(({ url, sha256 }) => [url, sha256] as const), ...digests]),
      verified: tellVerified(indexed.release, records),
      place,
      anchor: anchors.get(indexed) ?? '',
      newestFor: newest.get(indexed) ?? [],
      previous: findPrevious(indexed, releases)?.release,
      refusal: refusals[place],
      isRefusalNews,
      notices: notices
        .filter(({ notice }) => concerns(notice, indexed.release))
        .map(({ notice }) => labelOf(notice).name),
    };
  });
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
