import { nameRelease } from '../../src/catalog/located-release.ts';
import { count } from '../../src/lib/errors.ts';
import { spellOutLine } from '../../src/lib/spell-out.ts';
import type { PartPlan } from '../../src/site/plan/part-plan.ts';
import type { BuildResult } from '../../src/site/write-site.ts';
import type { WaitingRelease } from '../../src/upstream/first-seen.ts';
import type { BuildRun } from './run-build.ts';

/** A build in a few lines, for people. */
export function summarize({ result, waiting, warnings, seconds }: BuildRun, out: string): string {
  const { snapshot, files, bytes, distinctContents, gzipFiles, gzipBytes } = result;
  const { routerBytes } = result;
  const { pageFiles, pageBytes } = result;
  const { steps, platforms, parts } = snapshot.published;
  const { users } = snapshot.router.table;
  const rows = [
    ['Snapshot', snapshot.id],
    [
      'Catalog',
      `${count(snapshot.catalog.releases, 'release')} of ${count(snapshot.catalog.plugins, 'plugin')}`,
    ],
    [
      'Server steps',
      steps.length === 0 ? 'none' : `${steps.length}, from ${steps[0]} to ${steps.at(-1)}`,
    ],
    ['Platforms', platforms.length === 0 ? 'the default only' : platforms.join(', ')],
    [
      'Files',
      `${files} of ${formatBytes(bytes)}, ${(files / distinctContents).toFixed(3)} for each distinct content`,
    ],
    ...(gzipFiles > 0 ? [['Compressed', `${gzipFiles} files to ${formatBytes(gzipBytes)}`]] : []),
    ['Pages', `${pageFiles} files of ${formatBytes(pageBytes)}`],
    ...(users === undefined ? [] : [['Users', describeUsers(users)]]),
    ...(routerBytes > 0 ? [['CloudFront', describeCloudFront(result)]] : []),
    ...named('Published', partNames(parts, true)),
    ...named('Left out', partNames(parts, false)),
    ...named('Waiting', waiting.map(describeWaiting)),
    ['Warnings', `${warnings.length}`],
  ];
  const lines = rows.map(
    ([name, value]) => `  ${(name ?? '').padEnd(13)}${spellOutLine(value ?? '')}`,
  );
  return `Built ${out.replace(/\/+$/, '')}/ in ${seconds.toFixed(1)} s\n${lines.join('\n')}\n`;
}

/** What the first refresh after a time will take, such as `jira@4.2.0 until 2026-12-07 08:30 UTC`. */
export function describeWaiting({ release, until }: WaitingRelease): string {
  return `${nameRelease(release)} until ${until.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Rules ask for no password: their hosts do it, where they are told to. */
const describeUsers = (hashes: string): string =>
  `${hashes.split(' ').length}; nginx, Apache, Caddy and HAProxy let everyone in without the lines of docs/private.md, "For users only"`;

function describeCloudFront({ snapshot, routerBytes }: BuildResult): string {
  const { search = true, store = false } = snapshot.published.cloudFront ?? {};
  const without = snapshot.published.search && !search ? ', without text search' : '';
  return `a function of ${routerBytes} bytes${store ? ', its plugins in a KeyValueStore' : ''}${without}`;
}

function partNames(parts: readonly PartPlan[], isPublished: boolean): string[] {
  return parts.filter((part) => part.isPublished === isPublished).map(({ name }) => name);
}

/** A row for each line, the first with the name. */
function named(name: string, lines: readonly string[]): string[][] {
  return lines.map((line, i) => [i === 0 ? name : '', line]);
}

/** Bytes in the unit that suits: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
