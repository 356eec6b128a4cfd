import type { GrowthSetting } from './growth-settings.ts';

/** How a benchmark of growth is run. */
export interface GrowthOptions {
  /** How many times as large as the largest real catalog, ascending. */
  readonly sizes: readonly number[];
  /** Of a build, in seconds; one that takes longer is stopped, and what is larger is not begun. */
  readonly patienceSeconds: number;
  /** What a build may write, in bytes; of a larger one only the plan is measured. */
  readonly maxWrittenBytes: number;
}

/** A catalog that was grown, and what its build is like. */
export interface GrowthFigures {
  readonly size: number;
  readonly setting: GrowthSetting;
  readonly plugins: number;
  readonly releases: number;
  /** Of a release, on average, as compact JSON. */
  readonly releaseBytes: number;
  readonly times: GrowthTimes;
}

/** What one build is like, from inside its process. */
export interface GrowthTimes {
  /** Answers to be written, each a file, and their bytes. */
  readonly answers: number;
  readonly bytes: number;
  readonly routerBytes: number;
  /** Of each part of the space of answers, in their order, whether it is published. */
  readonly parts: readonly { readonly name: string; readonly isPublished: boolean }[];
  readonly planMs: number;
  /** Of the processors: other work on the machine does not count. */
  readonly planCpuMs: number;
  /** Up to the end of planning. */
  readonly planPeakBytes: number;
  /** Undefined where there is more to write than was allowed. */
  readonly written?: {
    /** With those that every build has. */
    readonly files: number;
    readonly ms: number;
    readonly peakBytes: number;
  };
}
