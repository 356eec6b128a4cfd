import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { explainError, runProgram } from './cli.ts';
import type { Command } from './command.ts';

const problem = { level: 'error', file: 'plugins.json', message: 'is empty' } as const;

// The error thrown, exit code, the message.
const errors: readonly [() => unknown, 1 | 2, RegExp][] = [
  [() => new UsageError('--port is a number'), 2, /^error: --port is a number\nSee --help\.\n$/],
  [() => new UserError('no catalog'), 1, /^error: no catalog\n$/],
  [
    () => new UserError('no catalog', [problem]),
    1,
    /^error: no catalog\n {2}plugins\.json: is empty\n$/,
  ],
  [
    () => new TypeError('x is undefined'),
    1,
    /^TypeError: x is undefined\n {4}at .*\nThis is a bug/s,
  ],
  [() => 'thrown as text', 1, /^thrown as text\nThis is a bug in the marketplace itself: .*\.\n$/],
];

for (const [make, exitCode, expected] of errors) {
  test(`an error that reads ${expected.source.slice(0, 40)} exits with ${exitCode}`, () => {
    let error: unknown;
    try {
      error = make();
    } catch (thrown) {
      error = thrown;
    }
    const explained = explainError(error);
    assert.match(explained.text, expected);
    assert.equal(explained.exitCode, exitCode);
  });
}

/** The arguments for node to run a command that does what `body` says. */
function toNodeArgs(body: string, args: readonly string[]): string[] {
  const script = `
    import { runProgram } from ${JSON.stringify(path.join(import.meta.dirname, 'cli.ts'))};
    await runProgram('file:///command.ts', { run: async (args) => { ${body} } });
  `;
  const options = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
  return [...options, '--', 'command', ...args];
}

/** Runs a command with `body` as its action. */
function runBody(body: string, args: readonly string[]) {
  const options = { encoding: 'utf8', timeout: 30_000 } as const;
  return spawnSync(process.execPath, toNodeArgs(body, args), options);
}

// What the command does, its arguments, exit code, stdout, stderr.
const commands: readonly [string, string[], number, string, RegExp][] = [
  ["process.stdout.write(args.join('+')); return 0", ['a', '-b'], 0, 'a+-b', /^$/],
  ['return 1', [], 1, '', /^$/],
  ["throw new Error('oops')", [], 1, '', /^Error: oops\n {4}at .*\nThis is a bug/s],
];

for (const [body, args, code, stdout, stderr] of commands) {
  test(`a command called with ${JSON.stringify(args)} that does ${body} exits with ${code}`, () => {
    const ran = runBody(body, args);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.stdout, stdout);
    assert.equal(ran.status, code);
  });
}

test('a command whose output nobody reads any more, as with head, does its work to the end', async () => {
  const body = `
    await new Promise((resolve) => process.stdout.write('a'.repeat(1e6), resolve));
    await new Promise(setImmediate);
    process.stderr.write('done');`;
  const child = spawn(process.execPath, toNodeArgs(body, []), { timeout: 30_000 });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([stderr, code], ['done', 0]);
});

test('a command that fails lets the process end by itself', async () => {
  const { argv, exitCode } = process;
  const { write } = process.stderr;
  let reported = '';
  process.argv = ['node', 'command'];
  process.stderr.write = (text: string | Uint8Array) => {
    reported += text;
    return true;
  };
  try {
    const run = async () => {
      throw new UserError('no catalog');
    };
    await runProgram('file:///command.ts', { run } as unknown as Command);
    assert.equal(process.exitCode, 1, 'what is still to be written would be lost otherwise');
  } finally {
    process.argv = argv;
    process.exitCode = exitCode;
    process.stderr.write = write;
  }
  assert.equal(reported, 'error: no catalog\n');
});
