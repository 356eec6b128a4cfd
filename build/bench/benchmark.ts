import type { GrowthOptions } from './growth/growth-figures.ts';
import type { Sites } from './inputs/sites.ts';

/** Measures one thing for every catalog. */
export type Benchmark = (context: BenchContext) => Promise<BenchReport>;

/** What every benchmark gets. */
export interface BenchContext {
  readonly catalogs: readonly BenchCatalog[];
  /** How often each figure is taken. */
  readonly runs: number;
  /** Tells a person what is going on; one line. */
  readonly say: (line: string) => void;
  /** Aborted when a person no longer wants to know: children end, and what waits for them rejects. */
  readonly signal: AbortSignal;
  /** An empty folder on a real disk; removed at the end with everything in it. */
  readonly workDir: string;
  /** The builds of the catalogs, made when first asked for. */
  readonly sites: Sites;
  readonly growth: GrowthOptions;
  /** The file to draw the figures into, if any; only benchmarks that draw are told one. */
  readonly chart?: string;
}

/** A catalog to measure with. */
export interface BenchCatalog {
  /** Such as `production-2024-10`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

/** What was measured: for programs, and the same for people. */
export interface BenchReport {
  readonly figures: unknown;
  /** A title, a table and what has to be known to read it. */
  readonly text: string;
}
