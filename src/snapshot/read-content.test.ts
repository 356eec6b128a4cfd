import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeFolder } from '../../test/make-folder.ts';
import { digestOf } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import type { SnapshotFile } from './parse-snapshot.ts';
import { readContent, readGzip } from './read-content.ts';

const content = Buffer.from('some content '.repeat(100));
const gzip = gzipSync(content);
const other = Buffer.from('other bytes, '.repeat(100));

const describe = (bytes: Buffer) => ({
  sha256: digestOf(bytes),
  size: bytes.length,
});
const plainOnly: SnapshotFile = {
  path: 'a.json',
  contentType: 'application/json',
  ...describe(content),
};
const listed: SnapshotFile = { ...plainOnly, gzip: describe(gzip) };

/** A folder with these files. */
async function folderOf(t: TestContext, files: Readonly<Record<string, Buffer>>) {
  const folder = await makeFolder(t);
  for (const [name, bytes] of Object.entries(files))
    await writeFile(path.join(folder, name), bytes);
  return folder;
}

// The files, what the manifest lists.
const readable: readonly [Record<string, Buffer>, SnapshotFile][] = [
  [{ 'a.json': content }, plainOnly],
  [{ 'a.json': content }, listed],
  [{ 'a.json.gz': gzip }, listed],
  [{ 'a.json': content, 'a.json.gz': gzip }, listed],
  [{ 'a.json': content, 'a.json.gz': other }, listed],
];

for (const [files, file] of readable) {
  const forms = file.gzip ? 'both forms' : 'the plain form';
  test(`the content is read from ${Object.keys(files)} where ${forms} are listed`, async (t) => {
    assert.ok((await readContent(await folderOf(t, files), file)).equals(content));
  });
}

// The files, what the manifest lists, the error message.
const refused: readonly [Record<string, Buffer>, SnapshotFile, RegExp][] = [
  [{}, plainOnly, /a\.json is missing: build again$/],
  [{}, listed, /a\.json is missing: build again$/],
  [{ 'a.json.gz': gzip }, plainOnly, /a\.json is missing/],
  [{ 'a.json': other }, listed, /a\.json does not have the digest in snapshot/],
  [{ 'a.json': other.subarray(1), 'a.json.gz': gzip }, listed, /a\.json has 1299 bytes/],
  [{ 'a.json.gz': gzip.subarray(1) }, listed, /a\.json\.gz has \d+ bytes; snapshot\.json lists/],
  [{ 'a.json.gz': Buffer.alloc(gzip.length) }, listed, /a\.json\.gz does not have the digest/],
  // The manifest is wrong about the content of the gzip form.
  [
    { 'a.json.gz': gzipSync(other) },
    { ...listed, gzip: describe(gzipSync(other)) },
    /a\.json\.gz does not have the digest/,
  ],
  [
    { 'a.json.gz': gzipSync(Buffer.alloc(2 * content.length)) },
    { ...listed, gzip: describe(gzipSync(Buffer.alloc(2 * content.length))) },
    /a\.json\.gz cannot be decompressed: /,
  ],
  [
    { 'a.json.gz': other },
    { ...listed, gzip: describe(other) },
    /a\.json\.gz cannot be decompressed: /,
  ],
];

for (const [files, file, expected] of refused) {
  test(`content is refused with ${expected}`, async (t) => {
    const folder = await folderOf(t, files);
    await assert.rejects(readContent(folder, file), (error) => {
      assert.ok(error instanceof UserError && error.message.startsWith(folder), String(error));
      assert.match(error.message, expected);
      return true;
    });
  });
}

// What is in place of a file, the error message.
const neverEnding: readonly [string, (file: string) => unknown, RegExp][] = [
  ['a device without end', (file) => symlink('/dev/zero', file), /a\.json is not a file/],
  ['a pipe', (file) => execFileSync('mkfifo', [file]), /a\.json is not a file/],
  [
    'a file of a terabyte',
    (file) => writeFile(file, '').then(() => truncate(file, 2 ** 40)),
    /a\.json has 1099511627776 bytes/,
  ],
  ['a gzip bomb', (file) => writeFile(`${file}.gz`, bomb), /a\.json\.gz cannot be decompressed/],
];
const bomb = gzipSync(Buffer.alloc(2 ** 26));

for (const [what, put, expected] of neverEnding) {
  test(`${what} is refused before all of it is read`, async (t) => {
    const folder = await folderOf(t, {});
    await put(path.join(folder, 'a.json'));
    const file = { ...plainOnly, gzip: describe(bomb) };
    await assert.rejects(readContent(folder, file), expected);
  });
}

test('the gzip form is read as it is, and refused if it is another or missing', async (t) => {
  const folder = await folderOf(t, { 'a.json.gz': gzip });
  assert.ok((await readGzip(folder, listed)).equals(gzip));
  await assert.rejects(readGzip(folder, plainOnly), /a\.json\.gz is missing/);
  await assert.rejects(readGzip(await folderOf(t, {}), listed), /a\.json\.gz is missing/);
  const harmed = await folderOf(t, { 'a.json.gz': Buffer.alloc(gzip.length) });
  await assert.rejects(readGzip(harmed, listed), UserError);
});
