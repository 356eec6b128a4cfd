import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { nameRelease } from '../../../src/catalog/located-release.ts';
import type { Entry } from '../../../src/catalog/schema.ts';
import {
  type FakeRelease,
  releaseOf,
  startGithub,
} from '../../../src/curation/update/github/fixture-github.ts';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeProject, runCatalog } from '../fixture-catalog-command.ts';
import { update } from './update.ts';

const row = { repo: 'example/plugin-abc', author: 'community' };
const TOKEN = 'ghp_secret0123456789';

/** A project whose settings name a repository, GitHub with releases of it, and `update` in the project. */
async function setUp(t: TestContext, releases: readonly FakeRelease[], entries: object[] = []) {
  const github = await startGithub(t, { 'example/plugin-abc': releases });
  const configure = (more: object) => ({ repositories: [row], github: github.url, ...more });
  const cwd = await makeProject(t, {
    'plugins.json': entries,
    'marketplace.config.json': configure({ store: `${github.url}/store` }),
  });
  return {
    github,
    cwd,
    run: async (
      args: readonly string[] = [],
      more: Partial<Parameters<typeof runCatalog>[2]> = {},
    ) => await runCatalog(update, args, { cwd, ...more }),
    setConfig: async (more: object) =>
      await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(configure(more))),
    readEntries: async (): Promise<Entry[]> =>
      JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8')),
  };
}

test('what the catalog lacks is added, once; pre-releases only where asked for', async (t) => {
  const known = { repo_name: 'plugin-abc', manifest: { id: 'abc', version: '1.0.0' }, x: 1 };
  const { run, readEntries, github } = await setUp(
    t,
    [
      await releaseOf('1.4.0-rc1'),
      await releaseOf('1.3.0'),
      { tag_name: 'nightly' },
      { tag_name: 'server/v1.2.0' },
      await releaseOf('1.0.0'),
    ],
    [known],
  );
  const first = await run();
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stdout, 'abc@1.3.0 is in plugins.json now\n');
  assert.match(first.stderr, /^warning: .*"tag": "server\/v\{version\}"/m);
  assert.match(first.stderr, /^example\/plugin-abc has tags that are not versions: nightly$/m);
  assert.match(first.stderr, /has pre-releases, which only --pre-releases adds: v1\.4\.0-rc1$/m);
  assert.match(first.stderr, /^1 release added\n$/m);
  assert.deepEqual((await readEntries())[1], known, 'what is in the catalog stays');
  const before = github.asked.length;
  const { stdout } = await run(['--json']);
  assert.equal(github.asked.length, before + 2, 'only the two pages are asked for');
  const { warnings, ...others } = JSON.parse(stdout);
  assert.equal(warnings.length, 1);
  assert.deepEqual(others, { added: [], failures: [] });
  assert.equal((await run(['--pre-releases'])).stdout, 'abc@1.4.0-rc1 is in plugins.json now\n');
});

test('an entry is built anew, with every change; of the same bundle it is as it was', async (t) => {
  const { github, cwd, run, readEntries } = await setUp(t, [await releaseOf('1.0.0')]);
  await run();
  const before = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
  const same = await run(['--replace', 'abc@1.0.0', '--json']);
  assert.deepEqual(JSON.parse(same.stdout), {
    replaced: [{ name: 'abc@1.0.0', changes: [] }],
    failures: [],
    warnings: [],
  });
  assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), before);
  const bundle = await makeBundle(makeManifest('abc', '1.0.0', { description: 'New.' }));
  github.repositories[row.repo] = [
    { tag_name: 'v1.0.0', assets: { 'plugin-abc-v1.0.0.tar.gz': bundle } },
  ];
  const anew = await run(['--replace', 'abc@1.0.0']);
  assert.equal(
    anew.stdout,
    'abc@1.0.0 is rebuilt in plugins.json\n' +
      '  signature "c2lnbmVk" -> ""\n  manifest.description "What abc does." -> "New."\n',
  );
  assert.equal((await readEntries())[0]?.manifest.description, 'New.');
  const missing = await run(['--replace', 'abc@2.0.0']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^error: 1 release could not be replaced\n.*abc@2\.0\.0 is not in/);
  assert.equal((await run(['--replace', 'abc@1.0.0', '--pre-releases'])).code, 2);
});

test('a repository that cannot be read does not affect the others, except for the exit code', async (t) => {
  const { github, run, setConfig, readEntries } = await setUp(t, [await releaseOf('1.0.0')]);
  await setConfig({ repositories: [{ ...row, repo: 'example/none' }, row] });
  github.repositories['example/b'] = [await releaseOf('2.0.0')];
  const { code, stderr } = await run();
  assert.equal(code, 1);
  assert.match(stderr, /^error: 1 release could not be added\n.*no repository example\/none/m);
  assert.deepEqual((await readEntries()).map(nameRelease), ['abc@1.0.0']);
});

test('of two repositories with one id, the first one of the settings has it', async (t) => {
  const { github, run, setConfig, readEntries } = await setUp(t, [await releaseOf('1.0.0')]);
  github.repositories['example/plugin-b'] = [await releaseOf('2.0.0'), await releaseOf('1.0.0')];
  await setConfig({ repositories: [row, { ...row, repo: 'example/plugin-b' }] });
  const { code, stderr } = await run();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /plugin-b v2\.0\.0 belongs to the plugin abc, .* from plugin-abc \(abc@1\.0\.0\)/,
  );
  assert.deepEqual((await readEntries()).map(nameRelease), ['abc@1.0.0']);
  assert.equal((await run(['--take-over', 'abc'])).code, 0);
});

test('a repository that was renamed goes on by its new name', async (t) => {
  const download_url = 'https://github.com/new/plugin-xyz/releases/download/v0.9.0/a.tar.gz';
  const old = { download_url, manifest: { id: 'abc', version: '0.9.0' } };
  const { github, run } = await setUp(t, [], [old]);
  const html_url = 'https://github.com/new/plugin-xyz/releases/tag/v1.0.0';
  github.repositories['new/plugin-xyz'] = [await releaseOf('1.0.0', { html_url })];
  github.intercept = ({ url = '' }, response) => {
    if (!url.includes(row.repo)) return false;
    response.writeHead(301, { location: url.replace(row.repo, 'new/plugin-xyz') }).end();
    return true;
  };
  assert.equal((await run()).stdout, 'abc@1.0.0 is in plugins.json now\n');
});

test('the token is sent to GitHub only, and never shown', async (t) => {
  const { github, cwd, run } = await setUp(t, [await releaseOf('1.0.0')]);
  const { code, stdout, stderr } = await run(['--json'], { environment: { GITHUB_TOKEN: TOKEN } });
  assert.equal(code, 0, stderr);
  for (const [i, line] of github.asked.entries()) {
    const { authorization } = github.requests[i]?.headers ?? {};
    assert.equal(authorization, line.includes('/repos/') ? `token ${TOKEN}` : undefined, line);
  }
  const cache = path.join(cwd, '.marketplace-cache');
  const kept = (await readdir(cache)).map((name) => readFile(path.join(cache, name), 'utf8'));
  assert.ok(kept.length > 0);
  assert.doesNotMatch(stdout + stderr + (await Promise.all(kept)), /ghp_/);
});

for (const wrong of ['ghp_a b', 'ghp_a\n', 'ghp_a\u00e4', 'ghp_a\0']) {
  test(`a token such as ${JSON.stringify(wrong)} is refused, and not shown`, async (t) => {
    const { github, run } = await setUp(t, [await releaseOf('1.0.0')]);
    const { code, stdout, stderr } = await run([], { environment: { GITHUB_TOKEN: wrong } });
    assert.equal(code, 1);
    assert.match(stderr, /^(error: )?GITHUB_TOKEN holds a blank/m);
    assert.doesNotMatch(stdout + stderr, /ghp_/);
    assert.deepEqual(github.asked, []);
  });
}

test('a store that fails is one warning, whatever the number of releases', async (t) => {
  const releases = [await releaseOf('1.0.0'), await releaseOf('1.1.0')];
  const { github, run, readEntries } = await setUp(t, releases);
  const store = await startLoopback(t, (_, response) => response.writeHead(500).end());
  const { code, stderr } = await run(['--store', store.url, '--github', github.url]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr.match(/^warning: /gm)?.length, 1, stderr);
  assert.match(stderr, /^warning: the plugin store failed.*answers 500.*run migrate/m);
  assert.equal((await readEntries()).length, 2);
});

test('the public store does not hear of what lies on another GitHub', async (t) => {
  const { github, run, setConfig } = await setUp(t, [await releaseOf('1.0.0')]);
  await setConfig({});
  const asked: string[] = [];
  const web = impatientWeb({
    fetch: (url, init) => {
      asked.push(url);
      return url.startsWith(github.url) ? fetch(url, init) : Promise.reject(new Error('elsewhere'));
    },
  });
  assert.equal((await run([], { web })).stdout, 'abc@1.0.0 is in plugins.json now\n');
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(github.url)),
    [],
  );
});

for (const config of [{}, { repositories: [] }]) {
  test(`settings such as ${JSON.stringify(config)} are answered with a row to write`, async (t) => {
    const cwd = await makeProject(t, { 'plugins.json': [], 'marketplace.config.json': config });
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.match(stderr, /the settings name no repositories: write them into marketplace\.config/);
    assert.match(
      stderr,
      / {4}\{ "repo": "mattermost\/mattermost-plugin-jira", "author": "mattermo/,
    );
    assert.equal(code, 1);
  });
}
