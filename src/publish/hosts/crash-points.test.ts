import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { THOROUGH } from '../../../test/random.ts';
import type { Target } from '../aws/target.ts';
import { prune } from '../prune.ts';
import { rollback } from '../rollback.ts';
import {
  checkWhole,
  deployHost,
  folderTarget,
  type HostBuilds,
  liveIn,
  makeHostBuilds,
  readIn,
} from './fixture-hosts.ts';
import type { Send } from './folder.ts';
import { sendLocally } from './send-locally.ts';
import { type Ended, runProgram, type Shell, toCommand } from './shell.ts';

const builds = await makeHostBuilds({ after });
const { first, second } = builds;

/** Each is a step at which a command may die. */
const TOOLS = [
  ...['cat', 'cut', 'find', 'ln', 'mkdir', 'mv', 'readlink', 'rm', 'rmdir', 'sha256sum'],
  ...['stat', 'sync', 'xargs', 'flock'],
];

/** A folder with tools that count their calls, and kill the scripts of the call with a number, and of all after it. */
async function makeDeadlyTools(folder: string): Promise<string> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  const script = (tool: string) => `#!/bin/sh
echo ${tool} >> "$STEPS"
n=$(/usr/bin/wc -l < "$STEPS")
[ "$DIES_AT" -eq 0 ] || [ "$n" -lt "$DIES_AT" ] || kill -9 0
PATH=$REAL_PATH exec ${tool} "$@"
`;
  for (const tool of TOOLS) {
    await writeFile(path.join(bin, tool), script(tool));
    await chmod(path.join(bin, tool), 0o755);
  }
  return bin;
}

/** A shell whose scripts die at a step, and with them the command that runs them. */
class DyingShell implements Shell {
  readonly address: string;
  readonly steps: string;
  readonly #environment: NodeJS.ProcessEnv;
  isDead = false;

  constructor(
    root: string,
    { bin, steps, diesAt }: { bin: string; steps: string; diesAt: number },
  ) {
    this.address = root;
    this.steps = steps;
    const { PATH = '' } = process.env;
    this.#environment = {
      ...process.env,
      PATH: `${bin}:${PATH}`,
      REAL_PATH: PATH,
      STEPS: steps,
      DIES_AT: String(diesAt),
    };
  }

  async run(
    script: string,
    args: readonly string[] = [],
    input: Buffer | string = '',
  ): Promise<Ended> {
    if (this.isDead) throw new Error('dead');
    // In a session of its own, so that all of it dies.
    const program = ['setsid', '-w', ...toCommand(this.address, script, args)];
    const ended = await runProgram(program, input, this.#environment);
    if (ended.code !== null && ended.code !== 137) return ended;
    this.isDead = true;
    throw new Error('died');
  }
}

/** Dies after so many files. */
const sendSome =
  (root: string, most: number): Send =>
  async (dir, files, onStored) => {
    await sendLocally(root)(dir, files.slice(0, most), onStored);
    if (files.length > most) throw new Error('died');
  };

interface Scenario {
  readonly name: string;
  /** The snapshots deployed before, in this order. */
  readonly before: readonly (keyof HostBuilds)[];
  readonly run: (target: Target) => Promise<unknown>;
  /** The second run, after the first died; a rollback means another snapshot then. */
  readonly again?: (target: Target) => Promise<unknown>;
  /** How many steps it has at least. */
  readonly steps: number;
}

const scenarios: readonly Scenario[] = [
  { name: 'a first deploy', before: [], run: (target) => deployHost(target, first), steps: 30 },
  {
    name: 'a deploy over another snapshot',
    before: ['first'],
    run: (target) => deployHost(target, second),
    steps: 60,
  },
  {
    name: 'a rollback',
    before: ['first', 'second'],
    run: (target) => rollback({ target }),
    again: (target) => rollback({ target, id: first.snapshot.id }),
    steps: 30,
  },
  {
    name: 'a prune',
    before: ['first', 'second', 'third'],
    run: (target) =>
      prune({ target, keep: 1, edgeMs: 3_600_000, now: new Date(Date.now() + 48 * 3_600_000) }),
    steps: 30,
  },
];

/** What is stored, without times and what dead commands were writing. */
async function contentsOf(root: string): Promise<Record<string, string>> {
  const names = await readdir(root, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.incoming'));
  const contents = files.map(async (name) => {
    if (/^(deployments\/|prune\.json|claim\.json)/.test(name)) {
      return [name.replace(/^deployments\/.*-/, 'deployments/'), 'dated'];
    }
    return [name, await readFile(path.join(root, name), 'latin1').catch(() => 'a link')];
  });
  const live = (await liveIn(root, builds))?.router ?? '';
  return { ...Object.fromEntries(await Promise.all(contents)), live };
}

for (const { name, before, run, again = run, steps: least } of scenarios) {
  test(`${name} in a folder that dies at any step leaves the old site or the new one, and the next run completes it`, async (t) => {
    const folder = await makeFolder(t);
    const bin = await makeDeadlyTools(folder);
    const begin = path.join(folder, 'begin');
    await mkdir(begin);
    for (const each of before) await deployHost(folderTarget(begin), builds[each]);
    const from = await liveIn(begin, builds);

    const copyOf = async (to: string) => {
      const root = path.join(folder, to);
      await cp(begin, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      return root;
    };
    const steps = path.join(folder, 'steps');
    const whole = await copyOf('whole');
    await run(folderTarget(whole, new DyingShell(whole, { bin, steps, diesAt: 0 })));
    const called = (await readFile(steps, 'utf8')).split('\n').length - 1;
    assert.ok(called >= least, `only ${called} steps`);
    const ended = await contentsOf(whole);
    const to = await liveIn(whole, builds);

    let deaths = 0;
    const stride = THOROUGH ? 1 : 9;
    for (let diesAt = 1; diesAt <= called; diesAt += stride) {
      const when = `killed at step ${diesAt} of ${called}`;
      const root = await copyOf('dying');
      await rm(steps, { force: true });
      const shell = new DyingShell(root, { bin, steps, diesAt });
      await run(folderTarget(root, shell)).catch(() => {});
      assert.ok(shell.isDead, `${when}: it did not die`);
      deaths++;
      const live = await liveIn(root, builds);
      assert.ok(live === from || live === to, `invariant 7: ${live?.router} is live, ${when}`);
      if (live) await checkWhole(readIn(root), live, when);
      await again(folderTarget(root));
      assert.deepEqual(await contentsOf(root), ended, `resumed, ${when}`);
      await rm(root, { recursive: true });
    }
    t.diagnostic(`${called} steps, ${deaths} deaths`);
  });
}

test('a deploy that dies after any file it sent leaves the old site, and the next one sends the rest', async (t) => {
  const folder = await makeFolder(t);
  const stride = THOROUGH ? 1 : 7;
  for (let sent = 0; sent < first.files.length; sent += stride) {
    const root = path.join(folder, String(sent));
    const dying = folderTarget(root, undefined, sendSome(root, sent));
    await assert.rejects(deployHost(dying, first), /died/);
    assert.equal(await liveIn(root, builds), undefined);
    const { upload } = await deployHost(folderTarget(root), first);
    assert.equal(upload.present, sent);
    await checkWhole(readIn(root), first, `after ${sent} files`);
  }
});
