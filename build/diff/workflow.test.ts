import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';

const file = path.join(import.meta.dirname, '../../.github/workflows/diff.yml');
const lines = (await readFile(file, 'utf8')).split('\n');

/** The scripts of the workflow: blocks below `run: |`, and lines after `run:`. */
function findScripts(): string[] {
  return lines.flatMap((line, index) => {
    const [, indent, inline] = /^( *)(?:- )?run: (.*)$/.exec(line) ?? [];
    if (indent === undefined || inline === undefined) return [];
    if (inline !== '|') return [inline];
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => next !== '' && !next.startsWith(`${indent}  `));
    return [below.slice(0, end < 0 ? undefined : end).join('\n')];
  });
}

test('actions are pinned to a commit, and name their version', () => {
  const uses = lines.filter((line) => line.includes('uses:'));
  assert.ok(uses.length > 0);
  for (const line of uses)
    assert.match(line, /uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('nothing from outside is written into a script', () => {
  const scripts = findScripts();
  assert.equal(scripts.length, 3);
  for (const script of scripts) assert.doesNotMatch(script, /\$\{\{/);
});

// The existing comments, the requests to GitHub.
const comments: readonly [string, string][] = [
  ['', 'api --silent --method POST repos/o/r/issues/1/comments --field body=@body.md'],
  ['42\n43\n', 'api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@body.md'],
];

for (const [ids, expected] of comments) {
  test(`where ${JSON.stringify(ids)} are there, it asks gh to ${expected}`, async (t) => {
    const cwd = await makeFolder(t);
    const gh = path.join(cwd, 'gh');
    await writeFile(path.join(cwd, 'ids'), ids);
    await writeFile(
      gh,
      '#!/bin/sh\necho "$*" >> asked\ncase "$*" in *--paginate*) cat ids ;; esac\n',
    );
    await chmod(gh, 0o755);
    const MARKDOWN = '**Nothing** $(touch hacked) `touch hacked` "%s"';
    const { status, stderr } = spawnSync('bash', ['-e', '-c', findScripts().at(-1) ?? ''], {
      cwd,
      encoding: 'utf8',
      env: {
        PATH: `${cwd}:${process.env['PATH']}`,
        COMMENTS: 'repos/o/r/issues/1/comments',
        REPLACE: 'repos/o/r/issues/comments',
        MARKDOWN,
      },
    });
    assert.equal(status, 0, stderr);
    assert.equal(
      (await readFile(path.join(cwd, 'asked'), 'utf8')).trim().split('\n').at(-1),
      expected,
    );
    const body = await readFile(path.join(cwd, 'body.md'), 'utf8');
    assert.equal(body, `<!-- catalog diff -->\n\n${MARKDOWN}\n`);
  });
}
