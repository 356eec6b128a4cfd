import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { UserError } from '../../lib/errors.ts';

/** The end of a script. */
export interface Ended {
  /** The exit code; null if it was killed. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs scripts of a POSIX shell in a folder, here or on another machine. */
export interface Shell {
  /** The folder, for messages: `/srv/marketplace`, `ssh://host/srv/marketplace`. */
  readonly address: string;
  /**
   * Runs a script in the folder.
   *
   * @param args its positional parameters
   * @param input its standard input
   * @throws {UserError} if it cannot be run
   */
  run(script: string, args?: readonly string[], input?: Buffer | string): Promise<Ended>;
}

/** The exit code of a script whose folder does not exist. */
export const NO_FOLDER = 40;

/** The exit code of a script that waits for another one longer than any takes. */
export const IS_LOCKED = 41;

/** The first lines of every script. The first parameter is the folder; it is made by a script that begins with `WRITES`. */
const PRELUDE = `set -eu; LC_ALL=C; export LC_ALL; umask 022; root=$1; shift
enter() { cd -- "$root" || exit 1; }
make() { mkdir -p -- "$root/.incoming" && enter; }
lock() { exec 9>>.incoming/lock; flock -w 60 9 || exit ${IS_LOCKED}; }
digest() { if [ -e "$1" ]; then sha256sum < "$1" | cut -c 1-64; fi; }
flush() { sync "$1" 2>/dev/null || sync; }
`;

/** Begins a script that only reads: where there is no folder, nothing is stored. */
export const READS = `[ -e "$root" ] || exit ${NO_FOLDER}; enter\n`;

/** Begins a script that writes. */
export const WRITES = 'make\n';

/** The command line of a script for `sh -c`. */
export const toCommand = (root: string, script: string, args: readonly string[]) => [
  'sh',
  '-c',
  `${PRELUDE}${script}`,
  'sh',
  root,
  ...args,
];

/** A folder of this machine. */
export class LocalShell implements Shell {
  readonly address: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(root: string, environment: NodeJS.ProcessEnv) {
    this.address = root;
    this.#environment = environment;
  }

  async run(
    script: string,
    args: readonly string[] = [],
    input: Buffer | string = '',
  ): Promise<Ended> {
    return await runProgram(toCommand(this.address, script, args), input, this.#environment);
  }
}

/**
 * Runs a program to its end.
 *
 * @throws {UserError} if it does not exist
 */
export async function runProgram(
  [program = '', ...args]: readonly string[],
  input: Buffer | string,
  environment: NodeJS.ProcessEnv,
  onStdout?: (stdout: NodeJS.ReadableStream) => void,
): Promise<Ended> {
  const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? `${program} is not installed` : String(error);
      reject(new UserError(`${reason}: publishing needs it`));
    });
    // Not `close`: a connection that ssh keeps open may hold stderr.
    child.once('exit', (code) => resolve(code));
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < MOST_STDERR) stderr += chunk;
  });
  // Who has read enough, or died, says so by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  onStdout?.(child.stdout);
  const [code, stdout] = await Promise.all([ended, buffer(child.stdout)]);
  await new Promise((resolve) => setImmediate(resolve));
  child.stderr.destroy();
  return { code, stdout, stderr };
}

const MOST_STDERR = 100_000;

/** What a script said, in one line. */
export function reasonOf({ code, stderr }: Ended): string {
  if (code === IS_LOCKED) return 'another command holds .incoming/lock: wait for it';
  const lines = stderr
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !line.startsWith('rsync error: '));
  const reason = lines.at(-1)?.replace(/^(?:sh|.*: line \d+|sh: \d+): /, '');
  return (reason ?? (code === null ? 'it was killed' : `exit code ${code}`)).slice(0, 300);
}
