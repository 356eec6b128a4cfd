import { formatTable } from '../cli/format-table.ts';
import { formatBytes } from '../site/summarize.ts';
import type { BenchCatalog, Build } from './inputs/builds.ts';
import { formatFigure, type Spread } from './measure/figures.ts';

/** Measures one thing. */
export type Benchmark = (context: BenchContext) => Promise<BenchReport>;

/** The input of every benchmark. */
export interface BenchContext {
  readonly catalogs: readonly BenchCatalog[];
  /** The number of measurements of each figure. */
  readonly runs: number;
  /** Reports progress in one line. */
  readonly report: (line: string) => void;
  /** Aborted when a person interrupts: child processes end, and what waits for them rejects. */
  readonly signal: AbortSignal;
  /** An empty folder on a real disk; removed at the end with everything in it. */
  readonly workDir: string;
  /** Gives a catalog's build of what is always published. */
  readonly buildOf: (catalog: BenchCatalog) => Promise<Build>;
  readonly growth: GrowthOptions;
}

/** How the benchmark of growth is run. */
export interface GrowthOptions {
  /** The names of the catalogs to measure, or parts of them; all if there are none. */
  readonly only: readonly string[];
  /** A step that takes longer is stopped. */
  readonly patienceSeconds: number;
}

/** One line of a table; the name of a figure ends in its unit: `peakBytes`, `planMs`. */
export type Row = Readonly<Record<string, string | number | Spread>>;

/** The measurements: tables by title, and lines that explain how to read them or what is missing. */
export interface BenchReport {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly notes: readonly string[];
}

/** Measures every catalog; the rows of all that come under the same title form one table. */
export async function measureCatalogs(
  { catalogs, report }: BenchContext,
  name: string,
  measure: (catalog: BenchCatalog) => Promise<Readonly<Record<string, Row | readonly Row[]>>>,
) {
  const tables: Record<string, Row[]> = {};
  for (const catalog of catalogs) {
    report(`${name}: ${catalog.name}`);
    for (const [title, measured] of Object.entries(await measure(catalog))) {
      const rows = [measured].flat().map((row) => ({ catalog: catalog.name, ...row }));
      tables[title] = [...(tables[title] ?? []), ...rows];
    }
  }
  return tables;
}

/** A report for people. */
export function formatReport(name: string, { tables, notes }: BenchReport): string {
  return [
    ...Object.entries(tables)
      .filter(([, rows]) => rows.length > 0)
      .map(([title, rows]) => `${name}: ${title}\n${formatTable(rows.map(formatRow))}`),
    ...notes.map((note) => `  ${note}\n`),
  ].join('');
}

function formatRow(row: Row): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).map(([name, figure]) => {
      const format = /bytes$/i.test(name) ? formatBytes : undefined;
      const text = typeof figure === 'string' ? figure : formatFigure(figure, format);
      return [name.replace(/(?=[A-Z])/g, ' ').toLowerCase(), text];
    }),
  );
}
