import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../../lib/errors.ts';
import { put, RULES } from '../aws/fixture-rules.ts';
import { CATALOGS } from '../fixture-publish.ts';
import { listSnapshots } from '../list-snapshots.ts';
import { prune } from '../prune.ts';
import { rollback } from '../rollback.ts';
import {
  buildForHosts,
  checkWhole,
  deployHost,
  folderTarget,
  liveIn,
  makeHostBuilds,
  readIn,
} from './fixture-hosts.ts';
import { LocalShell } from './shell.ts';

const builds = await makeHostBuilds({ after });
const { first, second } = builds;

for (const [rule, check] of Object.entries(RULES)) {
  test(`in a folder ${rule}`, async (t) => {
    const root = path.join(await makeFolder(t), "it's a [folder]");
    await check(folderTarget(root).bucket);
    const left = await readdir(path.join(root, '.incoming')).catch(() => []);
    assert.deepEqual(
      left.filter((name) => name !== 'lock'),
      [],
      'nothing is left half-written',
    );
  });
}

test('in a folder that does not exist nothing is stored, and reading makes none', async (t) => {
  const root = path.join(await makeFolder(t), 'none');
  const target = folderTarget(root);
  assert.deepEqual(await listSnapshots(target), []);
  await assert.rejects(rollback({ target }), /no other snapshot was ever live/);
  await assert.rejects(readdir(root), { code: 'ENOENT' });
});

test('a site is deployed, deployed again, rolled back and pruned', async (t) => {
  const root = await makeFolder(t);
  const target = folderTarget(root);
  const live = async () => (await liveIn(root, builds))?.snapshot.id;
  const ids = [first.snapshot.id, second.snapshot.id];

  const { upload, liveId } = await deployHost(target, first);
  assert.equal(upload.transfers.length, first.files.length);
  assert.equal(liveId, null);
  await checkWhole(readIn(root), first, 'after the first deploy');
  const current = await readFile(path.join(root, 'current/snapshot.json'));
  assert.ok(current.equals(first.manifest), 'current is a build');
  await checkWhole(
    readIn(path.join(root, 'current')),
    { ...first, files: first.files.map((file) => ({ ...file, key: file.path })) },
    'below current, as a build',
  );
  assert.equal((await deployHost(target, first)).isLive, true);

  const next = await deployHost(target, second);
  assert.ok(next.upload.transfers.some(({ from }) => from !== undefined));
  assert.equal(await live(), ids[1]);
  for (const build of [first, second]) await checkWhole(readIn(root), build, 'after the second');

  assert.equal((await rollback({ target })).id, ids[0]);
  assert.equal(await live(), ids[0]);
  const snapshots = await listSnapshots(target);
  assert.deepEqual(
    snapshots.map(({ id, isLive }) => [id, isLive]),
    ids.map((id, i) => [id, i === 0]),
  );

  const now = new Date(Date.now() + 48 * 3_600_000);
  const { removed } = await prune({ target, keep: 1, edgeMs: 3_600_000, now });
  assert.deepEqual(removed, [ids[1]]);
  await checkWhole(readIn(root), first, 'after the prune');
  for (const folder of ['snapshots', 'manifests', 'builds']) {
    const left = await readdir(path.join(root, folder));
    assert.ok(
      left.every((name) => name.startsWith(ids[0] ?? '')),
      `${folder}: ${left}`,
    );
    assert.equal(left.length, 1);
  }
});

test('a build with other files for hosts replaces that of the same snapshot', async (t) => {
  const folder = await makeFolder(t);
  const root = path.join(folder, 'root');
  const target = folderTarget(root);
  await deployHost(target, first);
  const other = await buildForHosts(path.join(folder, 'dist'), CATALOGS.first, {
    hosts: ['nginx', 'haproxy'],
    compress: 'both',
  });
  assert.equal(other.snapshot.id, first.snapshot.id);
  assert.notEqual(other.router, first.router);
  const { isLive, upload } = await deployHost(target, other);
  assert.equal(isLive, false);
  assert.ok(upload.present > 0, 'files of the snapshot are there');
  await checkWhole(readIn(root), other, 'after the second deploy');
  assert.equal((await liveIn(root, { ...builds, first: other }))?.router, other.router);
  assert.ok(other.files.some(({ key }) => key.endsWith('.gz')));
});

test('a file that is damaged in the folder is found before anything goes live', async (t) => {
  const root = await makeFolder(t);
  const target = folderTarget(root);
  const [file] = second.files;
  const damaged = path.join(root, file?.key ?? '');
  await mkdir(path.dirname(damaged), { recursive: true });
  await writeFile(damaged, 'x'.repeat(file?.size ?? 0));
  await assert.rejects(deployHost(target, second), {
    name: 'UserError',
    message:
      /1 of \d+ files in .* damaged: nothing went live; remove them there.*\n.*does not have/,
  });
  assert.equal(await liveIn(root, builds), undefined);
  await unlink(damaged);
  await deployHost(target, second);
  assert.equal(await liveIn(root, builds), second);

  await deployHost(target, builds.third);
  await unlink(damaged);
  await assert.rejects(rollback({ target }), /nothing went live.*\n.*is missing/);
  assert.equal(await liveIn(root, builds), builds.third);
});

test('a build that is changed while it is sent does not go live', async (t) => {
  const folder = await makeFolder(t);
  const build = await buildForHosts(path.join(folder, 'dist'), CATALOGS.first);
  const file = build.files.find(({ key }) => key.startsWith('snapshots/'));
  await writeFile(path.join(build.dir, file?.path ?? ''), 'y'.repeat(file?.size ?? 0));
  const root = path.join(folder, 'root');
  await assert.rejects(deployHost(folderTarget(root), build), /files in .* damaged: nothing went/);
  assert.equal(await liveIn(root, builds), undefined);
});

test('the command that hosts follow by runs after the switch, and again where a deploy finds its build live', async (t) => {
  const root = await makeFolder(t);
  const seen: unknown[] = [];
  const target = {
    ...folderTarget(root),
    after: async () => void seen.push((await liveIn(root, builds))?.router),
  };
  await deployHost(target, first);
  await deployHost(target, first);
  await deployHost(target, second);
  await rollback({ target });
  assert.deepEqual(seen, [first.router, first.router, second.router, first.router]);
});

test('if that command fails, the build before is live again, and the command runs for it', async (t) => {
  const root = await makeFolder(t);
  await deployHost(folderTarget(root), first);
  const seen: unknown[] = [];
  const target = {
    ...folderTarget(root),
    after: async () => {
      const live = await liveIn(root, builds);
      seen.push(live?.router);
      if (live === second) throw new UserError('nginx: configuration file test failed');
    },
  };
  await assert.rejects(deployHost(target, second), {
    message: new RegExp(`configuration file test failed: ${first.snapshot.id} is live again`),
  });
  assert.equal(await liveIn(root, builds), first);
  assert.deepEqual(seen, [second.router, first.router]);
});

test('a link that no deploy made is left alone', async (t) => {
  const root = await makeFolder(t);
  await symlink('releases/5', path.join(root, 'current'));
  await assert.rejects(
    deployHost(folderTarget(root), first),
    /current leads to releases\/5, which/,
  );
});

test('a folder that cannot be written is reported, and nothing goes live', async (t) => {
  const root = await makeFolder(t);
  await writeFile(path.join(root, '.incoming'), 'a file');
  await assert.rejects(deployHost(folderTarget(root), first), {
    name: 'UserError',
    message: /cannot be written, (EEXIST|ENOTDIR)/,
  });
});

// The tool of the script that fails, what it says, what the operator is told.
const failures: readonly (readonly [string, string, RegExp])[] = [
  [
    'cat',
    'cat: write error: No space left on device',
    /cannot .*, cat: write error: No space left on device$/,
  ],
  ['mv', "mv: cannot move 'x': Read-only file system", /cannot .*Read-only file system$/],
  ['flock', '', /another command holds \.incoming\/lock: wait for it$/],
  ['find', 'find: x: Input/output error', /cannot list .*Input\/output error$/],
];

for (const [tool, message, expected] of failures) {
  test(`where ${tool} fails, the reason is reported, and nothing goes live`, async (t) => {
    const folder = await makeFolder(t);
    const root = path.join(folder, 'root');
    await deployHost(folderTarget(root), first);
    const script = `#!/bin/sh\nprintf '%s\\n' ${JSON.stringify(message)} >&2\nexit 1\n`;
    await writeFile(path.join(folder, tool), script, { mode: 0o755 });
    const shell = new LocalShell(root, {
      ...process.env,
      PATH: `${folder}:${process.env['PATH']}`,
    });
    await assert.rejects(deployHost(folderTarget(root, shell), second), {
      name: 'UserError',
      message: expected,
    });
    assert.equal(await liveIn(root, builds), first);
    await deployHost(folderTarget(root), second);
    assert.equal(await liveIn(root, builds), second);
  });
}

test('two writers under one condition: one wins, also of many', async (t) => {
  const { bucket } = folderTarget(await makeFolder(t));
  const etag = await put(bucket, 'a', '0');
  const texts = Array.from({ length: 12 }, (_, i) => `${i + 1}`);
  const ended = await Promise.allSettled(texts.map((text) => put(bucket, 'a', text, etag)));
  assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('of two deploys to a folder at once one wins, or the second has seen the first, and what is live is whole', async (t) => {
  for (let i = 0; i < 4; i++) {
    const root = await makeFolder(t);
    await deployHost(folderTarget(root), first);
    const options = { isForced: true, concurrency: 1 };
    const ended = await Promise.allSettled(
      [second, builds.third].map((build) => deployHost(folderTarget(root), build, options)),
    );
    const failed = ended.filter((end) => end.status === 'rejected');
    assert.ok(failed.length < 2, String(failed.map((end) => end.reason)));
    for (const { reason } of failed) assert.match(reason.message, /somebody else published since/);
    const live = await liveIn(root, builds);
    assert.ok(live && live !== first);
    await checkWhole(readIn(root), live, 'after both');
  }
});
