import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../../test/make-folder.ts';
import { builtSite } from '../../../../test/sites/built-site.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { UserError } from '../../../lib/errors.ts';
import { signedFile } from '../../../snapshot/parse-snapshot.ts';
import { addBuild, removeOtherSnapshots } from './add-build.ts';

async function build(t: TestContext, version: string) {
  const manifest = { id: 'jira', name: 'Jira', version };
  const site = await builtSite(parseCatalog(JSON.stringify([{ manifest }]), 'a.json').releases);
  t.after(site.remove);
  return site;
}

test('a build is added beside the one before, and nginx reads its router next', async (t) => {
  const root = await makeFolder(t);
  const [first, second] = [await build(t, '1.0.0'), await build(t, '2.0.0')];
  const router = () => readFile(path.join(root, 'edge/nginx.js'), 'utf8');
  assert.equal(await addBuild(first.out, root), first.id);
  assert.ok((await router()).includes(first.id));
  assert.equal(await addBuild(second.out, root), second.id);
  assert.ok((await router()).includes(second.id));
  const snapshots = () => readdir(path.join(root, 'snapshots'));
  assert.deepEqual(await snapshots(), [first.id, second.id].sort());
  await mkdir(path.join(root, 'snapshots', `${first.id}.making-1`));
  await removeOtherSnapshots(root, [second.id]);
  assert.deepEqual(await snapshots(), [second.id]);
});

test('where a snapshot cannot be added, nginx keeps the router of the one before', async (t) => {
  const root = await makeFolder(t);
  const [first, second] = [await build(t, '1.0.0'), await build(t, '2.0.0')];
  await addBuild(first.out, root);
  const edge = await readFile(path.join(root, 'edge/nginx.js'));
  await rm(path.join(second.out, 'snapshots', second.id), { recursive: true });
  await assert.rejects(addBuild(second.out, root), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, /snapshots\/[0-9a-f]+ cannot be copied to /);
    return true;
  });
  assert.deepEqual(await readFile(path.join(root, 'edge/nginx.js')), edge);
});

// What replaces a file or folder of a build.
const strangers: readonly [string, string, (target: string) => unknown][] = [
  ['a link to a file', 'api/labels.json', (target) => symlink('/etc/passwd', target)],
  ['a link to a folder', 'site', (target) => symlink('/etc', target)],
  ['a link inside the build', 'api/labels.json', (target) => symlink('health.json', target)],
  ['a link to nothing', 'more.json', (target) => symlink('/no/such/file', target)],
  ['a pipe', 'api/labels.json', (target) => execFileSync('mkfifo', [target])],
];

for (const [what, name, put] of strangers) {
  test(`${what} in a snapshot is not put where nginx serves from`, async (t) => {
    const root = await makeFolder(t);
    const { out, id } = await build(t, '1.0.0');
    const target = path.join(out, 'snapshots', id, name);
    await rm(target, { recursive: true, force: true });
    await put(target);
    await assert.rejects(addBuild(out, root), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.ok(error.message.includes(`${target} is neither a file nor a folder`), error.message);
      return true;
    });
    assert.ok(!(await readdir(path.join(root, 'snapshots'))).includes(id), 'it is served');
  });
}

test('what was signed about a snapshot since it was added is taken over, and nothing that is no such file', async (t) => {
  const root = await makeFolder(t);
  const { out, id } = await build(t, '1.0.0');
  await addBuild(out, root);
  const [own, served] = [out, root].map((folder) => path.join(folder, signedFile(id))) as [
    string,
    string,
  ];
  await rm(own);
  await writeFile(own, '{"signed":"x","signature":"y"}\n');
  assert.equal(await readFile(served, 'utf8'), '{"signed":null}\n', 'until it is added again');
  await addBuild(out, root);
  assert.equal(await readFile(served, 'utf8'), '{"signed":"x","signature":"y"}\n');
  for (const put of [
    () => symlink('/etc/passwd', own),
    () => writeFile(own, 'x'.repeat(100_000)),
  ]) {
    await rm(own);
    await put();
    await assert.rejects(addBuild(out, root), /signed\.json is not a file of at most 65536 bytes/);
    assert.equal(await readFile(served, 'utf8'), '{"signed":"x","signature":"y"}\n');
  }
});
