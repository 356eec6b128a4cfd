import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import { makeFolder } from '../../../test/make-folder.ts';
import {
  type ArchiveEntry,
  makeBundle,
  makeManifest,
  makeTar,
  makeTarGz,
  SVG,
} from '../../../test/samples/plugin-bundles.ts';
import { UserError } from '../../lib/errors.ts';
import { BUNDLE_LIMITS } from './bundle-limits.ts';
import { readBundle } from './read-bundle.ts';

const manifest = makeManifest('abc', '1.2.0');
const json = JSON.stringify(manifest);
const plain = JSON.stringify({ id: 'abc', version: '1.2.0' });
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');
const svgUrl = `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`;

// What the bundle shows, its files, what is read.
const good: readonly (readonly [string, readonly ArchiveEntry[], object])[] = [
  [
    'a manifest in the only folder, its icon after it',
    [
      ['abc/plugin.json', json],
      ['abc/assets/icon.svg', SVG],
    ],
    { manifest, iconData: svgUrl },
  ],
  [
    'a manifest at the top, its icon before it',
    [
      ['./assets/icon.svg', SVG],
      ['./plugin.json', json],
    ],
    { manifest, iconData: svgUrl },
  ],
  [
    'an icon that is an image by its contents, whatever its name',
    [
      ['abc/plugin.json', json],
      ['abc/assets/icon.svg', PNG],
    ],
    { iconData: `data:image/png;base64,${PNG.toString('base64')}` },
  ],
  [
    'an icon with everything allowed before its root',
    [
      ['plugin.json', json],
      ['assets/icon.svg', `\uFEFF<?xml version="1.0"?>\n<!-- <p> -->\n<!DOCTYPE svg>${SVG}`],
    ],
    {},
  ],
  ['no icon', [['abc/plugin.json', plain]], { iconData: '' }],
  [
    'a manifest in YAML',
    [['abc/plugin.yml', 'id: abc\nversion: 1.2.0\nserver:\n  executable: a # comment\n']],
    { manifest: { id: 'abc', version: '1.2.0', server: { executable: 'a' } } },
  ],
  [
    'manifests in YAML and JSON, of which a server takes the first',
    [
      ['abc/plugin.json', plain],
      ['abc/plugin.yaml', 'id: yaml\nversion: 1.2.0\n'],
    ],
    { manifest: { id: 'yaml', version: '1.2.0' } },
  ],
  [
    'other manifests deeper inside',
    [
      ['abc/plugin.json', plain],
      ['abc/node/plugin.json', 'not one'],
    ],
    { manifest: { id: 'abc', version: '1.2.0' } },
  ],
  [
    'fields of the manifest that nobody knows',
    [['plugin.json', '{"id":"abc","version":"1.2.0","x":{"y":[1]},"__proto__":1}']],
    { manifest: JSON.parse('{"id":"abc","version":"1.2.0","x":{"y":[1]},"__proto__":1}') },
  ],
];

for (const [what, entries, expected] of good) {
  test(`a bundle with ${what} is read`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, await makeTarGz(entries));
    const bundle = await readBundle(file, 'a.tar.gz');
    assert.deepEqual({ ...bundle, ...expected }, bundle);
  });
}

test('the files of a bundle are listed with their sizes and modes, inside its folder', async (t) => {
  const file = path.join(await makeFolder(t), 'a.tar.gz');
  await writeFile(file, await makeBundle(manifest));
  const { files } = await readBundle(file, 'a.tar.gz');
  assert.deepEqual(
    [...files].map(([name, { sizeBytes, mode }]) => [name, sizeBytes, mode]),
    [
      ['assets/icon.svg', SVG.length, 0o644],
      ['plugin.json', json.length, 0o644],
      ['server/dist/plugin-linux-amd64', 'runs on linux-amd64'.length, 0o755],
      ['server/dist/plugin-darwin-arm64', 'runs on darwin-arm64'.length, 0o755],
    ],
  );
});

const bundle = await makeBundle(manifest);
const tar = await makeTar([
  ['abc/plugin.json', plain],
  ['abc/big', Buffer.alloc(5000, 1)],
]);
const link = (type: 'symlink' | 'link') => ({ name: 'abc/a', type, linkname: '/etc/passwd' });
const withFile = (name: string) =>
  makeTarGz([
    ['plugin.json', plain],
    [name, 'x'],
  ]);
const withManifest = (text: string, name = 'plugin.json') => makeTarGz([[name, text]]);
const iconFiles = (icon: unknown, content: string | Buffer = SVG): ArchiveEntry[] => [
  ['abc/plugin.json', JSON.stringify({ id: 'abc', version: '1.2.0', icon_path: icon })],
  ['abc/icon', content],
];
/** A YAML text that expands to 10 ** 9 copies. */
const laughs = `id: abc\nversion: 1.2.0\na0: &a0 [x]\n${Array.from(
  { length: 9 },
  (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`,
).join('\n')}\n`;

/** A gigabyte of zeros in a file of a megabyte. */
async function zeroBomb(): Promise<Buffer> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const zeros = Buffer.alloc(16 * 1024 ** 2);
  gzip.write(tar.subarray(0, 512));
  for (let i = 0; i < 64; i++) {
    await new Promise((resolve) => gzip.write(zeros, resolve));
  }
  await new Promise<void>((resolve) => gzip.on('end', resolve).end());
  return Buffer.concat(chunks);
}

// The kind of file, the file, the error message.
const bad: readonly (readonly [string, Buffer, RegExp])[] = [
  ['empty', Buffer.alloc(0), /ends too early/],
  ['a web page', Buffer.from('<!doctype html>'), /is damaged, or is not a \.tar\.gz/],
  ['a tar that is not compressed', tar, /is damaged, or is not a \.tar\.gz/],
  ['cut in the middle', bundle.subarray(0, bundle.length / 2), /ends too early/],
  ['cut by one byte', bundle.subarray(0, -1), /ends too early/],
  ['changed in the middle', flip(bundle, bundle.length / 2), /is damaged/],
  ['changed in its checksum', flip(bundle, bundle.length - 6), /is damaged/],
  ['a tar that is cut inside', gzipSync(tar.subarray(0, 3000)), /ends too early/],
  ['a text that is compressed', gzipSync('x'.repeat(2000)), /is not a tar archive inside/],
  ['without a file', await makeTarGz([]), /has no plugin\.json/],
  ['without a manifest', await makeTarGz([['abc/a', 'x']]), /has no plugin\.json/],
  [
    'with a manifest two folders deep',
    await withManifest(plain, 'a/b/plugin.json'),
    /has no plugin\.json/,
  ],
  [
    'with its manifest in one of two folders',
    await makeTarGz([
      ['a/plugin.json', plain],
      ['b/x', ''],
    ]),
    /has no plugin\.json/,
  ],
  [
    'with a manifest that is cut',
    await withManifest('{"id":'),
    /plugin\.json that cannot be read: .*JSON/,
  ],
  [
    'with a manifest in bad YAML',
    await withManifest('a: [', 'plugin.yaml'),
    /plugin\.yaml that cannot be read/,
  ],
  [
    'with a manifest of aliases of aliases',
    await withManifest(laughs, 'plugin.yml'),
    /plugin\.yml that cannot be read: Excessive alias count/,
  ],
  ['with a list for a manifest', await withManifest('[]'), /plugin\.json that is not an object/],
  [
    'with an empty manifest',
    await withManifest('', 'plugin.yml'),
    /plugin\.yml that is not an object/,
  ],
  ['without an id', await withManifest('{"version":"1.0.0"}'), /plugin\.json without "id"/],
  [
    'with a number for a version',
    await withManifest('{"id":"a","version":1}'),
    /plugin\.json without "version"/,
  ],
  [
    'with a manifest of two megabytes',
    await withManifest(`{"a":"${'x'.repeat(2 ** 21)}"}`),
    /holds a plugin\.json of more than 1048576 bytes/,
  ],
  [
    'that leads out of its folder',
    await withFile('../evil'),
    /holds "\.\.\/evil", which leads out/,
  ],
  ['that leads out from deeper', await withFile('abc/../../evil'), /which leads out/],
  ['with a path of Windows', await withFile('C:/evil'), /which leads out/],
  ['with a backslash', await withFile('abc\\..\\..\\evil'), /which leads out/],
  ['with a line break in a name', await withFile('a\nb'), /which leads out/],
  ['with a gigabyte of zeros', await zeroBomb(), /unpacks to more than 100 times its size/],
  [
    'with a byte order mark before its manifest',
    await withManifest(`\uFEFF${plain}`),
    /plugin\.json that begins with a byte order mark, and no server reads that/,
  ],
  [
    'with a second entry at its top',
    await makeTarGz([
      ['._abc', 'x'],
      ['abc/plugin.json', plain],
    ]),
    /has no plugin\.json where servers look: beside the folder "abc" it holds "\._abc"/,
  ],
  [
    'with a manifest that is a hard link',
    await makeTarGz([
      ['abc/other.json', plain],
      { name: 'abc/plugin.json', type: 'link', linkname: 'abc/other.json' },
    ]),
    /has no plugin\.json/,
  ],
  [
    'with a folder before the one that it lies in',
    await makeTarGz([{ name: 'abc/server/', type: 'directory' }, ['abc/plugin.json', plain]]),
    /holds the folder "abc\/server\/" before "abc"/,
  ],
  [
    'with a file inside of a file',
    await makeTarGz([
      ['abc/a', 'x'],
      ['abc/a/plugin.json', plain],
    ]),
    /inside of a file, "abc\/a"/,
  ],
];

for (const [what, content, expected] of bad) {
  test(`a bundle that is ${what} is refused`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, content);
    await assert.rejects(readBundle(file, 'a.tar.gz'), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /^the bundle a\.tar\.gz /);
      assert.match(error.message, expected);
      return true;
    });
  });
}

// What the bundle has, its files, the note.
const odd: readonly (readonly [string, readonly ArchiveEntry[], RegExp])[] = [
  ['a symbolic link', [['plugin.json', plain], link('symlink')], /servers pass over it.*symbolic/],
  ['a hard link', [['plugin.json', plain], link('link')], /servers pass over it.*hard link/],
  [
    'a device',
    [['plugin.json', plain], { name: 'a', type: 'character-device' }],
    /servers pass over it.*device/,
  ],
  ['a pipe', [['plugin.json', plain], { name: 'a', type: 'fifo' }], /servers pass over it.*pipe/],
  [
    'a link that leads out',
    [['plugin.json', plain], { name: '../../a', type: 'symlink', linkname: '/etc' }],
    /servers pass over it/,
  ],
  [
    'an absolute path',
    [
      ['plugin.json', plain],
      ['/etc/a', 'x'],
    ],
    /holds "\/etc\/a", which servers take as relative/,
  ],
  [
    'one file twice',
    [
      ['plugin.json', 'no manifest'],
      ['./plugin.json', plain],
    ],
    /holds "\.\/plugin\.json" twice/,
  ],
  ['no icon where it names one', iconFiles('other'), /lacks its icon, "other"/],
  ['an icon outside', iconFiles('../../etc/passwd'), /icon_path that leads nowhere/],
  ['an icon that is not a path', iconFiles({ a: 1 }), /icon_path that leads nowhere/],
  [
    'an icon that is a program',
    iconFiles('icon', '#!/bin/sh'),
    /not an SVG, PNG, JPEG, GIF or WebP/,
  ],
  ['a web page for an icon', iconFiles('icon', '<html><svg/></html>'), /not an SVG, PNG/],
  ['an icon of a megabyte', iconFiles('icon', Buffer.alloc(2 ** 20)), /more than 262144 bytes/],
];

for (const [what, entries, expected] of odd) {
  test(`a bundle with ${what} is read, with a note`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, await makeTarGz(entries));
    const { manifest, warnings, iconData } = await readBundle(file, 'a.tar.gz');
    assert.equal(manifest.id, 'abc');
    assert.equal(iconData, '');
    assert.match(warnings.join('\n'), expected);
  });
}

// What a server reads too; the files.
const plainOnes: readonly (readonly [string, readonly ArchiveEntry[]])[] = [
  ['text after its manifest', [['plugin.json', `${plain}} {"id": "other"}`]]],
  ['steps up that stay inside', [['abc/server/../plugin.json', plain]]],
  [
    'a folder of its own at the top',
    [{ name: './', type: 'directory' }, ['./abc/plugin.json', plain]],
  ],
  ['a byte order mark before YAML', [['plugin.yaml', '\uFEFFid: abc\nversion: 1.2.0\n']]],
];

for (const [what, entries] of plainOnes) {
  test(`a bundle with ${what} is read without a note`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, await makeTarGz(entries));
    const { manifest, warnings } = await readBundle(file, 'a.tar.gz');
    assert.equal(manifest.id, 'abc');
    assert.deepEqual(warnings, []);
  });
}

// A limit, the error message when it is exceeded.
const limits: readonly (readonly [Partial<typeof BUNDLE_LIMITS>, RegExp])[] = [
  [{ compressedBytes: bundle.length - 1 }, /has more than \d+ bytes/],
  [{ unpackedBytes: 4000 }, /unpacks to more than 4000 bytes/],
  [{ ratio: 2, ratioFromBytes: 100 }, /unpacks to more than 2 times its size/],
  [{ entries: 4 }, /holds more than 4 files/],
];

for (const [limit, expected] of limits) {
  test(`a bundle beyond ${JSON.stringify(limit)} is refused, and one within is not`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, bundle);
    const reading = readBundle(file, 'a.tar.gz', { ...BUNDLE_LIMITS, ...limit });
    await assert.rejects(reading, expected);
    assert.equal((await readBundle(file, 'a.tar.gz')).manifest.id, 'abc');
  });
}

const after = await makeTar([
  ['abc/plugin.json', JSON.stringify({ id: 'other', version: '9.0.0' })],
  ['abd/x', ''],
]);
/** The headers of `git archive`, of GNU tar's sparse files and of the oldest tar. */
const withType = (type: string, { isOldest = false, sizeBytes = 0 } = {}) => {
  const header = Buffer.from(tar.subarray(0, 512));
  header.write('abc/extra\0', 0);
  header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  if (isOldest) header.fill(0, 257, 265);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

/** What `git archive` puts before everything. */
function globalHeader(): Buffer {
  const comment = `comment=${'0'.repeat(40)}\n`;
  const data = Buffer.alloc(512);
  data.write(`${comment.length + 3} ${comment}`);
  return Buffer.concat([withType('g', { sizeBytes: comment.length + 3 }), data]);
}

// The kind of archive, its bytes before compression, the error message.
const tars: readonly (readonly [string, Buffer, RegExp])[] = [
  ['followed by another one', Buffer.concat([tar, after]), /^$/],
  ['followed by anything', Buffer.concat([tar, Buffer.alloc(700, 'x')]), /^$/],
  ['without an end', tar.subarray(0, -1024), /^$/],
  ['with half an end', tar.subarray(0, -512), /^$/],
  ['with a header for all', Buffer.concat([globalHeader(), tar]), /pax_global_header.*pass over/],
  ['with a sparse file', Buffer.concat([withType('S'), tar]), /"abc\/extra": servers pass over/],
  ['with a contiguous file', Buffer.concat([withType('7'), tar]), /contiguous file/],
  [
    'with a file of the oldest form',
    Buffer.concat([withType('\0', { isOldest: true }), tar]),
    /^$/,
  ],
];

for (const [what, content, expected] of tars) {
  test(`an archive ${what} is read as servers read it`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, gzipSync(content));
    const { manifest, warnings, files } = await readBundle(file, 'a.tar.gz');
    assert.equal(manifest.id, 'abc');
    assert.equal(files.get('big')?.sizeBytes, 5000);
    assert.match(warnings.join('\n'), expected);
  });
}

test('a file that is missing is an error of the file system', async () => {
  await assert.rejects(readBundle('/no/such/file', 'a'), { code: 'ENOENT' });
});

function flip(content: Buffer, at: number): Buffer {
  const changed = Buffer.from(content);
  const index = Math.floor(at);
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
}
