import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { Bucket, EdgeFunction } from '../aws/target.ts';
import { idOfRouter } from '../records/object-keys.ts';
import { type Ended, READS, reasonOf, runProgram, type Shell } from './shell.ts';

/** Runs a command of the operator's where the folder is. It finds there what is live by then. */
const RUN = `${READS}MARKETPLACE_BUILD=$(pwd)/$(readlink current)
export MARKETPLACE_BUILD
exec 1>&2
exec sh -c "$1"`;

/**
 * Lets the hosts of a folder read the live build, by a command that runs in the folder. `MARKETPLACE_BUILD` is the
 * folder of the build.
 *
 * @throws {UserError} if the command fails
 */
export async function followInFolder(shell: Shell, command: string): Promise<void> {
  refuseFailure(command, await shell.run(RUN, [command]));
}

/** What `followInBucket` reads, and the environment of the command. */
export interface FollowOptions {
  readonly bucket: Bucket;
  readonly pointer: EdgeFunction;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Lets hosts that read a bucket find the live build, by a command of this machine. `MARKETPLACE_BUILD` is a folder with its `edge/`,
 * and `MARKETPLACE_SNAPSHOT` the snapshot. The command runs again if another build went live meanwhile.
 *
 * @throws {UserError} if the command fails
 */
export async function followInBucket(
  { bucket, pointer, environment }: FollowOptions,
  command: string,
): Promise<void> {
  const readLive = async () => (await pointer.read('LIVE'))?.code ?? '';
  for (let live = await readLive(), before = ''; live !== before; live = await readLive()) {
    before = live;
    const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-build-'));
    try {
      await download(bucket, `${live}/`, folder);
      const variables = { MARKETPLACE_BUILD: folder, MARKETPLACE_SNAPSHOT: idOfRouter(live) ?? '' };
      const program = ['sh', '-c', `exec 1>&2; ${command}`];
      refuseFailure(command, await runProgram(program, '', { ...environment, ...variables }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** There are some dozens of files. */
async function download(bucket: Bucket, prefix: string, folder: string): Promise<void> {
  for (const { key } of await bucket.list(prefix)) {
    const file = path.join(folder, key.slice(prefix.length));
    const stored = await bucket.get(key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, stored?.body ?? '');
  }
}

function refuseFailure(command: string, ended: Ended): void {
  if (ended.code === 0) return;
  throw new UserError(`the command after the switch failed, ${command}: ${reasonOf(ended)}`);
}
