import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import glob from 'fast-glob';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { toFlag } from '../../src/settings/setting.ts';
import { type FoundProcess, findProcesses } from '../../test/engines/find-processes.ts';
import { THOROUGH } from '../../test/random.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { bundleCommands } from './tests/bundle-commands.ts';
import {
  findChangedFiles,
  findTests,
  groupTests,
  isUnitTest,
  testsOf,
} from './tests/choose-tests.ts';
import { makeModuleGraph } from './tests/module-graph.ts';

/** Flags that node gets as they are. */
const NODE_FLAGS = {
  testNamePattern: {
    value: 'text',
    isRepeatable: true,
    help: 'of node: only tests with such a name',
  },
  testSkipPattern: {
    value: 'text',
    isRepeatable: true,
    help: 'of node: no tests with such a name',
  },
  testOnly: { help: 'of node: only tests marked so' },
  testConcurrency: { value: 'n', help: 'of node: how many files run at once' },
  testShard: { value: 'n/m', help: 'of node: one of m parts of the files' },
  watch: { help: 'of node: run again on each change' },
} as const;

/** The cache folder of tsx and Node for compiled code. */
const CACHES = /^(tsx-\d+|node-compile-cache)$/;

/** How long a process may take to end after a signal. */
const ENDING_MS = 5_000;

const root = path.join(import.meta.dirname, '../..');

const test = defineCommand({
  call: 'npm test',
  summary: 'Runs the tests: all of them, or those in the files named',
  details:
    'A process or a file left behind is a failure, and in CI (CI=true) so is a skipped test.',
  operands: '[FILE|GLOB...]',
  flags: {
    unit: {
      help: 'only tests that need no process, server, browser, simulated AWS or real catalog',
    },
    changed: { help: 'only tests of files that differ from a commit' },
    since: { value: 'ref', fallback: 'main', help: 'which one' },
    timeout: {
      value: 'seconds',
      fallback: '600',
      help: 'how long a file may take, and a test in it',
    },
    ...NODE_FLAGS,
  },
  notes:
    'Long tests (random, kill, crash and fuzz tests) run a fixed part of their cases. THOROUGH=1 runs every case, as .ci/run does.',
  example: "npm test -- --test-name-pattern 'page' 'src/router/**/*.test.ts'",
  action: async ({ operands, flags }, { print }) => {
    const timeoutMs = Number(flags.timeout) * 1000;
    if (!(timeoutMs > 0)) throw new UsageError('--timeout takes seconds, such as 600');
    const files = await chooseFiles(flags, operands);
    if (files.length === 0 && flags.changed) return print('No test is affected.\n');
    if (files.length === 0) throw new UserError('no test file matches');

    const nodeFlags = Object.keys(NODE_FLAGS).flatMap((name) => {
      const values = [flags[name as keyof typeof NODE_FLAGS]].flat();
      return values.flatMap((value) => {
        if (value === undefined || value === false) return [];
        return [`--${toFlag(name)}${value === true ? '' : `=${value}`}`];
      });
    });
    // Groups would hide from node which file a flag is about.
    const isPlain = operands.length === 0 && nodeFlags.length === 0;
    const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-test-'));
    const temporary = path.join(folder, 'tmp');
    mkdirSync(temporary);
    // The workers of an nginx that root started read below it.
    chmodSync(folder, 0o711);
    try {
      await runTests({
        files: isPlain ? groupTests(root, files, folder) : files,
        flags: [`--test-timeout=${timeoutMs}`, ...nodeFlags],
        tap: path.join(folder, 'tap'),
        temporary,
        env: await commandsFor(files, folder),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});

await runProgram(import.meta.url, test);

async function chooseFiles(
  { unit, changed, since }: { unit: boolean; changed: boolean; since: string },
  patterns: readonly string[],
): Promise<readonly string[]> {
  // Node 20 does not find tests in TypeScript, and passes, so they are listed here.
  const all = patterns.length > 0 ? (await glob([...patterns])).sort() : findTests(root);
  const graph = makeModuleGraph(root);
  const chosen = unit ? all.filter((file) => isUnitTest(graph, file)) : all;
  return changed ? testsOf(root, chosen, findChangedFiles(root, since)) : chosen;
}

/** Variables that give tests the commands in JavaScript; none if everything should run from source. */
async function commandsFor(files: readonly string[], folder: string) {
  const graph = makeModuleGraph(root);
  const startsSome = files.some((file) => !isUnitTest(graph, file));
  if (THOROUGH || !startsSome || process.env['TEST_COMMANDS'] !== undefined) return {};
  return { TEST_COMMANDS: await bundleCommands(root, folder) };
}

interface TestRun {
  readonly files: readonly string[];
  /** Arguments for node. */
  readonly flags: readonly string[];
  /** The file for the results. */
  readonly tap: string;
  /** The folder for temporary files of the tests. */
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @throws UserError if a test fails, is missing in CI, or leaves something behind */
async function runTests({ files, flags, tap, temporary, env }: TestRun): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${availableParallelism()}`],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${tap}`],
      ...[...flags, ...files],
    ],
    { stdio: 'inherit', env: { ...process.env, ...env, TMPDIR: temporary } },
  );
  // Ctrl-C ends the child; what the tests leave is then cleaned up here.
  const stay = () => {};
  process.on('SIGINT', stay);
  const [status] = await once(child, 'close');
  process.off('SIGINT', stay);
  const left = [...(await endProcesses(temporary)), ...filesIn(temporary)];
  if (status !== 0) throw new UserError('some tests failed');
  checkNothingIsMissing(readFileSync(tap, 'utf8'));
  if (left.length > 0) throw new UserError('the tests left something behind', left);
}

/** Ends the processes that work in a folder or name it, and reports them. */
async function endProcesses(folder: string) {
  const limitMs = performance.now() + ENDING_MS;
  let found: FoundProcess[] = findProcesses(folder);
  while (found.length > 0 && performance.now() < limitMs) {
    await sleep(50);
    found = findProcesses(folder);
  }
  for (const { pid } of found) process.kill(pid, 'SIGKILL');
  return found.map(({ pid, command }) => ({
    level: 'error' as const,
    message: `process ${pid}: ${command}`,
    remedy: 'end it in the test',
  }));
}

function filesIn(folder: string) {
  return readdirSync(folder)
    .filter((name) => !CACHES.test(name))
    .map((file) => ({
      level: 'error' as const,
      file,
      message: 'is left in the folder for temporary files',
      remedy: 'remove it in the test',
    }));
}

function checkNothingIsMissing(tap: string) {
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  if (count('pass') === 0) throw new UserError('no test was run');
  if (process.env['CI'] !== 'true') return;
  const missing = count('skipped') + count('todo') + count('cancelled');
  if (missing > 0) throw new UserError(`${missing} tests were skipped, and CI allows none`);
}
