import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import glob from 'fast-glob';
import { send } from '../../src/hosts/embedded/fixture-client.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { userLine } from '../../src/hosts/users.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { installAll } from '../../test/engines/mattermost-server.ts';
import { skipWithoutNginx } from '../../test/engines/nginx.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { readBlock } from '../../test/read-block.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { catalog } from '../catalog/catalog.ts';
import { makeProject } from '../catalog/fixture-catalog-command.ts';
import { importCatalog } from '../catalog/import.ts';
import type { Command } from '../cli/command.ts';
import {
  release,
  run,
  runHere,
  start,
  waitForOutput,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { diff } from '../diff/diff.ts';
import { probe } from '../probe/probe.ts';
import { build } from '../site/build.ts';
import { endNginx } from './fixture-nginx.ts';
import { nginx } from './nginx.ts';
import { serve } from './serve.ts';
import { users } from './users.ts';

const little = ['--search', 'off', '--every-page-size', 'off', '--page-sizes', '100'];
const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** Makes a user, and gives the password that is shown. */
async function makeUser(cwd: string, name = 'servers'): Promise<string> {
  const { code, stdout, stderr } = await runHere(users, [name, '--users', 'users'], { cwd });
  assert.equal(code, 0, stderr);
  const [, password] = /^[^:]+:([\w-]{32})\n$/.exec(stdout) ?? [];
  assert.ok(password, stdout);
  assert.ok(!stderr.includes(password));
  return password;
}

async function makeSite(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('jira', '1.0.0')]);
  return cwd;
}

test('a user has one line, in a file for its owner, and a new password by the same command', async (t) => {
  const cwd = await makeFolder(t);
  const read = () => readFile(path.join(cwd, 'users'), 'utf8');
  const first = await makeUser(cwd);
  assert.equal((await stat(path.join(cwd, 'users'))).mode & 0o777, 0o600);
  const line = await read();
  await makeUser(cwd, 'people');
  const second = await makeUser(cwd);
  assert.notEqual(first, second);
  const lines = (await read()).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((each) => each.split(':')[0]),
    ['people', 'servers'],
  );
  assert.ok(!lines.includes(line.trimEnd()));
  for (const password of [first, second]) assert.ok(!lines.join().includes(password));
});

test('a new password takes the place of the old one, however the file was edited', async (t) => {
  const cwd = await makeFolder(t);
  const file = path.join(cwd, 'users');
  await makeUser(cwd, 'people');
  await makeUser(cwd);
  const edited = (await readFile(file, 'utf8')).replace(/^/gm, '  ').replaceAll('\n', ' \r\n');
  await writeFile(file, `# ours\r\n${edited}`);
  await makeUser(cwd);
  const lines = (await readFile(file, 'utf8')).split('\n');
  assert.deepEqual(
    lines.map((each) => each.replace(/:.*/, '')),
    ['# ours', 'people', 'servers', ''],
  );
});

// The arguments of npm run users, its error message.
const misused: readonly (readonly [readonly string[], RegExp])[] = [
  [['a:b', '--users', 'users'], /a user has a name of letters, digits/],
  [['servers'], /name the file of users with --users/],
  [['servers', '--users', 'no/such/users'], /no\/such\/users cannot be written.*folder/],
  [[], /name one user, such as servers/],
];

for (const [args, message] of misused) {
  test(`npm run users ${args.join(' ')} makes nobody`, async (t) => {
    const { code, stdout, stderr } = await runHere(users, args, { cwd: await makeFolder(t) });
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}

const [firstLine, secondLine] = ['one', 'other'].map((each) => userLine('secret', each));

// A file of users, the error message of a build, which must not show its lines.
const broken: readonly (readonly [string, RegExp])[] = [
  // Of two, nginx knows the first, and our routers would know both.
  [`${firstLine}\n${secondLine}\n`, /users:2.* is another password of the same user/],
  // nginx takes the blank for a part of the name.
  [` ${firstLine}\n`, /users:1.* is no user that npm run users made/],
  ['', /users has 0 users, and must have 1 to 50: add one with npm run users -- NAME/],
  ['# nobody\n\n', /has 0 users/],
  ['secret:password\n', /users:1.* is no user that npm run users made/],
  ['\n#\nsecret:$6$salt$hash\n', /users:3.* is no user that npm run users made/],
];

for (const [text, message] of broken) {
  const shown = JSON.stringify(text.replace(/\{SSHA\}\S+/g, '…'));
  test(`nothing is built with the users ${shown}`, async (t) => {
    const cwd = await makeSite(t);
    await writeFile(path.join(cwd, 'users'), text);
    const { code, stderr } = await runHere(build, [...little, '--users', 'users'], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /secret|password\b(?! is| of)|\$6/);
    await assert.rejects(stat(path.join(cwd, 'dist')));
  });
}

test('what is to be for users only is not served to everybody', {
  skip: skipWithoutNginx,
}, async (t) => {
  const cwd = await makeSite(t);
  await makeUser(cwd);
  const env = { PATH: process.env['PATH'] ?? '' };
  const here = (command: Command, ...args: string[]) => runHere(command, args, { cwd, env });
  await here(build, ...little);
  const served = await here(serve, '--users', 'users', '--port', '0');
  assert.equal(served.code, 1);
  assert.match(served.stderr, /dist\/ was built without users: build it again, with --users/);
  const built = await here(build, ...little, '--users', 'users');
  assert.match(
    built.stdout,
    /^ *Users +1; nginx, Apache, .* let everyone in without the lines of/m,
  );
  endNginx(t, path.join(cwd, '.nginx'));
  const open = await here(nginx, '--daemon', '--port', String(await freePort()));
  assert.equal(open.code, 1);
  assert.match(open.stderr, /was built for users only: name their file with --users/);
  const missing = await here(nginx, '--daemon', '--users', 'nobody', '--port', '1');
  assert.match(missing.stderr, /nobody: does not exist/);
});

test('npm run nginx asks for the password, also after a reload that does not name the users', {
  skip: skipWithoutNginx,
}, async (t) => {
  const cwd = await makeSite(t);
  await chmod(cwd, 0o755);
  const password = await makeUser(cwd);
  await chmod(path.join(cwd, 'users'), 0o644);
  await runHere(build, [...little, '--users', 'users'], { cwd });
  endNginx(t, path.join(cwd, '.nginx'));
  const port = String(await freePort());
  const args = ['--daemon', '--users', 'users', '--port', port];
  const started = await run(t, { program: 'nginx', args, cwd });
  assert.equal(started.code, 0, started.stderr);
  const check = async () => {
    const url = `http://127.0.0.1:${port}/api/v1/plugins`;
    assert.equal((await send(url)).status, 401);
    const headers = { authorization: header(`servers:${password}`) };
    assert.equal((await send(url, { headers })).status, 200);
  };
  await check();
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('jira', '1.1.0')]);
  await runHere(build, [...little, '--users', 'users'], { cwd });
  const env = { PATH: process.env['PATH'] ?? '' };
  const reloaded = await runHere(nginx, ['--reload'], { cwd, env });
  assert.equal(reloaded.code, 0, reloaded.stderr);
  await check();
});

test('the commands of docs/private.md serve one who has the password, and nobody else', async (t) => {
  const cwd = await makeSite(t);
  const block = await readBlock('docs/private.md', 'sh', 'npm run users');
  const commands = block
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +#.*/, '').split(' ').slice(2))
    .map(([program = '', , ...args]) => ({ program, args, cwd }));
  const [makeUsers, makeBuild, makeServer] = commands;
  assert.ok(makeUsers && makeBuild && makeServer);
  const made = await run(t, makeUsers);
  const userAndPassword = made.stdout.trim();
  const built = await run(t, makeBuild);
  assert.equal(built.code, 0, built.stderr);
  const port = String(await freePort());
  const serving = start(t, { ...makeServer, args: [...makeServer.args, '--port', port, '--log'] });
  await waitForOutput(serving, 'Serving');
  const url = `http://127.0.0.1:${port}/api/v1/plugins`;
  assert.equal((await send(url)).status, 401);
  const headers = { authorization: header(userAndPassword) };
  assert.equal((await send(url, { headers })).status, 200);
  serving.child.kill('SIGTERM');
  await serving.ended;
  const password = userAndPassword.split(':')[1] as string;
  assert.match(serving.stderr, / 401 /);
  assert.ok(!(serving.stderr + serving.stdout + built.stdout + built.stderr).includes(password));
});

test('a password in an address is sent there, and is in no output and no file', async (t) => {
  const cwd = await makeSite(t);
  const password = await makeUser(cwd);
  const written: string[] = [];
  const log = (line: string) => written.push(line);
  const run = async (command: Command, args: readonly string[], env = {}) => {
    const ran = await runHere(command, args, { cwd, env });
    written.push(ran.stdout, ran.stderr);
    return ran;
  };
  await run(build, [...little, '--users', 'users', '--dir', 'served']);
  const server = await startServer({
    dir: path.join(cwd, 'served'),
    host: '127.0.0.1',
    port: 0,
    log,
    report: log,
  });
  t.after(() => server.close());
  const as = (user: string) => server.url.replace('//', `//${user}@`);
  const right = as(`servers:${password}`);
  // One that has to be escaped, and would be shown if only the escaped one were looked for.
  const wrong = as(`servers:x%40${password}`);

  assert.equal((await run(importCatalog, [right, '--out', 'imported.json'])).code, 0);
  assert.match(await readFile(path.join(cwd, 'imported.json'), 'utf8'), /"jira"/);
  const refused = await run(importCatalog, [wrong]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /answers 401 Unauthorized.* it is for users only: put one into/);

  const over = [...little, '--hosts', 'nginx', '--refresh'];
  const laid = await run(build, over, { BUILD_UPSTREAM_URL: right, MARKETPLACE_SITE_URL: right });
  assert.equal(laid.code, 0, laid.stderr);
  const lock = JSON.parse(await readFile(path.join(cwd, 'marketplace.upstream.json'), 'utf8'));
  assert.equal(lock.url, server.url);
  const about = await readFile(
    (await glob('dist/snapshots/*/site/about/index.html', { cwd, absolute: true }))[0] ?? '',
    'utf8',
  );
  assert.ok(about.includes(server.url));
  await run(build, over, { BUILD_UPSTREAM_URL: wrong });
  await run(build, little, { BUILD_UPSTREAM_URL: as(`other:${password}`) });
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify({ siteUrl: right }));
  assert.notEqual((await run(build, little)).code, 0, 'the file is for everybody');
  await writeFile(path.join(cwd, 'marketplace.config.json'), '{}');
  await run(build, [...little, '--site-url', `${right}/?x`]);
  await run(build, [...little, '--upstream', right.replace('http:', 'ftp:')]);

  const good = await run(probe, [right, '--dir', 'served', '--max-requests', '60']);
  assert.doesNotMatch(good.stdout, /unasked|401/);
  await run(probe, [wrong, '--max-requests', '20']);

  // Typed where no address belongs.
  for (const [command, args] of [
    [build, [right]],
    [build, [`--upstrem=${right}`]],
    [build, ['--catalog', right]],
    [catalog, [right]],
    [diff, [right, 'plugins.json']],
    [importCatalog, [right, right]],
    // As of a password with a slash in front.
    [probe, [right.replace('servers:', 'servers:12/')]],
    [probe, [right.replace('servers:', 'servers:ab/')]],
    [importCatalog, [right.replace('servers:', 'servers:12/')]],
  ] as const) {
    const { code, stderr } = await run(command, args);
    assert.notEqual(code, 0);
    assert.match(stderr, /^error: /);
  }

  const elsewhere = await startLoopback(t, (request, response) => {
    if (request.headers.authorization) log(`sent on: ${request.headers.authorization}`);
    response.end('[]');
  });
  const leading = await startLoopback(t, (_, response) => {
    response.writeHead(302, { location: `${elsewhere.url}/catalog.json` }).end();
  });
  const led = leading.url.replace('//', `//servers:${password}@`);
  assert.equal((await run(importCatalog, [led])).code, 1);
  assert.deepEqual(elsewhere.asked, [], 'no other origin gets the password');

  const secrets = [
    password,
    header(`servers:${password}`).slice(6),
    encodeURIComponent(`x@${password}`),
  ];
  for (const text of written) for (const secret of secrets) assert.ok(!text.includes(secret), text);
  for (const file of await allFiles(cwd)) {
    const text = await readFile(file, 'latin1');
    for (const secret of secrets) assert.ok(!text.includes(secret), file);
  }
});

test('a deploy asks a site for users with the password in its address, and shows it nowhere', async (t) => {
  const cwd = await makeSite(t);
  const password = await makeUser(cwd);
  const written: string[] = [];
  const deploy = async (...args: string[]) => {
    const ran = await run(t, {
      program: 'deploy',
      args: ['--to', `dir:${cwd}/site`, '--probe-seconds', '20', ...args],
      cwd,
      env: { MARKETPLACE_SITE_URL: url },
    });
    written.push(ran.stdout, ran.stderr);
    return ran;
  };
  let url = '';
  const releases: object[] = [];
  const buildHere = async (version: string) => {
    releases.push(release('jira', version));
    await writeCatalog(path.join(cwd, 'plugins.json'), releases);
    await runHere(build, [...little, '--users', 'users', '--hosts', 'nginx'], { cwd });
  };
  await buildHere('1.0.0');
  assert.equal((await deploy('--no-probe')).code, 0, written.join());
  const dir = path.join(cwd, 'site/current');
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 100 });
  t.after(() => server.close());

  url = server.url.replace('//', `//servers:${password}@`);
  await buildHere('1.1.0');
  const good = await deploy();
  assert.equal(good.code, 0, good.stderr);
  const { snapshotId } = server;
  url = server.url.replace('//', `//servers:x${password}@`);
  await buildHere('1.2.0');
  const wrong = await deploy();
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /the site does not answer like snapshot .* is live again/s);
  assert.match(wrong.stderr, /401 \w+ is the answer, expected 200/);
  await server.reload();
  assert.equal(server.snapshotId, snapshotId);
  assert.ok(!written.join().includes(password));
});

test('a server with the password in MarketplaceURL installs out of a pack, and one without lists nothing', async (t) => {
  const key = await makeSigningKey();
  const bundle = await makeBundle(makeManifest('com.example.abc', '1.2.0'));
  const store = await startLoopback(t, serveFiles({ '/abc.tar.gz': bundle }));
  const signature = (await key.sign(bundle)).toString('base64');
  const manifest = makeManifest('com.example.abc', '1.2.0');
  const entry = { download_url: `${store.url}/abc.tar.gz`, signature, manifest };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const password = await makeUser(cwd);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const here = async (command: Command, ...args: string[]) => {
    const { code, stdout, stderr } = await runHere(command, args, { cwd });
    assert.equal(code, 0, stdout + stderr);
  };
  await here(catalog, 'mirror', '--to', 'pack', '--base-url', url, '--key', 'key.asc');
  await here(build, ...little, '--catalog', 'pack/plugins.json', '--users', 'users');
  const dir = path.join(cwd, 'dist');
  const bundles = path.join(cwd, 'pack');
  const running = await startServer({ dir, bundles, host: '127.0.0.1', port });
  t.after(() => running.close());

  const server = {
    version: '11.6.0',
    marketplaceUrl: url.replace('//', `//servers:${password}@`),
    keyFiles: [path.join(cwd, 'key.asc')],
    settings: ['PluginSettings.AllowInsecureDownloadURL'],
  };
  assert.deepEqual(await installAll(t, server), ['com.example.abc@1.2.0']);
  await assert.rejects(installAll(t, { ...server, marketplaceUrl: url }), /401/);
  for (const name of ['', 'x.tar.gz', '../pack.json', 'com.example.abc-1.2.0.tar.gz']) {
    assert.equal((await send(url, { path: `/bundles/${name}` })).status, 401, name);
  }
});

async function allFiles(cwd: string): Promise<string[]> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
