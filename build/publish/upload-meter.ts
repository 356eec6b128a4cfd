import type { UploadProgress } from '../../src/publish/upload.ts';
import { formatBytes } from '../site/summarize.ts';

/** Shows how far an upload is, how fast, and how long it will take. */
export class UploadMeter {
  readonly #now: () => number;
  readonly #startMs: number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#startMs = now();
  }

  /** Such as `Uploading 45 % · 1230 of 2735 files · 18.1 MB · 310 files/s · 5 s left`. */
  describe({ done, total, doneBytes }: UploadProgress): string {
    const seconds = Math.max(0.001, (this.#now() - this.#startMs) / 1000);
    const rate = done / seconds;
    return [
      `Uploading ${Math.floor((100 * done) / total)} %`,
      `${done} of ${total} files`,
      formatBytes(doneBytes),
      `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} files/s`,
      `${formatSeconds((total - done) / rate)} left`,
    ].join(' · ');
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
