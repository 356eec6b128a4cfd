import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFile,
  cp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { KEY, NO_WEB, STRANGER, startSource } from '../../../src/pack/fixture-pack.ts';
import { installAllPrepackaged } from '../../../test/engines/mattermost-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { readBlock } from '../../../test/read-block.ts';
import { catalog } from '../catalog.ts';
import { makeProject, runCatalog } from '../fixture-catalog-command.ts';
import { mirror } from './mirror.ts';
import { sign } from './sign.ts';

const MAKE = '--to pack --base-url https://plugins.example.com --key mattermost.asc'.split(' ');

/** A machine with a network. The key of the fixtures stands for Mattermost's, the other one for the key of one's own. */
async function setUp(t: TestContext) {
  const { entries, files } = await startSource(t);
  const folder = await makeProject(t, {
    'project/plugins.json': entries,
    'project/mattermost.asc': KEY.publicKey,
    'project/own.asc': STRANGER.publicKey,
    'signing-key.asc': STRANGER.privateKey,
  });
  const cwd = path.join(folder, 'project');
  const run = (...args: string[]) => runCatalog(mirror, args, { cwd });
  return { cwd, files, run };
}

/** Runs the commands of a block of docs/private.md one by one. */
async function follow(block: string, cwd: string, options: { web?: typeof NO_WEB } = {}) {
  const outputs: string[] = [];
  for (const line of block.replaceAll('\\\n', ' ').trim().split('\n')) {
    const [, command] = /^npm run catalog -- (.*)$/.exec(line) ?? [];
    if (command !== undefined) {
      const args = command.replace(/ #.*/, '').split(/ +/);
      const { code, stdout, stderr } = await runCatalog(catalog, args, { cwd, ...options });
      assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
      outputs.push(stdout + stderr);
    } else {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8' });
      assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
      outputs.push(stdout);
    }
  }
  return outputs;
}

test('a pack is signed, carried as one file, unpacked and checked as docs/private.md says', async (t) => {
  const { cwd, run } = await setUp(t);
  assert.equal((await run(...MAKE)).code, 0);
  await rm(path.join(cwd, 'own.asc'));
  await follow(await readBlock('docs/private.md', 'sh', 'npm run catalog -- sign pack'), cwd);
  const inside = await makeFolder(t);
  for (const name of ['pack.tar', 'own.asc', 'mattermost.asc']) {
    await cp(path.join(cwd, name), path.join(inside, name));
  }
  const block = await readBlock('docs/private.md', 'sh', 'tar -xf pack.tar');
  const [, sums = '', checked] = await follow(block, inside, { web: NO_WEB });
  assert.equal(sums.split('\n').filter((line) => line.endsWith(': OK')).length, 10);
  assert.match(sums, /^pack\.json: OK\npack\.json\.sig: OK\n.*^plugins\.json: OK$/ms);
  assert.equal(checked, 'pack is whole: 7 bundles\n');
});

test('equal packs make equal archives, whenever they were made', async (t) => {
  const { cwd, run } = await setUp(t);
  await run(...MAKE, '--tar', 'one.tar');
  await cp(path.join(cwd, 'pack'), path.join(cwd, 'copy'), { recursive: true });
  await run('--check', 'copy', '--tar', 'other.tar');
  const [one, other] = await Promise.all(
    ['one.tar', 'other.tar'].map((name) => readFile(path.join(cwd, name))),
  );
  assert.ok(one?.equals(other as Buffer));
  assert.ok(!(await readdir(cwd)).some((name) => name.includes('.next-')));
});

test('a pack that is not whole is not written into an archive, and an older archive stays', async (t) => {
  const { cwd, run } = await setUp(t);
  await run(...MAKE);
  await writeFile(path.join(cwd, 'pack.tar'), 'older');
  const [name = ''] = await readdir(path.join(cwd, 'pack/bundles'));
  await appendFile(path.join(cwd, 'pack/bundles', name), 'x');
  const { code, stderr } = await run('--check', 'pack', '--tar', 'pack.tar');
  assert.equal(code, 1, stderr);
  assert.equal(await readFile(path.join(cwd, 'pack.tar'), 'utf8'), 'older');
});

// What is done to a signed pack on its way; the refusal.
const onTheWay: readonly (readonly [string, (pack: string) => Promise<unknown>, RegExp])[] = [
  ['its signature is lost', (pack) => rm(path.join(pack, 'pack.json.sig')), /is not signed/],
  ['its list is cut', (pack) => truncate(path.join(pack, 'pack.json'), 50), /is damaged/],
  ['its list is another', (pack) => appendFile(path.join(pack, 'pack.json'), '\n'), /not what was/],
  ['a plugin is taken out', takeOut, /not what was signed/],
  [
    'its catalog is another',
    (pack) => writeFile(path.join(pack, 'plugins.json'), '[]\n'),
    /is not whole/,
  ],
];

for (const [what, change, expected] of onTheWay) {
  test(`a signed pack is refused where ${what}`, async (t) => {
    const { cwd, run } = await setUp(t);
    await run(...MAKE);
    const signing = ['pack', '--key', '../signing-key.asc'];
    const { stderr } = await runCatalog(sign, signing, { cwd });
    assert.equal(stderr, `${path.join('pack', 'pack.json.sig')} is written\n`);
    const check = ['--check', 'pack', '--pack-key', 'own.asc'];
    assert.equal((await run(...check)).code, 0);
    const unchecked = await run('--check', 'pack', '--key', 'mattermost.asc');
    assert.match(
      unchecked.stderr,
      /its own signature was not checked: name its key with --pack-key/,
    );
    await change(path.join(cwd, 'pack'));
    const refused = await run(...check, '--tar', 'x.tar');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, expected);
    assert.ok(!(await readdir(cwd)).includes('x.tar'));
  });
}

test('a pack that is signed with a key of the bundles is not signed with the own key', async (t) => {
  const { run, cwd } = await setUp(t);
  await run(...MAKE);
  await runCatalog(sign, ['pack', '--key', '../signing-key.asc'], { cwd });
  const { code, stderr } = await run('--check', 'pack', '--pack-key', 'mattermost.asc');
  assert.equal(code, 1);
  assert.match(stderr, /is not one of the given keys .* --pack-key/);
});

test('mirror removes the signature of a pack that it changes, and says so', async (t) => {
  const { run, cwd } = await setUp(t);
  await run(...MAKE);
  await runCatalog(sign, ['pack', '--key', '../signing-key.asc'], { cwd });
  assert.doesNotMatch((await run(...MAKE)).stderr, /sign/);
  const changed = await run(...MAKE, '--plugin', 'uni_x', '--prune');
  assert.match(changed.stderr, /pack has changed, so its signature is removed: sign it again\n$/);
});

test('a folder that is no pack is not signed', async (t) => {
  const { cwd } = await setUp(t);
  const { code, stderr } = await runCatalog(sign, ['.', '--key', '../signing-key.asc'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /is not a pack/);
});

test('prepackaged_plugins is written as docs/private.md says, and servers install out of it', async (t) => {
  const { cwd, files, run } = await setUp(t);
  const direct = await readBlock(
    'docs/private.md',
    'sh',
    'npm run catalog -- mirror --prepackaged',
  );
  const [output = ''] = await follow(direct, cwd);
  assert.match(output, /^1 plugin in prepackaged_plugins: 0 removed\n1 bundle in .*: 1 downloaded/);
  await rename(path.join(cwd, 'prepackaged_plugins'), path.join(cwd, 'direct'));
  await run(...MAKE);
  for (const name of Object.keys(files)) delete files[name];
  const offline = await readBlock(
    'docs/private.md',
    'sh',
    'npm run catalog -- mirror --check pack --prep',
  );
  await follow(offline, cwd, { web: NO_WEB });
  const keyFiles = [path.join(cwd, 'mattermost.asc')];
  for (const name of ['direct', 'prepackaged_plugins']) {
    const folder = path.join(cwd, name);
    for (const version of ['9.5.0', '10.11.0', '11.6.0']) {
      const installed = await installAllPrepackaged(t, { version, keyFiles }, folder);
      assert.deepEqual(installed, ['abc@2.0.0'], `${name} ${version}`);
    }
  }
  assert.deepEqual(
    (await readdir(path.join(cwd, 'direct'))).sort(),
    (await readdir(path.join(cwd, 'prepackaged_plugins'))).sort(),
  );
});

// Flags, the refusal.
const wrong: readonly (readonly [string, RegExp])[] = [
  ['--prepackaged p --key mattermost.asc', /with --server-version and --platform/],
  ['--prepackaged p --server-version 9.5.0 --platform linux-amd64', /public keys .* --key/],
  [
    '--prepackaged p --server-version 9.5.0 --server-version 9.6.0 --platform linux-amd64 --key own.asc',
    /for one server/,
  ],
  ['--check pack --server-version 9.5.0', /with --prepackaged only/],
  ['--check pack --to x', /contradict/],
  ['--to x --base-url https://h --pack-key own.asc', /contradict|for --check/],
  ['--tar x.tar', /--to/],
];

for (const [flags, expected] of wrong) {
  test(`mirror ${flags} is refused`, async (t) => {
    const { cwd, run } = await setUp(t);
    const before = await readdir(cwd);
    const { code, stderr } = await run(...flags.split(' '));
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
    assert.deepEqual(await readdir(cwd), before);
  });
}

async function takeOut(pack: string) {
  const file = path.join(pack, 'pack.json');
  const list = JSON.parse(await readFile(file, 'utf8'));
  list.files = list.files.filter(({ path: name }: { path: string }) => !name.includes('uni_x'));
  await writeFile(file, `${JSON.stringify(list, null, 2)}\n`);
}
