import { validRange } from 'semver';
import { noticesInEffect } from '../../catalog/notices/apply-notices.ts';
import { isSameNotice, type Notice, nameTarget } from '../../catalog/notices/notice.ts';
import type { Release } from '../../catalog/release.ts';
import { UsageError, UserError } from '../../lib/errors.ts';

/** The releases that a command names: `jira`, `jira@4.1.0` or `jira@<4.1.2`. */
export type Target = Pick<Notice, 'plugin' | 'versions'>;

/**
 * Every release of a plugin may be written `jira@*`, too; the last @ counts, as an id may have others.
 *
 * @throws {UsageError} if nothing stands behind it
 */
export function parseTarget(text: string): Target {
  const at = text.lastIndexOf('@');
  const range = at < 0 ? '*' : text.slice(at + 1).trim();
  const plugin = at < 0 ? text : text.slice(0, at);
  if (at >= 0 && range === '') {
    throw new UsageError(
      `there are no versions behind ${plugin}@: write some, or ${plugin} for all`,
    );
  }
  return validRange(range) === '*' ? { plugin } : { plugin, versions: range };
}

/**
 * The notices with one more.
 *
 * @param releases of the catalog, suspended ones and those of an upstream too
 * @returns also the versions that it is about
 * @throws {UserError} if it is about none, or there is such a notice
 */
export function addNotice(
  notices: readonly Notice[],
  notice: Notice,
  releases: readonly Release[],
): { readonly notices: Notice[]; readonly versions: readonly string[] } {
  const name = nameTarget(notice);
  const [effect] = noticesInEffect([notice], releases);
  if (effect === undefined) {
    const plugin = { ...notice, versions: '*' };
    const all = noticesInEffect([plugin], releases)[0]?.versions ?? [];
    throw new UserError(
      all.length === 0
        ? `the catalog has no plugin ${JSON.stringify(notice.plugin)}: ids are case-sensitive`
        : `no release of the catalog is ${name}: it has ${all.join(', ')}`,
    );
  }
  if (notices.some((other) => isSameNotice(other, notice))) {
    throw new UserError(`${name} ${STATES[notice.kind]} already: take that back with --undo first`);
  }
  return { notices: [...notices, notice], versions: effect.versions };
}

const STATES = {
  suspended: 'is suspended',
  deprecated: 'is deprecated',
  advisory: 'has this advisory',
} as const;

/**
 * The notices without one.
 *
 * @param reason where several advisories are about the same releases
 * @throws {UserError} if it is not there, or unclear which one is meant
 */
export function removeNotice(
  notices: readonly Notice[],
  kind: Notice['kind'],
  target: Target,
  reason: string | undefined,
): Notice[] {
  const ofPlugin = notices.filter((one) => one.kind === kind && one.plugin === target.plugin);
  const range = validRange(target.versions ?? '*');
  const found = ofPlugin.filter(
    (one) =>
      validRange(one.versions ?? '*') === range && (reason === undefined || one.reason === reason),
  );
  const [notice, ...others] = found;
  // After a merge, there may be two that say the same.
  if (notice !== undefined && others.every(({ reason: other }) => other === notice.reason)) {
    return notices.filter((one) => !found.includes(one));
  }
  const listed = (notice === undefined ? ofPlugin : found).map(
    (one) => `${nameTarget(one)} (${one.reason})`,
  );
  throw new UserError(
    notice === undefined
      ? `nothing to undo for ${nameTarget(target)}: ${listed.length === 0 ? `${target.plugin} has no such notice` : `there is ${listed.join(', ')}`}`
      : `several notices are meant, name one with --reason: ${listed.join(', ')}`,
  );
}
