import type { WriteStream } from 'node:tty';
import { spellOutLine } from '../../src/lib/spell-out.ts';

/** Not more often than people can read. */
const TERMINAL_INTERVAL_MS = 100;

/** A log is not to grow long. */
const LOG_INTERVAL_MS = 10_000;

/** Tells how far something has come. */
export interface ProgressLine {
  /** The next state; shown at intervals, and on a terminal also where it is the last. */
  show(text: string, isLast?: boolean): void;
  /** Removes the line from a terminal. */
  clear(): void;
}

/** A line on a terminal that is written over; in a log a line now and then; nothing where `isQuiet`. */
export function progressLine(
  stream: WriteStream,
  isQuiet: boolean,
  now: () => number = () => performance.now(),
): ProgressLine {
  if (isQuiet) return { show: () => {}, clear: () => {} };
  const intervalMs = stream.isTTY ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  let shownAt = stream.isTTY ? Number.NEGATIVE_INFINITY : now();
  return {
    show: (text, isLast = false) => {
      if (now() - shownAt < intervalMs && !(isLast && stream.isTTY)) return;
      shownAt = now();
      const line = spellOutLine(text);
      stream.write(stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
    clear: () => {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}
