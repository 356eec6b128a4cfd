import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../../lib/errors.ts';
import { recoverFolder, replaceFolder, resolveFolder } from './replace-folder.ts';

const MANIFEST = JSON.stringify({
  id: 'ab',
  files: ['deep/a', 'deep/b', 'c'].map((file) => ({
    path: file,
    sha256: '0'.repeat(64),
    size: 3,
    contentType: 'text/plain',
  })),
});

/** Makes a folder like a build, with `name` in each of its files. */
async function make(folder: string, name: string): Promise<void> {
  await mkdir(path.join(folder, 'deep'), { recursive: true });
  for (const file of ['c', 'deep/a', 'deep/b']) await writeFile(path.join(folder, file), name);
  await writeFile(path.join(folder, 'snapshot.json'), MANIFEST);
}

/** The content of the folder, such as `old`; `old new …` if it is mixed. */
async function read(folder: string): Promise<string> {
  const files = ['c', 'deep/a', 'deep/b'];
  const names = await Promise.all(
    files.map((file) => readFile(path.join(folder, file), 'utf8').catch(() => '(missing)')),
  );
  return [...new Set(names)].join(' ');
}

/** The id of a process that has ended. */
const deadPid = spawnSync(process.execPath, ['--version']).pid;

/** The id of a process that lives as long as the tests do. */
const livePid = process.ppid;

// What is at the folder's path, what comes after.
const occupants: readonly [string, (folder: string) => Promise<unknown>][] = [
  ['nothing', async () => {}],
  ['an empty folder', (folder) => mkdir(folder)],
  ['another build', (folder) => make(folder, 'old')],
];

for (const [what, prepare] of occupants) {
  test(`a folder replaces ${what}`, async (t) => {
    const parent = await makeFolder(t);
    const folder = path.join(parent, 'dist');
    await prepare(folder);
    await replaceFolder(folder, (next) => make(next, 'new'));
    assert.equal(await read(folder), 'new');
    assert.deepEqual(await readdir(parent), ['dist'], 'nothing is left');
  });
}

// How making the new folder fails, what is reported.
const failures: readonly [string, (next: string) => Promise<unknown>, RegExp][] = [
  ['removes it', (next) => rm(next, { recursive: true }), /ENOENT/],
  ['stops half-way', (next) => make(next, 'half').then(() => assert.fail('stop')), /stop/],
];

for (const [what, write, expected] of failures) {
  test(`where making the new folder ${what}, the old one stays`, async (t) => {
    const parent = await makeFolder(t);
    const folder = path.join(parent, 'dist');
    await make(folder, 'old');
    await assert.rejects(replaceFolder(folder, write), expected);
    assert.equal(await read(folder), 'old', 'docs/design.md, invariant 7: the old build is gone');
    assert.deepEqual(await readdir(parent), ['dist']);
  });
}

// Folders left behind by name and by what is in them, what `dist` is after recovery, what is left beside it.
type Leftovers = Readonly<Record<string, string>>;
const recoveries: readonly [string, Leftovers, string, string[]][] = [
  ['died making it', { dist: 'old', [`dist.next-${deadPid}`]: 'half' }, 'old', []],
  [
    'died between the renames',
    { [`dist.previous-${deadPid}`]: 'old', [`dist.next-${deadPid}`]: 'new' },
    'old',
    [],
  ],
  ['died removing the old one', { dist: 'new', [`dist.previous-${deadPid}`]: 'old' }, 'new', []],
  ['died further on', { dist: 'new', [`dist.removed-${deadPid}`]: 'half' }, 'new', []],
  [
    'died removing, and another one between the renames',
    { 'dist.previous-999999998': 'old', [`dist.removed-${deadPid}`]: 'half' },
    'old',
    [],
  ],
  [
    'died with the id of this process',
    { dist: 'old', [`dist.next-${process.pid}`]: 'x' },
    'old',
    [],
  ],
  [
    'died between the renames, with the id of this process',
    { [`dist.previous-${process.pid}`]: 'old', [`dist.next-${process.pid}`]: 'new' },
    'old',
    [],
  ],
  ['lives', { dist: 'old', [`dist.next-${livePid}`]: 'half' }, 'old', [`dist.next-${livePid}`]],
  [
    'died between the renames, and another one has its id now',
    { [`dist.previous-${livePid}`]: 'old' },
    'old',
    [],
  ],
  [
    'has nothing to do with it',
    { dist: 'old', 'dist.next': 'a', 'dist.next-x': 'b', [`dist2.next-${deadPid}`]: 'c' },
    'old',
    ['dist.next', 'dist.next-x', `dist2.next-${deadPid}`],
  ],
];

for (const [what, folders, expected, left] of recoveries) {
  test(`recovery after a process that ${what}`, async (t) => {
    const parent = await makeFolder(t);
    for (const [name, text] of Object.entries(folders)) await make(path.join(parent, name), text);
    await recoverFolder(path.join(parent, 'dist'));
    assert.equal(await read(path.join(parent, 'dist')), expected, 'docs/design.md, invariant 7');
    assert.deepEqual((await readdir(parent)).sort(), ['dist', ...left].sort());
  });
}

test('recovery makes nothing where there was nothing', async (t) => {
  const parent = await makeFolder(t);
  await recoverFolder(path.join(parent, 'no/such/dist'));
  await recoverFolder(path.join(parent, 'dist'));
  assert.deepEqual(await readdir(parent), []);
});

test('recovery by several at once', async (t) => {
  for (let round = 0; round < 10; round++) {
    const parent = await makeFolder(t);
    const folder = path.join(parent, 'dist');
    await make(`${folder}.previous-${deadPid}`, 'old');
    await make(`${folder}.previous-999999998`, 'old');
    await make(`${folder}.next-${deadPid}`, 'new');
    await Promise.all([1, 2, 3, 4].map(() => recoverFolder(folder)));
    assert.equal(await read(folder), 'old');
    await recoverFolder(folder);
    assert.deepEqual(await readdir(parent), ['dist']);
  }
});

test('a link counts as the folder it leads to, even while that is moved aside', async (t) => {
  const parent = await makeFolder(t);
  const link = path.join(parent, 'dist');
  const folder = path.join(parent, 'www', 'site');
  await make(`${folder}.previous-${deadPid}`, 'old');
  await symlink('www/site', link);
  await recoverFolder(link);
  assert.equal(await read(link), 'old');
  assert.equal(await readlink(link), 'www/site');
  assert.equal(await resolveFolder(link), await resolveFolder(folder));
  assert.equal(await resolveFolder(`${folder}/`), await resolveFolder(folder));
});

const put =
  (file: string, text = 'mine') =>
  async (folder: string) => {
    await make(folder, 'old');
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };

// What is at the folder's path, why it is not replaced.
const refusals: readonly [string, (folder: string) => Promise<unknown>, RegExp][] = [
  ['a file', (folder) => writeFile(folder, ''), /dist is not a folder/],
  [
    'a folder of something else',
    (folder) => mkdir(path.join(folder, 'src'), { recursive: true }),
    /dist\/ holds something other than a build.*: src\/ is not listed/,
  ],
  ['a build with a file of somebody else', put('notes.txt'), /: notes\.txt is not listed in/],
  ['one with a file deep inside', put('deep/z.txt'), /: deep\/z\.txt is not listed in/],
  ['one with a hidden folder', put('.git/config'), /: \.git\/ is not listed in/],
  ['one with a link', (folder) => put('x')(folder).then(() => relink(folder)), /: deep\/l is not/],
  ['one with a folder for a file', put('deep/a.gz/x'), /: deep\/a\.gz\/ is not listed in/],
  ['a project with a snapshot.json', put('snapshot.json', '{"files": []}'), /: c is not listed in/],
  ['a manifest that is damaged', put('snapshot.json', MANIFEST.slice(1)), /: c is not listed in/],
  ['one that lists a way out', put('snapshot.json', MANIFEST.replace('c"', '../c"')), /: c is not/],
];

async function relink(folder: string): Promise<void> {
  await rm(path.join(folder, 'x'));
  await symlink('..', path.join(folder, 'deep/l'));
}

for (const [what, prepare, expected] of refusals) {
  test(`${what} is not replaced`, async (t) => {
    const folder = path.join(await makeFolder(t), 'dist');
    await prepare(folder);
    await assert.rejects(resolveFolder(folder), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('a build may be replaced, also where files of it are compressed or missing', async (t) => {
  const folder = path.join(await makeFolder(t), 'dist');
  await put('deep/a.gz')(folder);
  await rm(path.join(folder, 'c'));
  assert.equal(await resolveFolder(folder), folder);
});

test('recovery leaves a folder of somebody else that has the name of one that was moved aside', async (t) => {
  const parent = await makeFolder(t);
  await make(path.join(parent, 'dist'), 'new');
  for (const file of ['notes.txt', 'deep/z', 'snapshot.json']) {
    const mine = path.join(parent, `dist.previous-${deadPid}`);
    await put(file)(mine);
    await recoverFolder(path.join(parent, 'dist'));
    assert.equal(await readFile(path.join(mine, file), 'utf8'), 'mine');
    await rm(mine, { recursive: true });
  }
});

test('a folder that is replaced during the check is checked again', async (t) => {
  const folder = path.join(await makeFolder(t), 'dist');
  await make(folder, 'old');
  const looks = Array.from({ length: 10 }, () => resolveFolder(folder));
  const swaps = (async () => {
    for (let i = 0; i < 10; i++) {
      await replaceFolder(folder, (next) => make(next, 'new'));
    }
  })();
  assert.deepEqual(new Set(await Promise.all(looks)), new Set([folder]));
  await swaps;
});

/** Replaces a folder again and again, with pauses around each rename. */
const racer = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { rename } = fs.promises;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 8 * Math.random()));
  fs.promises.rename = async (...paths) => { await pause(); await rename(...paths); await pause(); };
  syncBuiltinESMExports();
  const { replaceFolder } = await import(process.argv[1]);
  const [, , folder, manifest] = process.argv;
  for (let i = 0; i < 15; i++) {
    await replaceFolder(folder, async (next) => {
      fs.mkdirSync(next + '/deep');
      for (const file of ['c', 'deep/a', 'deep/b']) {
        fs.writeFileSync(next + '/' + file, process.pid + '-' + i);
      }
      fs.writeFileSync(next + '/snapshot.json', manifest);
    });
  }
`;

test('several processes replace a folder at once: each succeeds, and the folder of one of them is there, whole', async (t) => {
  const parent = await makeFolder(t);
  const folder = path.join(parent, 'dist');
  await make(folder, 'old');
  const options = ['--import', 'tsx', '--input-type=module', '-e', racer];
  const code = path.join(import.meta.dirname, 'replace-folder.ts');
  const racers = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, [...options, code, folder, MANIFEST], {
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    return new Promise<string>((resolve) =>
      child.once('close', (code) => resolve(code === 0 ? `${child.pid}-14` : stderr)),
    );
  });
  const last = await Promise.all(racers);
  assert.ok(
    last.includes(await read(folder)),
    `docs/design.md, invariant 7: ${await read(folder)} after ${last.join('\n')}`,
  );
  for (const said of last) assert.match(said, /^\d+-14$/, 'each of them succeeds');
  assert.deepEqual(await readdir(parent), ['dist'], 'nothing is left');
});
