import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type RunningNginx, startNginx } from '../../../test/engines/edges/nginx-edge.ts';

/** Where the files of a snapshot are served as plain ones: the router is not asked. */
const PLAIN_FILES = `
    location /snapshots/ {
      root .;
      default_type application/json;
      gzip_static on;
    }
`;

/**
 * Starts an nginx as `npm run nginx` does, but with one worker, and with a yardstick beside the router: who asks for
 * `/snapshots/…` gets that file as from any nginx. Being one process, both have the same machine to themselves.
 */
export async function startBenchNginx(dir: string): Promise<RunningNginx> {
  return await startNginx(dir, async (root) => {
    const file = path.join(root, 'nginx.conf');
    const config = await readFile(file, 'utf8');
    const changed = config
      .replace('worker_processes auto', 'worker_processes 1')
      .replace(/(?=\n {4}location \/ \{)/, PLAIN_FILES);
    await writeFile(file, changed);
  });
}
