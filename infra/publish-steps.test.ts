import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { run, toNodeArgs } from '../build/cli/fixture-command.ts';
import { startServer } from '../src/hosts/embedded/start-server.ts';
import { startLoopback } from '../test/engines/loopback-server.ts';
import { makeFolder } from '../test/make-folder.ts';
import { makeSigningKey } from '../test/samples/signing-keys.ts';
import { runStep } from './fixture-step.ts';

/** The commands of package.json that the steps run. */
const COMMANDS = ['catalog', 'diff'];

/** Stands in for npm: runs those commands, in the folder of the test. */
const npm = `
[ "$1" = run ] && shift; [ "$1" = --silent ] && shift
name=$1; shift; [ "$1" = -- ] && shift
echo "$name $*" >> "$ASKED"
case "$name" in
${COMMANDS.map((name) => `  ${name}) exec node ${toNodeArgs({ program: name }).join(' ')} "$@" ;;`).join('\n')}
esac`;

/** Stands in for npm: records its arguments and the variables of a build. */
const silent = 'echo "$* upstream=$BUILD_UPSTREAM_URL tag=$BUILD_TAG hash=$BUILD_HASH" >> "$ASKED"';

/** Would run something if a shell interpreted it. */
const HOSTILE = '$(touch hacked) `touch hacked` "; touch hacked; \' & <b> @all';

const release = (version: string, name = 'Jira', more: object = {}) => ({
  manifest: { id: 'jira', name, version },
  // Nothing answers there.
  download_url: `http://127.0.0.1:1/jira-${version}.tar.gz`,
  signature: 'AAAA',
  ...more,
});

/** A folder with a catalog, and where another one is live its build in `dist` and a site that serves the other. */
async function prepare(t: TestContext, next: readonly object[], live?: readonly object[]) {
  const cwd = await makeFolder(t);
  const key = await makeSigningKey({ createdAt: new Date('2024-01-01') });
  const config = { search: false, everyPageSize: false, pageSizes: [100], keys: ['key.asc'] };
  await writeFile(path.join(cwd, 'key.asc'), key.publicKey);
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  const write = (file: string, releases: readonly object[]) =>
    writeFile(path.join(cwd, file), JSON.stringify(releases));
  await write('plugins.json', next);
  const read = (name: string) => readFile(path.join(cwd, '.runner', name), 'utf8');
  const step = (name: string, env: Record<string, string> = {}) =>
    runStep('publish.yml', name, { cwd, env, programs: { npm } });
  if (live === undefined) return { cwd, read, step, env: {} };
  await write('live.json', live);
  for (const args of [['--catalog', 'live.json', '--out', 'live'], []]) {
    const built = await run(t, { program: 'build', args, cwd });
    assert.equal(built.code, 0, built.stderr);
  }
  const dir = path.join(cwd, 'live');
  const site = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => site.close());
  return { cwd, read, step, env: { MARKETPLACE_SITE_URL: site.url } };
}

test('what is live decides what is verified and what is announced', async (t) => {
  const before = [release('1.0.0'), release('1.1.0')];
  const after = [...before, release('2.0.0', `Jira ${HOSTILE}`)];
  const { cwd, read, step, env } = await prepare(t, after, before);
  const looked = await step('Read what is live', env);
  assert.equal(looked.code, 0, looked.stderr);
  assert.equal(JSON.parse(await read('live.json')).length, 2);
  const { text } = JSON.parse(await read('message.json'));
  assert.match(text, /New on the plugin marketplace: 1 release\n/);

  const verified = await step('Verify');
  assert.equal(verified.code, 1, 'a bundle that cannot be verified ends the job');
  assert.match(verified.stderr, /1 bundle checked, 1 failed/);
  assert.match(verified.stdout, /jira@2\.0\.0/);
  assert.ok(!(await readdir(cwd)).includes('hacked'));
});

test('if nothing differs from what is live, nothing is downloaded or announced', async (t) => {
  const catalog = [release('1.0.0')];
  const { read, step, env } = await prepare(t, catalog, catalog);
  assert.equal((await step('Read what is live', env)).code, 0);
  assert.equal(await read('message.json'), '');
  const verified = await step('Verify');
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stderr, /0 bundles checked, 0 failed/);
});

for (const [what, url] of [
  ['does not answer', 'http://127.0.0.1:1'],
  ['has no address', ''],
] as const) {
  test(`if the site ${what}, everything is verified and nothing announced`, async (t) => {
    const { read, step } = await prepare(t, [release('1.0.0'), release('1.1.0')]);
    const looked = await step('Read what is live', { MARKETPLACE_SITE_URL: url });
    assert.equal(looked.code, 0, looked.stderr);
    assert.deepEqual([await read('live.json'), await read('message.json')], ['[]\n', '']);
    assert.match((await step('Verify')).stderr, /2 bundles checked, 2 failed/);
  });
}

test('without a key nothing is published', async (t) => {
  const { cwd, step } = await prepare(t, [release('1.0.0')]);
  await writeFile(path.join(cwd, 'marketplace.config.json'), '{}');
  await step('Read what is live');
  const { code, stderr } = await step('Verify');
  assert.equal(code, 2);
  assert.match(stderr, /name the public keys with --key, or as keys in the settings/);
});

// The branch, the address of production, how the step ends, with which upstream it builds.
const builds = [
  ['refs/heads/main', '', 0, ''],
  ['refs/heads/production', '', 0, ''],
  ['refs/heads/private-beta', 'https://a.example.com', 0, 'https://a.example.com'],
  ['refs/heads/private-beta', '', 1, undefined],
] as const;

for (const [ref, url, code, upstream] of builds) {
  test(`on ${ref} with production at "${url}" the build ${code === 0 ? `has the upstream "${upstream}"` : 'is refused'}`, async (t) => {
    const cwd = await makeFolder(t);
    const git = (...args: string[]) =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'a');
    const ran = await runStep('publish.yml', 'Build', {
      cwd,
      env: { GITHUB_REF: ref, BUILD_UPSTREAM_URL: url },
      programs: { npm: silent },
    });
    assert.equal(ran.code, code, ran.stderr);
    const hash = '[0-9a-f]{40}';
    const expected =
      upstream === undefined
        ? /^$/
        : new RegExp(`^run build -- --strict upstream=${upstream} tag=[0-9a-f]+ hash=${hash}\n$`);
    assert.match(ran.asked, expected);
    if (code === 1) assert.match(ran.stdout, /MARKETPLACE_PRODUCTION_URL/);
  });
}

/** Receives messages, and refuses those to `/broken`. */
async function startWebhooks(t: TestContext) {
  const received: [string, string, string][] = [];
  const { url } = await startLoopback(t, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      received.push([request.url ?? '', request.headers['content-type'] ?? '', body]);
      response.writeHead(request.url === '/broken' ? 500 : 200).end('answer');
    });
  });
  return { url, received };
}

async function announce(t: TestContext, message: string, webhooks: string) {
  const cwd = await makeFolder(t);
  await mkdir(path.join(cwd, '.runner'));
  await writeFile(path.join(cwd, '.runner/message.json'), message);
  const ran = await runStep('publish.yml', 'Announce', { cwd, env: { WEBHOOKS: webhooks } });
  return { ...ran, names: await readdir(cwd) };
}

test('every webhook gets the message, whatever becomes of the others, and none is shown', async (t) => {
  const { url, received } = await startWebhooks(t);
  const message = JSON.stringify({ text: HOSTILE });
  const webhooks = [
    `${url}/hooks/first`,
    `${url}/broken`,
    '',
    'nonsense',
    'https://127.0.0.1:1/$(touch${IFS}hacked)',
    `${url}/"quoted"`,
    'file:///etc/passwd',
    '--output=hacked',
    `${url}/hooks/last`,
  ];
  const { code, stdout, stderr, names } = await announce(t, message, webhooks.join('\n'));
  assert.equal(code, 0, stderr);
  assert.deepEqual(received, [
    ['/hooks/first', 'application/json', message],
    ['/broken', 'application/json', message],
    ['/hooks/last', 'application/json', message],
  ]);
  assert.deepEqual(names, ['.runner'], 'nothing was run');
  assert.equal(
    stdout.match(/::warning::webhook \d (did not take the message|is not a web address)\n/g)
      ?.length,
    6,
    stdout,
  );
  for (const part of [url, 'hooks', 'nonsense', 'passwd', 'answer']) {
    assert.ok(!`${stdout}${stderr}`.includes(part), `${part} is shown: ${stdout}${stderr}`);
  }
});

for (const [what, message, hasWebhooks] of [
  ['nothing is new', '', true],
  ['no webhook is set', '{"text":"a"}', false],
] as const) {
  test(`if ${what}, nobody is notified`, async (t) => {
    const { url, received } = await startWebhooks(t);
    const { code, stdout } = await announce(t, message, hasWebhooks ? url : '');
    assert.deepEqual([code, stdout, received], [0, '', []]);
  });
}
