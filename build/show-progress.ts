import type { WriteStream } from 'node:tty';
import type { BuildProgress } from '../src/site/build-site.ts';
import { statusLine } from './status-line.ts';
import { formatBytes } from './summarize.ts';

/** The progress of a build on a terminal; nothing elsewhere, or where `quiet`. */
export function showProgress(stream: WriteStream, quiet: boolean) {
  const line = statusLine(stream, quiet);
  return {
    show: ({ files, filesTotal, bytes }: BuildProgress) => {
      const percent = Math.floor((100 * files) / filesTotal);
      line.show(
        `Writing ${percent} % · ${files} of ${filesTotal} files · ${formatBytes(bytes)}`,
        files >= filesTotal,
      );
    },
    clear: line.clear,
  };
}
