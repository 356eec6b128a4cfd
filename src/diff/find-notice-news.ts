import { type NoticeInEffect, noticesInEffect } from '../catalog/notices/apply-notices.ts';
import { labelOf } from '../catalog/notices/describe-notice.ts';
import { concerns, type Notice } from '../catalog/notices/notice.ts';
import type { Release } from '../catalog/release.ts';

/**
 * The notices that take a release away or label it, each with only these versions: by what is offered without them and with
 * them, for whoever published the catalog without them may not have known of any.
 */
export function findNoticeNews(
  without: readonly Release[],
  withThem: readonly Release[],
  notices: readonly Notice[],
): NoticeInEffect[] {
  return notices.flatMap((notice) => {
    const [before, after] = [without, withThem].map((releases) =>
      releases.filter((release) => concerns(notice, release)),
    ) as [Release[], Release[]];
    const affected = before.filter((release) => {
      const same = after.filter((other) => isSame(release, other));
      return notice.kind === 'suspended'
        ? same.length === 0
        : !isLabeled(release, notice) && same.some((other) => isLabeled(other, notice));
    });
    return noticesInEffect([notice], affected);
  });
}

function isSame(one: Release, other: Release): boolean {
  return one.manifest.version === other.manifest.version && one.hosting === other.hosting;
}

function isLabeled({ labels }: Release, notice: Notice): boolean {
  const { name, url } = labelOf(notice);
  return labels.some((label) => label.url === url && label.name.startsWith(name));
}
