import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../src/lib/digests.ts';
import type { Web } from '../../src/lib/http/web.ts';
import { indentRest, spellOut } from '../../src/lib/spell-out.ts';
import { type SnapshotFile, signedFile } from '../../src/snapshot/parse-snapshot.ts';
import { impatientWeb } from '../../test/engines/loopback-server.ts';
import { rsaSignature } from '../../test/samples/rsa-signature.ts';
import { explainError } from './cli.ts';
import type { Command, CommandContext } from './command.ts';

/** A running command, with its output so far. */
export interface Running {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  /** The exit code, or the signal that ended it; resolves when all output is complete. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface CommandOptions {
  /** A command of package.json, such as `build`. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** JavaScript that runs before the program does. */
  readonly preload?: string;
}

const root = path.join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** The file that a command of package.json runs. */
export function programOf(command: string): string {
  const file = /^tsx (\S+)$/.exec(scripts[command])?.[1];
  assert.ok(file, `package.json has a command ${command}`);
  return path.join(root, file);
}

/** Resolved here, for a command may run in a folder without node_modules. */
const tsx = import.meta.resolve('tsx');

/** The folder in which `npm test` has the commands as JavaScript, which starts faster; undefined if they run from source. */
const bundles = process.env['TEST_COMMANDS'];

/** The arguments for node that run a command. */
export function toNodeArgs({
  program,
  preload,
}: Pick<CommandOptions, 'program' | 'preload'>): string[] {
  if (bundles !== undefined && preload === undefined) return [path.join(bundles, `${program}.js`)];
  const before = preload ? ['--import', `data:text/javascript,${encodeURIComponent(preload)}`] : [];
  return ['--import', tsx, ...before, programOf(program)];
}

/** The limit for every process that a test starts. */
const limitMs = 300_000;

/** Starts a command without the user's settings. It ends with the test at the latest. */
export function start(t: TestContext, options: CommandOptions): Running {
  return startProgram(
    t,
    process.execPath,
    [...toNodeArgs(options), ...(options.args ?? [])],
    options,
  );
}

/** Starts a program as `start` does a command. */
export function startProgram(
  t: TestContext,
  program: string,
  args: readonly string[],
  options: Pick<CommandOptions, 'cwd' | 'env'>,
): Running {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MARKETPLACE_|BUILD_|NODE_)/.test(name),
  );
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  t.after(() => {
    child.kill('SIGKILL');
    // Processes that it started may keep the pipes open, and the test would wait for them.
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  const running: Running = {
    child,
    stdout: '',
    stderr: '',
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal))),
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    running.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    running.stderr += text;
  });
  return running;
}

/** Waits until a command has written a text to stdout. */
export async function waitForOutput(running: Running, text: string): Promise<void> {
  const { child } = running;
  const endMs = performance.now() + limitMs;
  while (!running.stdout.includes(text)) {
    assert.equal(child.exitCode ?? child.signalCode, null, running.stderr);
    assert.ok(performance.now() < endMs, `no ${text}: ${running.stdout}${running.stderr}`);
    await sleep(20);
  }
}

/** Runs a command to its end. */
export async function run(t: TestContext, options: CommandOptions) {
  const running = start(t, options);
  const code = await running.ended;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/** The options of `runHere`. */
export interface RunHereOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly web?: Web;
  /** The input when a secret is asked for. Default: there is no terminal. */
  readonly secret?: string;
  readonly now?: Date;
}

/** The moment at which commands run here. */
export const NOW = new Date('2024-05-17T12:00:00Z');

/** Runs a command in this process, and gives what it would have written and how it would have ended. */
export async function runHere(
  command: Command,
  args: readonly string[],
  { cwd, env = {}, web = impatientWeb(), secret, now = NOW }: RunHereOptions,
) {
  const written = { stdout: '', stderr: '' };
  const context: CommandContext = {
    ...{ cwd, environment: env, web, now: () => now },
    print: (text) => {
      written.stdout += spellOut(text);
    },
    report: (line) => {
      written.stderr += spellOut(`${indentRest(line)}\n`);
    },
    status: { show: () => {}, clear: () => {} },
    askSecret: async () => secret ?? null,
  };
  try {
    const code = await command.run(args, context);
    return { code, ...written };
  } catch (error) {
    const { text, exitCode } = explainError(error);
    return { code: exitCode, stdout: written.stdout, stderr: written.stderr + spellOut(text) };
  }
}

/** A release that causes no warning in a build; `more` is added to it. */
export function release(id: string, version: string, more: object = {}, name = `Plugin ${id}`) {
  return {
    download_url: `https://example.com/${id}-${version}.tar.gz`,
    signature: rsaSignature(1),
    manifest: { id, version, name, webapp: { bundle_path: 'main.js' } },
    ...more,
  };
}

/** Writes a catalog. */
export async function writeCatalog(file: string, releases: readonly object[]): Promise<void> {
  await writeFile(file, JSON.stringify(releases));
}

/** The SHA-256 of every file below a folder, by path with slashes. */
export async function hashFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  const hashes: Record<string, string> = {};
  for (const file of files) {
    const name = path.relative(folder, file).split(path.sep).join('/');
    hashes[name] = digestOf(await readFile(file));
  }
  return hashes;
}

/**
 * Checks that a folder is one build, whole: `snapshot.json` lists every file but what is signed about it, and every file is as listed.
 * Returns its id.
 */
export async function assertWhole(folder: string): Promise<string> {
  const { 'snapshot.json': manifest, ...files } = await hashFolder(folder);
  assert.ok(manifest, 'docs/design.md, invariant 7: the build is gone');
  const snapshot = JSON.parse(await readFile(path.join(folder, 'snapshot.json'), 'utf8'));
  const listed = snapshot.files.flatMap(({ path, sha256, gzip }: SnapshotFile) => [
    ...(gzip === undefined || snapshot.compress === 'both' ? [[path, sha256]] : []),
    ...(gzip === undefined ? [] : [[`${path}.gz`, gzip.sha256]]),
  ]);
  const signed = signedFile(snapshot.id);
  assert.ok(files[signed], 'it says whether it is signed');
  delete files[signed];
  assert.ok(listed.length > 0, 'snapshot.json lists the files of the build');
  assert.deepEqual(
    files,
    Object.fromEntries(listed),
    'docs/design.md, invariant 7: a build is there whole, and nothing of another one',
  );
  return snapshot.id;
}

/** Leftovers of builds beside their folder. */
export async function findLeftovers(folder: string): Promise<string[]> {
  const siblings = await readdir(path.dirname(folder));
  return siblings.filter((name) => name.startsWith(`${path.basename(folder)}.`));
}
