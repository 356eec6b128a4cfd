import type { BuildRun } from './run-build.ts';

/** What a person wants to know of a build, in a few lines. */
export function summarize({ result, warnings, seconds }: BuildRun, out: string): string {
  const { snapshot, files, bytes, distinctContents, routerBytes } = result;
  const { steps, platforms, pageSizes } = snapshot.published;
  const rows = [
    ['Snapshot', snapshot.id],
    ['Catalog', `${snapshot.catalog.releases} releases of ${snapshot.catalog.plugins} plugins`],
    [
      'Server steps',
      steps.length === 0 ? 'none' : `${steps.length}, from ${steps[0]} to ${steps.at(-1)}`,
    ],
    ['Platforms', platforms.length === 0 ? 'the default only' : platforms.join(', ')],
    [
      'Files',
      `${files} of ${formatBytes(bytes)}, ${(files / distinctContents).toFixed(3)} for each distinct content`,
    ],
    ['Router', `${routerBytes} bytes`],
    ['Published', `lists and plugins, whole and in pages of ${pageSizes.join(', ')}`],
    ['Refused', 'text search, other page sizes'],
    ['Warnings', `${warnings.length}`],
  ];
  const lines = rows.map(([name, value]) => `  ${(name ?? '').padEnd(13)}${value}`);
  return `Built ${out.replace(/\/+$/, '')}/ in ${seconds.toFixed(1)} s\n${lines.join('\n')}\n`;
}

/** Bytes in the unit that suits: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
