import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../test/make-folder.ts';
import { runStep } from './fixture-step.ts';

const HOSTILE = '$(touch hacked) `touch hacked` "; touch hacked; Closes #1 @all';

test('errors are reported first, as text, and no error is no report', async (t) => {
  const cwd = await makeFolder(t);
  const env = { HOSTILE };
  const passed = await runStep('check.yml', 'Check', {
    cwd,
    env,
    programs: { npm: 'echo "$*" >> "$ASKED"; echo "warning: one"' },
  });
  assert.deepEqual([passed.code, passed.outputs], [0, ''], passed.stderr);
  assert.equal(passed.asked, 'run --silent catalog -- check --online\n');
  const npm = `echo "warning: one"; echo "error: $HOSTILE"; head -c 100000 /dev/zero | tr '\\0' a; echo; echo "error: 2 errors" >&2; exit 1`;
  const { code, stdout, stderr, outputs } = await runStep('check.yml', 'Check', {
    cwd,
    env,
    programs: { npm },
  });
  assert.deepEqual([code, stdout], [0, ''], stderr);
  const [head = '', ...lines] = outputs.trimEnd().split('\n');
  const delimiter = lines.pop();
  assert.equal(head, `report<<${delimiter}`);
  assert.match(delimiter ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(lines.slice(0, 3), [
    `    error: ${HOSTILE}`,
    '    error: 2 errors',
    '    warning: one',
  ]);
  for (const line of lines) assert.match(line, /^ {4}/, 'a line of a block of code');
  assert.ok(outputs.length < 60_000);
  assert.deepEqual(await readdir(cwd), ['.runner']);
});

// The report, the open issue, the last request to GitHub.
const issues: readonly (readonly [string, string, RegExp])[] = [
  ['', '', /^api --paginate i\?state=open/],
  ['', '7', /^api --silent --method PATCH i\/7 --field state=closed$/],
  [`    ${HOSTILE}`, '7', /^api --silent --method PATCH i\/7 --field body=@body\.md$/],
  [`    ${HOSTILE}`, '', /^api --silent --method POST i --field title=.* --field body=@body\.md$/],
];

for (const [report, issue, expected] of issues) {
  test(`with ${report === '' ? 'nothing' : 'errors'} to report and ${issue === '' ? 'no issue' : 'an issue'} open, the issue is ${expected}`, async (t) => {
    const cwd = await makeFolder(t);
    const gh = 'echo "$*" >> "$ASKED"; case "$*" in *--paginate*) echo "$OPEN" ;; esac';
    const { code, stderr, asked } = await runStep('check.yml', 'Report', {
      cwd,
      env: { ISSUES: 'i', RUN: 'https://example.com/run', REPORT: report, OPEN: issue },
      programs: { gh },
    });
    assert.equal(code, 0, stderr);
    assert.match(asked.trimEnd().split('\n').at(-1) ?? '', expected);
    const body = await readFile(path.join(cwd, 'body.md'), 'utf8');
    assert.match(body, /^<!-- catalog check -->\n/);
    assert.ok(body.endsWith(`\n\n${report}\n`));
    assert.deepEqual((await readdir(cwd)).sort(), ['.runner', 'body.md']);
  });
}
