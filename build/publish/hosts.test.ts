import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, readlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Miniflare } from 'miniflare';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import type { Bucket } from '../../src/publish/aws/target.ts';
import { CATALOGS, release } from '../../src/publish/fixture-publish.ts';
import {
  assertInstalls,
  bodiesOf,
  buildForHosts,
  makeInstallable,
  TARGETS,
} from '../../src/publish/hosts/fixture-hosts.ts';
import { skipWithoutSsh, startSshd } from '../../src/publish/hosts/fixture-sshd.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { skipWithoutHaproxy, startHaproxy } from '../../test/engines/haproxy.ts';
import { skipWithoutNginx } from '../../test/engines/nginx.ts';
import { skipWithoutRadosgw, startRadosgw } from '../../test/engines/radosgw.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { readBlock } from '../../test/read-block.ts';
import { startLoad } from '../../test/trouble/load.ts';
import { run } from '../cli/fixture-command.ts';

const hosts = ['nginx', 'haproxy', 'cloudflare'] as const;

/** A readable folder with two builds, in turn in `dist`, and what runs commands there. */
async function prepare(t: TestContext, env: Readonly<Record<string, string>>) {
  const cwd = await makeFolder(t);
  await chmod(cwd, 0o755);
  const build = (name: keyof typeof CATALOGS) =>
    buildForHosts(path.join(cwd, 'dist'), CATALOGS[name], { hosts: [...hosts], compress: 'both' });
  const command = (program: string, ...args: string[]) => run(t, { program, args, cwd, env });
  const succeed = async (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = await command(program, ...args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  return { cwd, build, command, succeed };
}

/** Serves a folder by an nginx that includes the rules of its live build, as docs/hosting.md has it. */
async function startNginxOf(t: TestContext, root: string, folder: string) {
  const { command } = findNginx(process.env['PATH'] ?? '');
  const port = await freePort();
  const page = await readBlock('docs/hosting.md', 'nginx', 'include /srv/marketplace/edge');
  const block = page
    .replaceAll('/srv/marketplace/edge/', `${root}/current/edge/`)
    .replace('root /srv/marketplace;', `root ${root};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_.*\n/gm, '')
    .replace('location /marketplace/ {', 'location / {')
    .replace(/^ *set \$marketplace_prefix.*\n/m, '');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/temp;`,
  );
  const config = path.join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; pid ${folder}/nginx.pid; worker_processes 2; events { }
http { access_log off; map_hash_bucket_size 256; ${temporary.join(' ')}
${block}}
`,
  );
  const args = ['-e', 'stderr', '-p', folder, '-c', config];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await untilOk(url);
  return { url, reload: `${command} ${args.join(' ')} -s reload` };
}

async function untilOk(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const status = await send(`${url}/api/v1/labels`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    assert.ok(tries < 300, `${url} does not answer: ${status}`);
    await sleep(50);
  }
}

// How the folder is reached, why that is skipped.
const ways: readonly (readonly ['dir' | 'ssh', string | false])[] = [
  ['dir', skipWithoutNginx],
  ['ssh', skipWithoutNginx || skipWithoutSsh],
];

for (const [way, skip] of ways) {
  test(`by ${way} nginx and the embedded server are switched and switched back under load, without a wrong answer`, {
    skip,
  }, async (t) => {
    const sshd = way === 'ssh' ? await startSshd(t) : undefined;
    const env: Record<string, string> = sshd ? { PATH: sshd.PATH } : {};
    const { cwd, build, command, succeed } = await prepare(t, env);
    const root = path.join(cwd, 'srv');
    env['MARKETPLACE_TO'] = sshd ? `${sshd.url}${root}` : 'dir:srv';
    const first = await build('first');
    assert.match(
      await succeed('deploy', '--no-probe'),
      /^Snapshot \w{16} is live, in place of nothing\n.*\n {2}checked {2}the digests of \d+ files\n$/,
    );
    assert.equal(await readlink(path.join(root, 'current')), first.router);
    const nginx = await startNginxOf(t, root, cwd);
    const embedded = await startServer({
      dir: path.join(root, 'current'),
      host: '127.0.0.1',
      port: 0,
      pollMs: 50,
    });
    t.after(() => embedded.close());

    const before = await bodiesOf([first]);
    const second = await build('second');
    const after = await bodiesOf([second]);
    const expected = new Map(
      TARGETS.map((target) => [
        target,
        [...(before.get(target) ?? []), ...(after.get(target) ?? [])],
      ]),
    );
    // Once is enough.
    const loaded = way === 'dir' ? [nginx.url, embedded.url] : [];
    const loads = loaded.map((url, i) =>
      startLoad({ url, expected, oldest: () => 0, newest: () => 1, seed: i }),
    );
    const isServed = async (bodies: ReadonlyMap<string, readonly string[]>) => {
      for (const { url } of [nginx, embedded]) {
        for (const target of TARGETS) {
          assert.equal((await send(url + target)).body.toString(), bodies.get(target)?.[0], target);
        }
      }
    };
    const site = ['--after', nginx.reload, '--site-url', nginx.url];
    const deployed = JSON.parse(await succeed('deploy', '--json', ...site));
    assert.deepEqual([deployed.liveId, deployed.id], [first.snapshot.id, second.snapshot.id]);
    assert.ok(deployed.copied > 0 && deployed.uploaded > 0 && deployed.probes > 0);
    await sleep(500);
    await isServed(after);
    assert.equal(
      await succeed('rollback', ...site),
      `Snapshot ${first.snapshot.id} is live again, in place of ${second.snapshot.id}\n`,
    );
    await sleep(500);
    await isServed(before);
    for (const { stop } of loads) await stop();
    for (const { result } of loads) {
      assert.deepEqual(result.wrong, []);
      assert.ok(result.answers > 50, `${result.answers} answers`);
      t.diagnostic(`${result.answers} answers, ${result.troubles} troublemakers`);
    }

    assert.match(await succeed('snapshots'), new RegExp(`^.*\\n *${first.snapshot.id} +live `));
    assert.match(
      await succeed('prune', '--keep', '1'),
      new RegExp(`${second.snapshot.id} {2}kept`),
    );

    // What the site does not answer like is taken back.
    const stale = await command('deploy', '--site-url', nginx.url, '--probe-seconds', '1');
    assert.equal(stale.code, 1);
    assert.match(stale.stderr, new RegExp(`does not answer like .*: ${first.snapshot.id} is live`));
    assert.equal(await readlink(path.join(root, 'current')), first.router);
    const broken = await command('deploy', '--no-probe', '--after', 'echo bad config >&2; exit 1');
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /: bad config: \w{16} is live again\n$/);
    await buildForHosts(path.join(cwd, 'dist'), [release('jira', '1.0.0')]);
    const lost = await command('deploy', '--no-probe');
    assert.match(lost.stderr, /3 of 4 plugins are gone/);

    const { entry, key } = await makeInstallable(t, cwd);
    await buildForHosts(path.join(cwd, 'dist'), [entry]);
    await succeed('deploy', '--force', ...site);
    await assertInstalls(t, nginx.url, key);
    await assertInstalls(t, embedded.url, key);
  });
}

/** Serves what is in a bucket. */
async function serveBucket(t: TestContext, bucket: Bucket): Promise<string> {
  const server = createServer(async ({ url = '' }, outgoing) => {
    const stored = await bucket.get(url.slice(1)).catch(() => undefined);
    outgoing.writeHead(stored ? 200 : 404).end(stored?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs the worker with the module of docs/hosting.md, on files of a bucket. */
async function startWorker(t: TestContext, edge: string, bucket: Bucket): Promise<string> {
  const module = await readBlock('docs/hosting.md', 'js', 'import marketplace from');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modules: [
      { type: 'ESModule', path: 'worker.js', contents: module },
      {
        type: 'ESModule',
        path: '_worker.js',
        contents: await readFile(path.join(edge, '_worker.js'), 'utf8'),
      },
    ],
    compatibilityDate: '2026-04-01',
    r2Buckets: ['BUCKET'],
  });
  t.after(() => miniflare.dispose());
  const r2 = (await miniflare.getR2Bucket('BUCKET')) as unknown as {
    put(key: string, body: Uint8Array): Promise<unknown>;
  };
  for (const { key } of await bucket.list('snapshots/')) {
    // Not a Buffer, which Miniflare does not take.
    await r2.put(key, new Uint8Array((await bucket.get(key))?.body ?? []));
  }
  return (await miniflare.ready).origin;
}

test('a bucket without CloudFront, on a real S3 server behind HAProxy, is deployed to and rolled back', {
  skip: skipWithoutRadosgw || skipWithoutHaproxy,
}, async (t) => {
  const radosgw = await startRadosgw();
  t.after(() => radosgw.stop());
  const s3 = new S3Client({ ...radosgw, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'marketplace' }));
  const bucket = new S3Bucket(s3, 'marketplace');
  const { cwd, build, command, succeed } = await prepare(t, {
    AWS_ACCESS_KEY_ID: radosgw.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: radosgw.credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    MARKETPLACE_ENDPOINT: radosgw.endpoint,
    MARKETPLACE_REGION: radosgw.region,
    MARKETPLACE_PATH_STYLE: 'on',
    MARKETPLACE_BUCKET: 'marketplace',
  });
  const first = await build('first');
  const edge = path.join(cwd, 'edge-of-live');
  const copy = `rm -rf ${edge} && cp -r "$MARKETPLACE_BUILD" ${edge}`;
  const deployed = await succeed('deploy', '--no-probe', '--after', copy);
  assert.match(deployed, /is live, in place of nothing/);
  const files = await serveBucket(t, bucket);
  const haproxy = await startHaproxy(edge, {
    flags: ['-W'],
    variables: { MARKETPLACE_FILES: files },
  });
  t.after(haproxy.stop);
  const bodies = [await bodiesOf([first])];
  const second = await build('second');
  bodies.push(await bodiesOf([second]));
  const site = ['--after', `${copy} && kill -USR2 ${haproxy.pid}`, '--site-url', haproxy.url];
  const load = startLoad({
    url: haproxy.url,
    expected: new Map(
      TARGETS.map((target) => [target, bodies.map((of) => of.get(target)?.[0] ?? '')]),
    ),
    oldest: () => 0,
    newest: () => 1,
    seed: 1,
    closesNew: true,
  });
  const result = JSON.parse(await succeed('deploy', '--json', ...site));
  assert.deepEqual([result.liveId, result.id], [first.snapshot.id, second.snapshot.id]);
  assert.ok(result.copied > 0 && result.probes > 0);
  await succeed('rollback', ...site);
  await load.stop();
  assert.deepEqual(load.result.wrong, []);
  t.diagnostic(`${load.result.answers} answers`);
  for (const target of TARGETS) {
    const { body } = await send(haproxy.url + target);
    assert.equal(body.toString(), bodies[0]?.get(target)?.[0], target);
  }
  const pointer = await bucket.get('pointer.json');
  assert.equal(JSON.parse(pointer?.body.toString() ?? '').live.build, first.router);

  const { entry, key } = await makeInstallable(t, cwd);
  await buildForHosts(path.join(cwd, 'dist'), [entry], { hosts: [...hosts], compress: 'both' });
  await succeed('deploy', '--force', ...site);
  await assertInstalls(t, haproxy.url, key);
  await succeed('rollback', ...site);

  const worker = await startWorker(t, edge, bucket);
  for (const target of TARGETS) {
    const { status, body } = await send(worker + target);
    assert.deepEqual([status, body.toString()], [200, bodies[0]?.get(target)?.[0]], target);
  }
  assert.equal((await send(`${worker}/about/`)).status, 200, 'a web page');

  const unsaid = await command('deploy', '--no-probe', '--endpoint', 'nothing');
  assert.equal(unsaid.code, 2);
  assert.match(unsaid.stderr, /--endpoint takes a web address/);
});

// The arguments of a deploy, what is wrong with them.
const usages: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /not said where to publish: name a folder with --to, .* or a bucket with --bucket/],
  [['--bucket', 'b'], /the function is not set: .*--function.* name its server with --endpoint/],
  [['--to', '/srv'], /--to takes dir:FOLDER or ssh:/],
  [['--to', 'ssh://-oProxyCommand=x/srv'], /is not the address of a folder/],
  [['--to', 'dir:srv', '--bucket', 'b'], /--to names a folder, and --bucket .* name one/],
  [['--to', 'dir:srv'], /the address of the site is not set: .*--site-url, .*--no-probe/],
];

for (const [args, expected] of usages) {
  test(`deploy ${args.join(' ')} is wrong usage`, async (t) => {
    const { build, command } = await prepare(t, {});
    if (args.join(' ') === '--to dir:srv') await build('first');
    const { code, stderr } = await command('deploy', ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
  });
}
