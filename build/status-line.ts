import type { WriteStream } from 'node:tty';

/** Not more often than people can read. */
const INTERVAL_MS = 100;

/** A line on a terminal that is written over as work goes on. */
export interface StatusLine {
  /** Shows a text, unless another was shown just now; `isLast` is always shown. */
  show(text: string, isLast?: boolean): void;
  clear(): void;
}

/** Nothing is shown where the stream is no terminal, or where `quiet`. */
export function statusLine(stream: WriteStream, quiet: boolean): StatusLine {
  if (quiet || !stream.isTTY) return { show: () => {}, clear: () => {} };
  let shownAt = 0;
  return {
    show: (text, isLast = false) => {
      const now = performance.now();
      if (now - shownAt < INTERVAL_MS && !isLast) return;
      shownAt = now;
      stream.write(`\r\x1b[K${text}`);
    },
    clear: () => stream.write('\r\x1b[K'),
  };
}
