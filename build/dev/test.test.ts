import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { findProcesses } from '../../test/engines/find-processes.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { run } from '../cli/fixture-command.ts';

const SLEEPER = `import('node:child_process').then(({ spawn }) => {
  const options = { detached: true, stdio: 'ignore' };
  spawn(process.execPath, ['-e', 'setTimeout(() => {}, 50000)', ...MARK], OPTIONS).unref();
})`;
const sleeper = (mark: string, options = 'options') =>
  SLEEPER.replace('MARK', mark).replace('OPTIONS', options);
const MAKE = "require('node:fs').mkdtempSync(require('node:os').tmpdir() + '/left-')";
const GONE = `const left = ${MAKE}; require('node:fs').rmdirSync(left);`;

// what a test file does, exit code, what is reported
const files: readonly (readonly [string, string, number, RegExp])[] = [
  ['passes', GONE, 0, /^$/],
  ['fails', 'require("node:assert").fail("so it is")', 1, /^error: some tests failed\n$/],
  ['leaves a folder', MAKE, 1, /left something behind\n {2}left-\w+: is left in/],
  [
    'leaves a file',
    "require('node:fs').writeFileSync(require('node:os').tmpdir() + '/a.txt', '')",
    1,
    /left something behind\n {2}a\.txt: is left in/,
  ],
  [
    'leaves a process by its environment',
    sleeper('[]'),
    1,
    /left something behind\n {2}process \d+: .*setTimeout/,
  ],
  [
    'leaves a process by its command',
    sleeper("[require('node:os').tmpdir()]", '{ ...options, env: {} }'),
    1,
    /left something behind\n {2}process \d+: .*setTimeout/,
  ],
  [
    'leaves a process by its folder',
    sleeper('[]', "{ ...options, env: {}, cwd: require('node:os').tmpdir() }"),
    1,
    /left something behind\n {2}process \d+: .*setTimeout/,
  ],
  ['never ends', 'setInterval(() => {}, 1000)', 1, /^error: some tests failed\n$/],
  [
    'never ends a test',
    'return new Promise(() => setInterval(() => {}, 1000))',
    1,
    /^error: some tests failed\n$/,
  ],
];

for (const [what, body, code, reported] of files) {
  test(`a test file that ${what} ${code === 0 ? 'passes' : 'fails'}`, {
    skip: process.platform !== 'linux' && 'processes are read from /proc',
  }, async (t) => {
    const folder = await makeFolder(t);
    const file = path.join(folder, 'a.test.cjs');
    await writeFile(file, `require('node:test').test('a', () => { ${body} });\n`);
    const ran = await run(t, {
      program: 'test',
      args: what.startsWith('never ends') ? ['--timeout', '8', file] : [file],
      cwd: path.join(import.meta.dirname, '../..'),
      env: { TMPDIR: folder },
    });
    assert.match(ran.stderr, reported, ran.stdout);
    assert.equal(ran.code, code);
    assert.deepEqual(findProcesses(folder), [], 'what was left is ended');
  });
}
