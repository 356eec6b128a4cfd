import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../../test/make-folder.ts';
import { edgeFiles } from '../../edge-files.ts';
import { fixtureTable } from '../../embedded/site/fixture-site.ts';
import { claimFolder } from './claim-folder.ts';
import {
  configuredMachine,
  configureNginx,
  listenOn,
  recordProcess,
  runningPid,
  toUrl,
} from './nginx-process.ts';

// Contents of the pid file. A signal to process 0 or -1 would reach all processes of a group, or of a user.
const pids: readonly string[] = [
  // Alive, and no nginx.
  `${process.pid}\n`,
  String(process.pid),
  '1\n',
  '',
  '\n',
  '0\n',
  '-1\n',
  `-${process.pid}`,
  '1.5',
  'nginx',
  // Larger than any process id of Linux.
  '4194305',
];

for (const text of pids) {
  test(`a pid file that holds ${JSON.stringify(text)} names no nginx`, async (t) => {
    const root = await makeFolder(t);
    await writeFile(path.join(root, 'nginx.pid'), text);
    assert.equal(await runningPid(root), undefined);
  });
}

/** A process that is called `title`, and is named in the pid file of a folder. */
async function pretend(t: TestContext, root: string, title: string): Promise<number> {
  const script = 'process.stdin.resume(); process.title = process.argv[1]; console.log("")';
  const padding = 'x'.repeat(title.length);
  const child = spawn(process.execPath, ['-e', script, title, padding]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await writeFile(path.join(root, 'nginx.pid'), `${child.pid}\n`);
  return child.pid ?? assert.fail();
}

// The command line of a process, with DIR for the folder, whether it can be the nginx of that folder.
const titles: readonly (readonly [string, boolean])[] = [
  ['nginx: master process nginx -p DIR -c DIR/nginx.conf', true],
  ['nginx: master process nginx -p DIR/other -c DIR/other/nginx.conf', false],
  ['nginx: master process nginx -p /srv -c /srv/nginx.conf', false],
  ['nginx: worker process', false],
  ['tail nginx: master process nginx -p DIR -c DIR/nginx.conf', false],
];

for (const [title, isOurs] of titles) {
  test(`a process called ${title} is ${isOurs ? 'the' : 'no'} nginx of DIR`, {
    skip: process.platform !== 'linux' && 'titles are read from /proc',
  }, async (t) => {
    const root = await makeFolder(t);
    const pid = await pretend(t, root, title.replaceAll('DIR', root));
    assert.equal(await runningPid(root), isOurs ? pid : undefined);
    if (!isOurs) return;
    await recordProcess(root);
    assert.equal(await runningPid(root), pid);
    const record = path.join(root, 'marketplace-nginx.json');
    await writeFile(record, JSON.stringify({ pid, begun: '1' }));
    assert.equal(await runningPid(root), undefined, 'another one began under the same id');
    await writeFile(record, 'no JSON');
    assert.equal(await runningPid(root), pid, 'what has no record is known by its command');
  });
}

/** Of a build. */
async function ownConfig(): Promise<string> {
  const table = fixtureTable('0123456789abcdef');
  const files = await edgeFiles({ table, files: [], compress: 'off', hosts: ['nginx'] });
  return String(files.find(({ path: name }) => name === 'edge/nginx.conf')?.content);
}

test('a configuration that somebody else wrote or changed is left as it is', async (t) => {
  const root = await makeFolder(t);
  const file = path.join(root, 'nginx.conf');
  await mkdir(path.join(root, 'edge'));
  await writeFile(path.join(root, 'edge/nginx.conf'), await ownConfig());
  const configure = () =>
    configureNginx({ command: 'nginx', njs: '/opt/modules' }, root, { listen: '127.0.0.1:1' });
  await configure();
  await configure();
  const own = await readFile(file, 'utf8');
  const others = ['', 'user me;\n', `${own}# mine\n`, own.replace(/^#.*\n/, ''), `\n${own}`];
  for (const other of others) {
    await writeFile(file, other);
    await assert.rejects(
      configure,
      /nginx\.conf is not as the nginx command wrote it: move it away/,
    );
    assert.equal(await readFile(file, 'utf8'), other);
  }
});

// The content of a folder, whether npm run nginx may claim it.
const folders: readonly (readonly [readonly string[], boolean])[] = [
  [[], true],
  [['marketplace-nginx.json', 'snapshots', 'odd'], true],
  [['notes.txt'], false],
  [['snapshots', 'bundles'], false],
  [['.git'], false],
  [['nginx.conf', 'nginx.pid'], false],
];

for (const [names, isFree] of folders) {
  test(`a folder that holds [${names}] ${isFree ? 'may' : 'may not'} become nginx's own`, async (t) => {
    const root = await makeFolder(t);
    for (const name of names) await writeFile(path.join(root, name), 'theirs');
    if (isFree) assert.equal(await claimFolder(root), root);
    else
      await assert.rejects(
        claimFolder(root),
        /is not a folder of npm run nginx: it holds .* --root/,
      );
    for (const name of names) assert.equal(await readFile(path.join(root, name), 'utf8'), 'theirs');
    assert.equal((await readdir(root)).includes('marketplace-nginx.json'), isFree);
  });
}

test('without a pid file nothing runs', async (t) => {
  assert.equal(await runningPid(await makeFolder(t)), undefined);
});

// Host, port, what nginx listens on, the address for a client.
const addresses: readonly (readonly [string, number, string, string])[] = [
  ['127.0.0.1', 8085, '127.0.0.1:8085', 'http://127.0.0.1:8085'],
  ['0.0.0.0', 80, '0.0.0.0:80', 'http://localhost:80'],
  ['::', 8085, '[::]:8085', 'http://localhost:8085'],
  ['::1', 8085, '[::1]:8085', 'http://[::1]:8085'],
  ['plugins.example.com', 443, 'plugins.example.com:443', 'http://plugins.example.com:443'],
  ['10.0.0.0', 1, '10.0.0.0:1', 'http://10.0.0.0:1'],
];

for (const [host, port, listen, url] of addresses) {
  test(`an nginx at ${host} port ${port} listens on ${listen} and is called by ${url}`, async (t) => {
    assert.equal(listenOn(host, port), listen);
    assert.equal(toUrl(listen), url);
    const root = await makeFolder(t);
    await mkdir(path.join(root, 'edge'));
    await writeFile(path.join(root, 'edge/nginx.conf'), await ownConfig());
    await configureNginx({ command: 'nginx', njs: '/opt/$&/modules' }, root, {
      listen,
      users: '/a "b/$&',
    });
    assert.deepEqual(await configuredMachine(root), { listen, users: '/a "b/$&' });
    const text = await readFile(path.join(root, 'nginx.conf'), 'utf8');
    assert.match(text, /^load_module \/opt\/\$&\/modules\//m, 'taken literally');
    assert.match(text, /^ {2}include edge\/nginx-njs\.conf;$/m);
    assert.doesNotMatch(text, /^ *include \S*nginx-refuse\.conf;$/m);
  });
}
