import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import glob from 'fast-glob';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { type FoundProcess, findProcesses } from '../../test/engines/find-processes.ts';
import { runCommand } from '../cli/cli.ts';

const HELP = `
Runs the project's tests, or those in the files named. A process or a folder that is left behind is a failure, and in CI
(CI=true) a skipped test, too.

  npm test [-- [--timeout SECONDS] FILE|GLOB...]

  --timeout SECONDS  how long a file may take, and a test in it             (600)

Example: npm test -- 'src/router/**/*.test.ts'
`;

/** Where tsx and Node keep what they have compiled. */
const CACHES = /^(tsx-\d+|node-compile-cache)$/;

/** What has been told to end may take so long. */
const ENDING_MS = 5_000;

await runCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { timeout: { type: 'string', default: '600' } },
  });
  const timeoutMs = Number(values.timeout) * 1000;
  if (!(timeoutMs > 0)) throw new UsageError('--timeout takes seconds, such as 600');
  // Node 20 finds no test by itself where they are in TypeScript, and passes: so they are named here.
  const files = await glob(
    positionals.length > 0 ? positionals : ['{src,build,infra,test}/**/*.test.ts'],
  );
  if (files.length === 0) throw new UserError('there is no such test file');
  const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-test-'));
  const [tap, temporary] = [path.join(folder, 'tap'), path.join(folder, 'tmp')];
  mkdirSync(temporary);
  // The workers of an nginx that root started read below it.
  chmodSync(folder, 0o711);
  try {
    const reporters = [
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${tap}`],
    ];
    const limit = `--test-timeout=${timeoutMs}`;
    const { status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--test', limit, ...reporters, ...files.sort()],
      { stdio: 'inherit', env: { ...process.env, TMPDIR: temporary } },
    );
    const left = [...(await endProcesses(temporary)), ...foldersIn(temporary)];
    if (status !== 0) throw new UserError('some tests failed');
    checkNothingIsMissing(readFileSync(tap, 'utf8'));
    if (left.length > 0) throw new UserError('the tests left something behind', left);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Ends the processes that work in a folder or name it, and tells of them. */
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

function foldersIn(folder: string) {
  return readdirSync(folder)
    .filter((name) => !CACHES.test(name))
    .map((file) => ({
      level: 'error' as const,
      file,
      message: 'lies in the folder for temporary files',
      remedy: 'remove it in the test',
    }));
}

function checkNothingIsMissing(tap: string) {
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  if (count('pass') === 0) throw new UserError('no test was run');
  if (process.env['CI'] !== 'true') return;
  const missing = count('skipped') + count('todo') + count('cancelled');
  if (missing > 0)
    throw new UserError(`${missing} tests were not run, and CI lets none be skipped`);
}
