import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import glob from 'fast-glob';
import { UserError } from '../src/errors.ts';
import { runCommand } from './cli.ts';

const HELP = `
Runs the project's tests, or those in the files named. In CI (CI=true) a skipped test is a failure.

  npm test [-- FILE|GLOB...]

Example: npm test -- 'src/edge/*.test.ts'
`;

await runCommand(HELP, async (args) => {
  // Node 20 finds no test by itself where they are in TypeScript, and passes: so they are named here.
  const files = await glob(args.length > 0 ? args : ['{src,build,infra}/**/*.test.ts']);
  if (files.length === 0) throw new UserError('there is no such test file');
  const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-test-'));
  try {
    const tap = path.join(folder, 'tap');
    const reporters = [
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${tap}`],
    ];
    const { status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--test', ...reporters, ...files.sort()],
      { stdio: 'inherit' },
    );
    if (status !== 0) throw new UserError('some tests failed');
    checkNothingIsMissing(readFileSync(tap, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function checkNothingIsMissing(tap: string) {
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  if (count('pass') === 0) throw new UserError('no test was run');
  if (process.env['CI'] !== 'true') return;
  const missing = count('skipped') + count('todo') + count('cancelled');
  if (missing > 0)
    throw new UserError(`${missing} tests were not run, and CI lets none be skipped`);
}
