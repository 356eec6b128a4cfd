import { compare } from 'semver';
import type { NoticeInEffect } from '../catalog/notices/apply-notices.ts';
import { noticeWords } from '../catalog/notices/describe-notice.ts';
import { count } from '../lib/errors.ts';
import type { Audience } from '../query/audience/audience.ts';
import type { CatalogDiff, FieldChange, NewestChange, VersionChange } from './catalog-diff.ts';

/** How much of a value is shown, in characters. */
const MAX_VALUE_LENGTH = 80;

/** How many changed fields of a release are shown. */
const MAX_FIELDS = 10;

/** A diff in one sentence. */
export function summarizeDiff(diff: CatalogDiff): string {
  const { plugins, added, removed, noticed, lifted } = diff;
  if (plugins.length === 0) return 'Nothing changes for any server.';
  const counts = [
    ...(added.length > 0 ? [`${count(added.length, 'release')} added`] : []),
    ...(removed.length > 0 ? [`${count(removed.length, 'release')} removed`] : []),
    ...(noticed.length > 0 ? [`${count(noticed.length, 'notice')} given`] : []),
    ...(lifted.length > 0 ? [`${count(lifted.length, 'notice')} taken back`] : []),
  ];
  const releases = counts.length > 0 ? counts.join(', ') : 'no release added or removed';
  return `${count(plugins.length, 'plugin')} ${plugins.length === 1 ? 'changes' : 'change'}: ${releases}.`;
}

/** A line for each notice that is new or taken back: `jira: 4.1.0 is suspended: … https://…`; `show` escapes each part. */
export function describeNotices(
  { noticed, lifted }: CatalogDiff,
  show: (text: string) => string,
): readonly string[] {
  const row = ({ notice }: NoticeInEffect, words: string) =>
    `${show(notice.plugin)}: ${show(words)} ${show(notice.reason)}`;
  return [
    ...noticed.map((one) => row(one, noticeWords(one))),
    ...lifted.map((one) => row(one, `Taken back: ${noticeWords(one)}`)),
  ];
}

/** `4.1.1 -> 4.2.0`, `4.2.0 is new`, `4.1.1 is no longer offered`, `4.1.1 changed`. */
export function describeNewest({ from, to }: NewestChange): string {
  if (from === null) return `${to} is new`;
  if (to === null) return `${from} is no longer offered`;
  return from === to ? `${to} changed` : `${from} -> ${to}`;
}

/** What is told of some versions in one go: they changed in the same fields, whatever these say, for the same requests. */
export interface VersionGroup {
  readonly versions: readonly string[];
  /** Such as `can be installed`. */
  readonly what: string;
  /** The paths of what changed. */
  readonly fields: readonly string[];
  readonly audiences: readonly Audience[];
}

/** Versions that read alike, together. */
export function groupVersions(changes: readonly VersionChange[]): VersionGroup[] {
  const groups = new Map<string, VersionGroup>();
  for (const { change, versions, fields, audiences } of changes) {
    const paths = shorten([...new Set(fields.map(({ path }) => foldIndexes(path)))]);
    const key = JSON.stringify([change, paths, audiences]);
    const others = groups.get(key)?.versions ?? [];
    const all = [...others, ...versions].sort((a, b) => compare(b, a));
    groups.set(key, { versions: all, what: WHAT[change], fields: paths, audiences });
  }
  return [...groups.values()];
}

const WHAT = {
  added: 'can be installed',
  removed: 'can no longer be installed',
  changed: 'changed',
} as const;

/** A line for each field of a release that changed; list items that changed alike are one. */
export function describeFields(fields: readonly FieldChange[]): string[] {
  const counts = new Map<string, number>();
  for (const field of fields) {
    const [from, to] = describeValues(field);
    const line = `${foldIndexes(field.path)}: ${from} -> ${to}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return shorten(
    [...counts].map(([line, times]) => (times > 1 ? `${line} (${times} times)` : line)),
  );
}

/** `settings[3].help_text` as `settings[].help_text`. */
function foldIndexes(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

/** As many as a person reads; `--json` tells them all. */
function shorten(items: readonly string[]): string[] {
  if (items.length <= MAX_FIELDS) return [...items];
  return [...items.slice(0, MAX_FIELDS - 1), `and ${items.length - MAX_FIELDS + 1} more`];
}

/** Both values of a field as JSON, cut to a readable length around the first character in which they differ. */
function describeValues({ from, to }: FieldChange): [string, string] {
  const [before, after] = [toJson(from), toJson(to)];
  if (Math.max(before.length, after.length) <= MAX_VALUE_LENGTH) return [before, after];
  let common = 0;
  while (common < before.length && before[common] === after[common]) common++;
  const start = common > MAX_VALUE_LENGTH / 2 ? common - MAX_VALUE_LENGTH / 4 : 0;
  return [cut(before, start), cut(after, start)];
}

function toJson(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function cut(json: string, start: number): string {
  const isToEnd = json.length <= start + MAX_VALUE_LENGTH;
  // A pair of surrogates is one character: half of it is no text.
  const shown = json
    .slice(start, start + MAX_VALUE_LENGTH)
    .replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
  return `${start > 0 ? '…' : ''}${shown}${isToEnd ? '' : '…'}`;
}
