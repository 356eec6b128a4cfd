import { spellOutLine } from '../../src/lib/spell-out.ts';

/** Rows in columns, with the names of the columns on top. The columns in `left` are flush left, the others flush right. */
export function formatTable(
  rows: readonly Readonly<Record<string, string>>[],
  left: readonly string[] = Object.keys(rows[0] ?? {}).slice(0, 1),
): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => spellOutLine(row[name] ?? '')))];
  const widths = names.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => {
      const cells = line.map((cell, column) =>
        left.includes(names[column] ?? '')
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      );
      return `  ${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
