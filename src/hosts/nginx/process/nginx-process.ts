import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '../../../lib/digests.ts';
import { UserError } from '../../../lib/errors.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import { moveNginxConfig, type NginxMachine } from '../nginx-config.ts';
import { MARKER } from './claim-folder.ts';
import type { Nginx } from './find-nginx.ts';

const CONFIG = 'nginx.conf';
const PID = 'nginx.pid';

/** The log of an nginx in the background, inside its folder. */
export const LOG = 'nginx.log';

/** An address in the form that `listen` takes. */
export function listenOn(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The first line of our configuration, with the digest of the other lines. */
const SEAL = /^# Written by [\w ]+, which writes it anew: ([0-9a-f]{64})\n/;

/**
 * Writes the configuration, `nginx.conf`, of an nginx that serves the builds in a folder, from that of the build that was added last.
 *
 * @throws {UserError} where somebody else wrote or changed it
 */
export async function configureNginx(
  nginx: Nginx,
  root: string,
  { listen, users }: Omit<NginxMachine, 'njs'>,
): Promise<void> {
  const config = await readFile(path.join(root, 'edge', CONFIG), 'utf8');
  const machine = { listen, njs: nginx.njs, users };
  const file = path.join(root, CONFIG);
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined && SEAL.exec(found)?.[1] !== digestOf(found.replace(SEAL, ''))) {
    throw new UserError(
      `${file} is not as the nginx command wrote it: move it away, or name another folder with --root`,
    );
  }
  const text = moveNginxConfig(config, machine);
  const seal = `# Written by the nginx command, which writes it anew: ${digestOf(text)}\n`;
  await replaceFile(file, seal + text);
}

/**
 * The address that the nginx of a folder listens on, and its file of users.
 *
 * @throws {UserError} if none is configured
 */
export async function configuredMachine(root: string): Promise<Omit<NginxMachine, 'njs'>> {
  const config = await readFile(path.join(root, CONFIG), 'utf8').catch(() => '');
  const listen = /^\s*listen (\S+);/m.exec(config)?.[1];
  if (listen === undefined) throw new UserError(`no nginx was started in ${root}: start it first`);
  const users = /^\s*auth_basic_user_file (".*");$/m.exec(config)?.[1];
  return { listen, users: users && JSON.parse(users) };
}

/** The address for a client on this machine. */
export function toUrl(listen: string): string {
  return `http://${listen.replace(/^0\.0\.0\.0:|^\[::\]:/, 'localhost:')}`;
}

/**
 * The process id of the nginx that runs in a folder. The file that names it outlives a killed process, and the system reuses
 * ids. So the process must be the nginx of this folder, and the one that was recorded.
 */
export async function runningPid(root: string): Promise<number | undefined> {
  const pid = Number(await readFile(path.join(root, PID), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const found = await lookAtProcess(pid);
  if (!found?.command.startsWith('nginx: master process ')) return undefined;
  if (!found.command.includes(` -p ${root} -c `)) return undefined;
  const recorded = await readRecord(root);
  return recorded.pid === pid && recorded.begun !== found.begun ? undefined : pid;
}

/** Records which process is the nginx of a folder. */
export async function recordProcess(root: string): Promise<void> {
  const pid = await runningPid(root);
  const found = pid === undefined ? undefined : await lookAtProcess(pid);
  const text = JSON.stringify({ pid, begun: found?.begun });
  await replaceFile(path.join(root, MARKER), `${text}\n`);
}

async function readRecord(root: string): Promise<{ pid?: unknown; begun?: unknown }> {
  try {
    return JSON.parse(await readFile(path.join(root, MARKER), 'utf8')) ?? {};
  } catch {
    return {};
  }
}

/** Starts an nginx with the configuration of a folder: in the foreground, or as a daemon that logs to a file there. */
export function spawnNginx(
  nginx: Nginx,
  root: string,
  mode: 'foreground' | 'daemon',
  options: SpawnOptions,
): ChildProcess {
  const args = ['-p', root, '-c', path.join(root, CONFIG)];
  return mode === 'daemon'
    ? spawn(nginx.command, [...args, '-e', LOG], options)
    : spawn(nginx.command, [...args, '-e', 'stderr', '-g', 'daemon off;'], options);
}

/** Distinguishes a process from a later one with the same id. */
interface RunningProcess {
  /** When it began, in the unit of the system. */
  readonly begun: string;
  readonly command: string;
}

/** The process with an id; undefined if there is none. */
async function lookAtProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    return process.platform === 'linux' ? await readProc(pid) : await askPs(pid);
  } catch {
    return undefined;
  }
}

async function readProc(pid: number): Promise<RunningProcess | undefined> {
  const [stat, command] = await Promise.all(
    ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  // The name of the program is in parentheses, and may contain any character; the state is the first field after it.
  const [state, ...fields] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { begun: fields[18] ?? '', command: (command ?? '').replaceAll('\0', ' ').trim() };
}

async function askPs(pid: number): Promise<RunningProcess> {
  const field = async (name: string) => {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', `${name}=`, '-p', `${pid}`]);
    return stdout.trim();
  };
  return { begun: await field('lstart'), command: await field('command') };
}
