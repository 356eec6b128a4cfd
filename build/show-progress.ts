import type { WriteStream } from 'node:tty';
import type { BuildProgress } from '../src/site/build-site.ts';
import { formatBytes } from './summarize.ts';

/** Not more often than people can read. */
const INTERVAL_MS = 100;

/** A line on a terminal that is written over as the build goes on; nothing elsewhere, or where `quiet`. */
export function showProgress(stream: WriteStream, quiet: boolean) {
  if (quiet || !stream.isTTY) return { show: () => {}, clear: () => {} };
  let shownAt = 0;
  return {
    show: ({ files, filesTotal, bytes }: BuildProgress) => {
      const now = performance.now();
      if (now - shownAt < INTERVAL_MS && files < filesTotal) return;
      shownAt = now;
      const percent = Math.floor((100 * files) / filesTotal);
      stream.write(
        `\r\x1b[KWriting ${percent} % · ${files} of ${filesTotal} files · ${formatBytes(bytes)}`,
      );
    },
    clear: () => stream.write('\r\x1b[K'),
  };
}
