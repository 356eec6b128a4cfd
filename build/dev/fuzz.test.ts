import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../cli/fixture-command.ts';

// Arguments, exit code, the message.
const CASES: readonly (readonly [string[], number, RegExp])[] = [
  [['--seconds', '0.1', '--seed', '7', 'records', 'packs'], 0, /^records: \d+ inputs\npacks: \d+/],
  [['record'], 2, /unknown target record\n/],
  [['--seed', '-1'], 2, /--seed/],
  [['--seed=x'], 2, /--seed takes a whole number/],
  [['--seconds', '0'], 2, /--seconds takes a number above zero/],
];

for (const [args, exitCode, reported] of CASES) {
  test(`npm run fuzz -- ${args.join(' ')} exits with ${exitCode}`, async (t) => {
    const done = await run(t, { program: 'fuzz', args, cwd: import.meta.dirname });
    assert.equal(done.code, exitCode, done.stderr);
    assert.match(done.stdout + done.stderr, reported);
  });
}
