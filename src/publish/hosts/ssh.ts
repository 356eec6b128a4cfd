import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pLimit from 'p-limit';
import { UserError } from '../../lib/errors.ts';
import type { StoredFile } from '../aws/target.ts';
import { type Ended, reasonOf, runProgram, type Shell, toCommand, WRITES } from './shell.ts';

/** The folder of another machine. */
export interface SshAddress {
  /** As in `ssh://user@host:22/srv/marketplace`. */
  readonly url: string;
  /** As `ssh` takes it: `user@host`. */
  readonly host: string;
  /** Empty: what the configuration of ssh says. */
  readonly port: string;
  /** Absolute. */
  readonly root: string;
}

/** How a connection behaves, and what tests set. */
export interface SshOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** The code with which ssh itself ends: the connection failed, or broke off. */
const NO_CONNECTION = 255;

/** Codes of rsync for a connection that broke off. */
const RSYNC_BROKEN = [10, 12, 30, 35, NO_CONNECTION];

/** How often a script is run whose connection breaks off, and the pause before each further time. */
const PAUSES_MS = [1000, 3000, 9000];

/** More sessions at once than this a server may refuse. */
const SESSIONS = 4;

/** The address of a folder; undefined if the text is none. A host that begins with a dash would be an option of ssh. */
export function parseSshAddress(url: string): SshAddress | undefined {
  const [, host = '', port = '', root] =
    /^ssh:\/\/((?:[A-Za-z0-9_][\w.+-]*@)?(?:[A-Za-z0-9_][\w.-]*|\[[\da-fA-F:.]+\]))(?::(\d{1,5}))?(\/[^\0\n]*[^/\0\n])\/*$/.exec(
      url,
    ) ?? [];
  if (root === undefined) return undefined;
  return { url, host: host.replace(/[[\]]/g, ''), port, root };
}

/** A folder of another machine, by ssh. All scripts share one connection, until it is closed. */
export class Ssh implements Shell {
  readonly address: string;
  readonly #to: SshAddress;
  readonly #options: SshOptions;
  readonly #limit = pLimit(SESSIONS);
  /** The folder with the socket that the connection is shared by. */
  #sockets: Promise<string> | undefined;
  /** The first script, which opens the connection; the others wait for it. */
  #opened: Promise<Ended> | undefined;

  constructor(to: SshAddress, options: SshOptions) {
    this.address = to.url;
    this.#to = to;
    this.#options = options;
  }

  async run(
    script: string,
    args: readonly string[] = [],
    input: Buffer | string = '',
  ): Promise<Ended> {
    const command = toCommand(this.#to.root, script, args).map(quote).join(' ');
    const once = async () => {
      const program = [...(await this.#ssh()), '--', this.#to.host, command];
      return await runProgram(program, input, this.#options.environment);
    };
    if (this.#opened === undefined) {
      this.#opened = once();
      const first = await this.#opened;
      if (first.code !== NO_CONNECTION) return first;
      this.#opened = undefined;
      throw this.#unreachable(first);
    }
    await this.#opened;
    return await this.#limit(() => this.#tryAgain(once, [NO_CONNECTION]));
  }

  /** Brings files of a build into the folder by rsync: those that are there already, and equal, are left alone. */
  async send(
    dir: string,
    files: readonly StoredFile[],
    onStored: (file: StoredFile) => void,
  ): Promise<void> {
    for (const prefix of new Set(files.map(prefixOf))) {
      // rsync makes no parents of the folder that it writes to.
      const made = await this.run(`${WRITES}mkdir -p -- "./$1"`, [prefix]);
      if (made.code !== 0) throw this.#failed(made);
      const group = files.filter((file) => prefixOf(file) === prefix);
      const left = new Map(group.map((file) => [file.path, file]));
      const ended = await this.#tryAgain(
        () => this.#rsync(dir, prefix, left, onStored),
        RSYNC_BROKEN,
      );
      if (ended.code !== 0) throw this.#failed(ended);
      // What was there already is not named.
      for (const file of left.values()) onStored(file);
    }
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const sockets = await this.#sockets;
    if (sockets === undefined) return;
    const program = [...(await this.#ssh()), '-O', 'exit', '--', this.#to.host];
    await runProgram(program, '', this.#options.environment).catch(() => {});
    await rm(sockets, { recursive: true, force: true });
  }

  async #rsync(
    dir: string,
    prefix: string,
    left: Map<string, StoredFile>,
    onStored: (file: StoredFile) => void,
  ): Promise<Ended> {
    const { host, root } = this.#to;
    const at = host.lastIndexOf('@') + 1;
    const name = host.slice(at);
    const target = `${host.slice(0, at)}${name.includes(':') ? `[${name}]` : name}`;
    const program = [
      ...['rsync', '--recursive', '--checksum', '--compress', '--chmod=D755,F644', '--perms'],
      ...['--protect-args', '--from0', '--files-from=-', '--out-format=%n'],
      `--rsh=${(await this.#ssh()).map(quote).join(' ')}`,
      `${path.resolve(dir)}/`,
      `${target}:${root}/${prefix}`,
    ];
    const list = [...left.keys()].map((name) => `${name}\0`).join('');
    return await runProgram(program, list, this.#options.environment, (stdout) => {
      let rest = '';
      stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const file = left.get(line);
          if (file && left.delete(line)) onStored(file);
        }
      });
    });
  }

  async #tryAgain(work: () => Promise<Ended>, broken: readonly number[]): Promise<Ended> {
    for (const pauseMs of PAUSES_MS) {
      const ended = await work();
      if (!broken.includes(ended.code ?? 0)) return ended;
      await this.#options.sleep(pauseMs);
    }
    const last = await work();
    if (broken.includes(last.code ?? 0)) throw this.#unreachable(last);
    return last;
  }

  /** The command and its options. */
  async #ssh(): Promise<string[]> {
    this.#sockets ??= mkdtemp(path.join(tmpdir(), 'marketplace-ssh-'));
    return [
      'ssh',
      ...['-o', 'ControlMaster=auto', '-o', `ControlPath=${await this.#sockets}/s`],
      ...['-o', 'ControlPersist=60', '-o', 'ConnectTimeout=20'],
      ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=4'],
      ...(this.#to.port === '' ? [] : ['-p', this.#to.port]),
    ];
  }

  #unreachable(ended: Ended): UserError {
    const port = this.#to.port === '' ? '' : `-p ${this.#to.port} `;
    return new UserError(
      `${this.address} cannot be reached, ${reasonOf(ended)}: check that \`ssh ${port}${this.#to.host} true\` works, and run the command again; it resumes`,
    );
  }

  #failed(ended: Ended): UserError {
    return new UserError(`${this.address}: cannot write there, ${reasonOf(ended)}`);
  }
}

/** For the shell of the other machine. */
export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** What the key of a file has before its path in the build. */
const prefixOf = ({ key, path: name }: StoredFile) => key.slice(0, key.length - name.length);
