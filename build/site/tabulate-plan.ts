import type { SitePlan } from '../../src/site/plan/plan-site.ts';
import { formatBytes } from './summarize.ts';

/** What a build would write, a row a part of the space of answers. */
export function tabulatePlan({ parts, answers, router }: SitePlan): string {
  const rows = [
    ['tier', 'part', 'files', 'bytes', 'published', 'setting'],
    ...parts.map((part) => [
      `${part.tier}`,
      part.name,
      `${part.isCounted ? '' : '> '}${part.files}`,
      `${part.isCounted ? '' : '> '}${formatBytes(part.bytes)}`,
      part.isPublished ? 'yes' : 'no',
      part.setting,
    ]),
    ['', 'published in all', `${answers.count}`, formatBytes(answers.bytes), '', ''],
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = (column: number) => column === 2 || column === 3;
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\nrouter: ${Buffer.byteLength(router)} bytes\n`;
}
