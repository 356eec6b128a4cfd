import { compare } from 'semver';
import { groupBy, type LocatedRelease } from '../located-release.ts';
import type { Label, Release } from '../release.ts';
import { labelOf } from './describe-notice.ts';
import { concerns, type Notice, SEVERITIES } from './notice.ts';

/**
 * What notices make of a release: undefined if it is suspended, so that nobody is offered it; with a label for each that
 * deprecates it or advises of it, before its own; the very release if there is none.
 */
export function applyNotices(
  notices: readonly Notice[],
): (release: Release) => Release | undefined {
  const byPlugin = groupBy(notices, ({ plugin }) => plugin);
  return (release) => {
    const about = (byPlugin.get(release.manifest.id) ?? []).filter((one) => concerns(one, release));
    if (about.length === 0) return release;
    if (about.some(({ kind }) => kind === 'suspended')) return undefined;
    const labels = about.toSorted((a, b) => rankOf(a) - rankOf(b)).map(labelOf);
    return { ...release, labels: addLabels(labels, release.labels) };
  };
}

/** The releases that are offered, each where it is. */
export function applyToLocated(
  located: readonly LocatedRelease[],
  notices: readonly Notice[],
): LocatedRelease[] {
  const apply = applyNotices(notices);
  return located.flatMap((one) => {
    const release = apply(one.release);
    return release === undefined ? [] : { ...one, release };
  });
}

/** A notice with what it is about. */
export interface NoticeInEffect {
  readonly notice: Notice;
  /** The name of the plugin, by its highest version; empty where that has none. */
  readonly name: string;
  /** The versions concerned, highest first; at least one. */
  readonly versions: readonly string[];
}

/**
 * The notices that are about some release, in their order.
 *
 * @param releases of the catalog, suspended ones too
 */
export function noticesInEffect(
  notices: readonly Notice[],
  releases: readonly Release[],
): NoticeInEffect[] {
  const byPlugin = groupBy(releases, ({ manifest }) => manifest.id);
  return notices.flatMap((notice) => {
    const plugin = (byPlugin.get(notice.plugin) ?? []).toSorted((a, b) =>
      compare(b.manifest.version, a.manifest.version),
    );
    const about = plugin.filter((release) => concerns(notice, release));
    const versions = [...new Set(about.map(({ manifest }) => manifest.version))];
    if (versions.length === 0) return [];
    return [{ notice, name: plugin[0]?.manifest.name ?? '', versions }];
  });
}

/** The worst first, and what is only old last. */
function rankOf(notice: Notice): number {
  return notice.kind === 'advisory' ? SEVERITIES.indexOf(notice.severity) : SEVERITIES.length;
}

/** Clients tell the labels of a plugin apart by their names. */
function addLabels(labels: readonly Label[], own: readonly Label[]): Label[] {
  const isOwn = (label: Label) =>
    own.some(({ name, url }) => url === label.url && name.startsWith(label.name));
  const names = new Set(own.map(({ name }) => name));
  const added = labels
    .filter((label) => !isOwn(label))
    .map((label) => {
      let { name } = label;
      for (let count = 2; names.has(name); count++) name = `${label.name} (${count})`;
      names.add(name);
      return { ...label, name };
    });
  return [...added, ...own];
}
