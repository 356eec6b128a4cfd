import { nameRelease } from '../../catalog/located-release.ts';
import { concerns, isSameNotice, type Notice, nameTarget } from '../../catalog/notices/notice.ts';
import type { NoticeFile } from '../../catalog/notices/read-notices.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';

/**
 * Finds notices that are about no release, as one with a misspelt id, that repeat another one, or whose fix is suspended.
 *
 * @param releases of the catalog, suspended ones and those of an upstream too
 */
export function findNoticeProblems(
  files: readonly NoticeFile[],
  releases: readonly Pick<Release, 'manifest'>[],
): Problem[] {
  const located = files.flatMap(({ file, notices }) =>
    notices.map((notice, index) => ({ notice, file, path: `[${index}]` })),
  );
  const suspended = located.flatMap(({ notice }) => (notice.kind === 'suspended' ? notice : []));
  return located.flatMap(({ notice, file, path }, i) => {
    const report = (problem: Pick<Problem, 'level' | 'check' | 'message' | 'remedy'>) => ({
      ...{ file, path, found: JSON.stringify(nameTarget(notice)) },
      ...problem,
    });
    const isIdle = !releases.some((release) => concerns(notice, release));
    const same = located.slice(0, i).find((other) => isSameNotice(other.notice, notice));
    const fix = fixOf(notice);
    return [
      ...(isIdle ? [report(IDLE)] : []),
      ...(same ? [report({ ...REPEATED, message: `repeats ${same.file} ${same.path}` })] : []),
      ...(fix && suspended.some((one) => concerns(one, fix))
        ? [report({ ...LOST_FIX, message: `is fixed in ${nameRelease(fix)}, which is suspended` })]
        : []),
    ];
  });
}

const IDLE = {
  level: 'error',
  check: 'idle-notice',
  message: 'is no release of the catalog',
  remedy: 'correct the id, which is case-sensitive, or the versions, or remove the notice',
} as const;

const REPEATED = {
  level: 'error',
  check: 'repeated-notice',
  remedy: 'remove one of the two',
} as const;

const LOST_FIX = {
  level: 'warning',
  check: 'suspended-fix',
  remedy: 'name the version that servers can update to',
} as const;

function fixOf(notice: Notice) {
  if (notice.kind !== 'advisory' || notice.fixed_in === undefined) return undefined;
  return { manifest: { id: notice.plugin, version: notice.fixed_in } };
}
