import { UsageError } from '../../../src/lib/errors.ts';
import type { MirrorProgress } from '../../../src/pack/mirror-releases.ts';
import type { ProgressLine } from '../../cli/progress-line.ts';
import { formatBytes } from '../../site/summarize.ts';
import { reportProgress } from './report-bundles.ts';

/** A rate that changes ten times a second cannot be read. */
const INTERVAL_MS = 1000;

/** Shows how far a mirror is, how fast it is, and how long it will take. */
export class MirrorMeter {
  readonly #status: ProgressLine;
  readonly #now: () => number;
  #startMs: number | null = null;
  #shownMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds */
  constructor(status: ProgressLine, now: () => number) {
    this.#status = status;
    this.#now = now;
  }

  show(progress: MirrorProgress): void {
    const now = this.#now();
    if (progress.bytes > 0) this.#startMs ??= now;
    if (now - this.#shownMs < INTERVAL_MS) return;
    this.#shownMs = now;
    this.#status.show(this.#describe(progress, now));
  }

  /** Such as `Checked 12 of 30 bundles · 48.1 MB downloaded · 500 kB/s · 3 min left`. */
  #describe(progress: MirrorProgress, now: number): string {
    const { bytes, expectedBytes } = progress;
    const seconds = (now - (this.#startMs ?? now)) / 1000;
    if (seconds === 0) return reportProgress(progress);
    const rate = bytes / seconds;
    return [
      reportProgress(progress),
      `${formatBytes(rate)}/s`,
      ...(expectedBytes === null ? [] : [`${formatSeconds((expectedBytes - bytes) / rate)} left`]),
    ].join(' · ');
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** Bytes a second, such as of `500k`. @throws {UsageError} */
export function parseRate(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([kmg]?)$/.exec(text.toLowerCase()) ?? [];
  const rate = Number(digits) * (UNITS[unit] ?? 1);
  if (rate > 0) return rate;
  throw new UsageError(
    `--limit-rate takes bytes a second, such as 500k or 2m, not ${JSON.stringify(text)}`,
  );
}
