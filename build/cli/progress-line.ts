import type { WriteStream } from 'node:tty';
import { spellOutLine } from '../../src/lib/spell-out.ts';

/** People read no faster. */
const TERMINAL_INTERVAL_MS = 100;

/** Keeps logs short. */
const LOG_INTERVAL_MS = 10_000;

/** Shows how far something has come. */
export interface ProgressLine {
  /** Shows the next state, at most once an interval; a terminal also gets the last one. */
  show(text: string, isLast?: boolean): void;
  /** Removes the line from a terminal. */
  clear(): void;
}

/** On a terminal, one line that is overwritten; in a log, a line now and then; nothing if `isQuiet`. */
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
