import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { digestOf } from '../../lib/digests.ts';
import type { SnapshotFile } from '../../snapshot/parse-snapshot.ts';
import { type FileSource, writeFiles } from './write-files.ts';

function source(path: string, text = path): FileSource {
  return { path, contentType: 'text/plain', content: () => Buffer.from(text) };
}

/** More files than are written at once. */
const many = Array.from({ length: 100 }, (_, i) => source(`${i % 7}/deep/${i}.txt`));

test('every file is written as in its entry, and the entries are ordered by path', async (t) => {
  const folder = await makeFolder(t);
  const reported: SnapshotFile[] = [];
  const entries = await writeFiles(path.join(folder, 'new'), [...many, source('Z.txt', 'ä')], {
    onWritten: (entry) => reported.push(entry),
  });
  const paths = entries.map((entry) => entry.path);
  assert.deepEqual(paths, [...many.map((file) => file.path), 'Z.txt'].sort());
  assert.deepEqual(
    new Set(reported),
    new Set(entries),
    'each is reported once, when it is written',
  );
  for (const { path: name, sha256, size, contentType } of entries) {
    const content = await readFile(path.join(folder, 'new', name));
    assert.equal(content.toString(), name === 'Z.txt' ? 'ä' : name);
    assert.equal(sha256, digestOf(content));
    assert.equal(size, content.length);
    assert.equal(contentType, 'text/plain');
  }
});

const kilobytes = 'a'.repeat(5000);

/** The forms of a file that exist. */
const both = (path: string, text: string, gzip = 'z'): FileSource => ({
  ...source(path, text),
  gzip: () => Buffer.from(gzip),
});

/** Some that gain by gzip and some that do not. */
const compressible: readonly FileSource[] = [
  both('a/large', kilobytes),
  both('a/least', 'a'.repeat(1024)),
  both('small', 'a'.repeat(1023)),
  both('incompressible', kilobytes, 'z'.repeat(5000)),
  source('plain', kilobytes),
];

// The forms to write, the files that exist then.
const forms: readonly ['off' | 'gzip' | 'both', readonly string[]][] = [
  ['off', ['a/large', 'a/least', 'incompressible', 'plain', 'small']],
  ['gzip', ['a/large.gz', 'a/least.gz', 'incompressible', 'plain', 'small']],
  ['both', ['a/large', 'a/large.gz', 'a/least', 'a/least.gz', 'incompressible', 'plain', 'small']],
];

for (const [compress, expected] of forms) {
  test(`compress ${compress}: files that gain by gzip are written so, the others plain`, async (t) => {
    const folder = await makeFolder(t);
    const entries = await writeFiles(folder, compressible, { compress });
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = found
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    assert.deepEqual(paths.sort(), expected);
    for (const { path: name, sha256, size, gzip } of entries) {
      const text = compressible.find((file) => file.path === name)?.content() ?? '';
      assert.deepEqual([sha256, size], [digestOf(text), text.length], 'of the content');
      assert.equal(gzip !== undefined, expected.includes(`${name}.gz`));
      if (gzip) assert.deepEqual(gzip, { sha256: digestOf('z'), size: 1 });
      if (gzip) assert.equal(await readFile(path.join(folder, `${name}.gz`), 'utf8'), 'z');
    }
  });
}

test('without files no folder is made', async (t) => {
  const folder = await makeFolder(t);
  assert.deepEqual(await writeFiles(path.join(folder, 'new'), []), []);
  assert.deepEqual(await readdir(folder), []);
});

test('contents are made when their turn has come, so that few are in memory', async (t) => {
  const folder = await makeFolder(t);
  let [made, written, mostAtOnce] = [0, 0, 0];
  const sources = many.map((file) => ({
    ...file,
    content: () => {
      mostAtOnce = Math.max(mostAtOnce, ++made - written);
      return file.content();
    },
  }));
  await writeFiles(folder, sources, { onWritten: () => written++ });
  assert.ok(mostAtOnce > 1, 'several are written at once');
  assert.ok(mostAtOnce <= 4, `${mostAtOnce} contents were in memory at once`);
});

// The failure, how it is caused.
const failures: readonly [string, (folder: string) => Promise<FileSource[]>, RegExp][] = [
  [
    'making the contents of a file',
    async () => [
      {
        ...source('bad'),
        content: () => {
          throw new Error('no contents');
        },
      },
    ],
    /no contents/,
  ],
  [
    'writing a file where there is a folder',
    async () => [source('bad/inside'), source('bad')],
    /EISDIR/,
  ],
  [
    'making a folder where there is a file',
    async (folder) => {
      await writeFile(path.join(folder, 'bad'), '');
      return [source('bad/inside')];
    },
    /EEXIST|ENOTDIR/,
  ],
];

for (const [what, makeBad, expected] of failures) {
  test(`${what} fails, and then nothing more is written`, async (t) => {
    const folder = await makeFolder(t);
    const bad = await makeBad(folder);
    // Still being written when the bad one fails.
    const slow = { ...source('slow'), content: () => Buffer.alloc(64_000_000) };
    await assert.rejects(writeFiles(folder, [slow, ...bad, ...many]), expected);
    const written = await readdir(folder, { recursive: true });
    if (written.includes('slow')) {
      const { size } = await stat(path.join(folder, 'slow'));
      assert.equal(size, 64_000_000, 'it is still writing into a folder that may be removed now');
    }
    assert.ok(!written.includes(many.at(-1)?.path ?? ''), 'the rest is not written');
  });
}
