import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../../../src/hosts/embedded/start-server.ts';
import { signedFile } from '../../../src/snapshot/parse-snapshot.ts';
import { impatientWeb } from '../../../test/engines/loopback-server.ts';
import { readBlock } from '../../../test/read-block.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { hashFolder, release, runHere } from '../../cli/fixture-command.ts';
import { build } from '../../site/build.ts';
import { makeProject } from '../fixture-catalog-command.ts';
import { importCatalog } from '../import.ts';
import { sign } from './sign.ts';

const NOW = new Date('2026-05-17T12:00:00Z');
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);
const key = await makeSigningKey({ createdAt: inDays(-100) });
const SITE = 'https://marketplace.example.com';
const little = [
  '--search',
  'off',
  '--every-page-size',
  'off',
  '--page-sizes',
  '100',
  '--hosts',
  'nginx',
];

/** A project with a build, beside a key; a command runs there on some day. */
async function makeBuilt(t: TestContext) {
  const folder = await makeProject(t, {
    'signing-key.asc': key.privateKey,
    'project/plugins.json': [release('abc', '1.0.0')],
  });
  const cwd = path.join(folder, 'project');
  const make = async () => {
    const { code, stdout, stderr } = await runHere(build, ['--json', ...little], { cwd });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).id as string;
  };
  const id = await make();
  const run = (args: readonly string[], days = 0) =>
    runHere(sign, args, { cwd, now: inDays(days) });
  const signed = () => readFile(path.join(cwd, 'dist', signedFile(id)), 'utf8');
  const read = async () => JSON.parse(JSON.parse(await signed()).signed);
  return { cwd, id, make, run, read, signed };
}

/** The arguments of `sign` as the page has them, for a site. */
async function documented(site = SITE) {
  const block = await readBlock('docs/signing.md', 'sh', 'npm run build\n');
  const line = block.split('\n').find((each) => each.includes(' sign ')) ?? '';
  return line.replace('npm run catalog -- sign ', '').replace(SITE, site).split(' ');
}

test('a build is signed as the page says, and nothing else of it changes', async (t) => {
  const { cwd, id, make, run, read, signed } = await makeBuilt(t);
  const dist = path.join(cwd, 'dist');
  const before = await hashFolder(dist);
  assert.equal(await signed(), '{"signed":null}\n');
  const { code, stderr } = await run(await documented());
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^own\.asc is written\ndist\/snapshots\/[0-9a-f]{16}\/api\/signed\.json is written\n$/,
  );
  const after = await hashFolder(dist);
  const file = signedFile(id);
  assert.deepEqual({ ...after, [file]: '' }, { ...before, [file]: '' });
  assert.deepEqual(await read(), {
    format: 1,
    site: SITE,
    snapshot: id,
    manifest: before['snapshot.json'],
    catalog: before[`snapshots/${id}/api/catalog.json`],
    counter: NOW.getTime() / 1000,
    signedAt: '2026-05-17T12:00:00Z',
    expires: '2026-06-16T12:00:00Z',
  });
  assert.equal(await make(), id, 'docs/design.md, invariant 6');
  assert.deepEqual(await hashFolder(dist), before, 'a build replaces the folder, unsigned');
});

test('a build that is signed again has a higher counter, whatever the clock says', async (t) => {
  const { run, read, signed } = await makeBuilt(t);
  const args = ['dist', '--key', '../signing-key.asc', '--site-url', `${SITE}/`];
  await run(args);
  const { counter } = await read();
  await run(args, -10);
  assert.equal((await read()).counter, counter + 1);
  await run([...args, '--counter', '7', '--expires', '2']);
  assert.deepEqual([(await read()).counter, (await read()).expires], [7, '2026-05-19T12:00:00Z']);
  const last = await signed();
  // What is left out or wrong, the reason.
  for (const [wrong, reason] of [
    [args.slice(0, 3), /name the address of the marketplace with --site-url/],
    [[...args, '--expires', '0'], /--expires takes a whole number/],
    // Its date would have five digits for the year, which nobody reads.
    [[...args, '--expires', '3000000'], /--expires takes at most 3650 days, not 3000000/],
    [[...args, '--expires', '999999999999999'], /--expires takes at most 3650 days/],
    [[...args, '--counter', '-1'], /--counter has no value|--counter takes a whole number/],
    [[...args, '--public-key', '../signing-key.asc'], /would overwrite/],
  ] as const) {
    const { code, stderr } = await run(wrong);
    assert.notEqual(code, 0);
    assert.match(stderr, reason);
  }
  assert.equal(await signed(), last);
});

test('what is signed is served at once, and a look at what has not changed is one conditional request', async (t) => {
  const { cwd, run } = await makeBuilt(t);
  const dir = path.join(cwd, 'dist');
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  const { code, stderr } = await run(await documented(server.url));
  assert.equal(code, 0, stderr);
  await server.reload();
  const inside = path.join(cwd, 'inside');
  await mkdir(inside);
  await writeFile(path.join(inside, 'plugins.json'), '[]');
  await writeFile(path.join(inside, 'own.asc'), key.publicKey);
  const block = await readBlock('docs/signing.md', 'sh', 'npm run build -- --upstream');
  const [building = '', importing = ''] = block.replaceAll(SITE, server.url).split('\n');
  const toArgs = (line: string, call: string) => {
    assert.ok(line.startsWith(call), line);
    return line.slice(call.length).split(' ');
  };
  const asked: string[] = [];
  const web = impatientWeb({
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      const isConditional = new Headers(init?.headers).has('if-none-match');
      asked.push(`${new URL(url).pathname}${isConditional ? ' if changed' : ''} ${answer.status}`);
      return answer;
    },
  });
  const look = async (days: number, ...args: string[]) => {
    asked.length = 0;
    const given = [...toArgs(building, 'npm run build -- '), ...little, ...args];
    return await runHere(build, given, { cwd: inside, web, now: inDays(days) });
  };
  const first = await look(0);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /Catalog +1 release of 1 plugin/);
  assert.deepEqual(asked, ['/signed.json 200', '/catalog.json 200']);
  for (const days of [1, 2, 3]) {
    assert.equal((await look(days, '--refresh', '--strict')).code, 0);
    assert.deepEqual(asked, ['/signed.json if changed 304']);
  }
  const frozen = await look(40, '--refresh', '--strict');
  assert.equal(frozen.code, 1);
  assert.match(
    frozen.stderr,
    /expired on 2026-06-16.*the catalog kept in marketplace\.upstream\.json is used/,
  );
  const importArgs = toArgs(importing, 'npm run catalog -- import ');
  const readAt = async (days: number) =>
    await runHere(importCatalog, importArgs, { cwd: inside, web, now: inDays(days) });
  const plugins = () => readFile(path.join(inside, 'plugins.json'), 'utf8');
  const imported = await readAt(0);
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(await plugins(), /"id": "abc"/);
  await writeFile(path.join(inside, 'plugins.json'), '[]');
  const late = await readAt(40);
  assert.deepEqual([late.code, await plugins()], [1, '[]']);
  assert.match(late.stderr, /signed\.json: expired on/);
});

const missing = ['gpg', 'jq', 'curl'].filter((name) => spawnSync(name, ['--version']).error);

test('it can be checked by hand as the page says', {
  skip: missing.length > 0 && `no ${missing.join()}`,
}, async (t) => {
  const { cwd, run, read } = await makeBuilt(t);
  const dir = path.join(cwd, 'dist');
  await run(await documented());
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  const code = await readBlock('docs/signing.md', 'sh', 'curl -s');
  const home = path.join(cwd, 'gpg');
  await mkdir(home, { mode: 0o700 });
  t.after(() => spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']));
  const options = { cwd, env: { ...process.env, GNUPGHOME: home }, timeout: 60_000 };
  // Our server answers from this process.
  const ran = await promisify(execFile)('sh', ['-ec', code.replaceAll(SITE, server.url)], options);
  assert.match(ran.stderr, /Good signature from "Plugin signer/);
  assert.equal(ran.stdout.trim(), `${(await read()).catalog}  -`);
  const text = path.join(cwd, 'signed.txt');
  await writeFile(text, (await readFile(text, 'utf8')).replace('2026-06', '2036-06'));
  const args = ['--verify', 'signed.txt.sig', 'signed.txt'];
  await assert.rejects(promisify(execFile)('gpg', args, options), /BAD signature/);
});
