import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { formOf } from '../../../src/curation/requests/fixture-request.ts';
import { releaseOf, startGithub } from '../../../src/curation/update/github/fixture-github.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeProject, runCatalog } from '../fixture-catalog-command.ts';
import { request } from './request.ts';

/** A project without releases, and GitHub with one of `example/plugin-abc` and one of somebody else under its id. */
async function setUp(t: TestContext, settings: object = {}, entries: object[] = []) {
  const github = await startGithub(t, {
    'example/plugin-abc': [await releaseOf('1.0.0'), await releaseOf('2.0.0-rc1')],
    'evil/plugin-abd': [await releaseOf('9.0.0')],
    'example/monorepo': [
      {
        tag_name: 'server/v1.0.0',
        assets: {
          'abc-1.0.0.tar.gz': await makeBundle(makeManifest('abc', '1.0.0')),
          'xyz-1.0.0.tar.gz': await makeBundle(makeManifest('xyz', '1.0.0')),
        },
      },
    ],
  });
  const config = { github: github.url, store: `${github.url}/store`, ...settings };
  const cwd = await makeProject(t, {
    'plugins.json': entries,
    'marketplace.config.json': config,
  });
  const ask = async (answers: Parameters<typeof formOf>[0], args: readonly string[] = []) => {
    await writeFile(
      path.join(cwd, 'issue.md'),
      formOf({ Repository: 'example/plugin-abc', ...answers }),
    );
    const ran = await runCatalog(request, ['issue.md', ...args], { cwd });
    const catalog = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    return { ...ran, catalog };
  };
  return { github, ask };
}

test('the release that an issue asks for is added, with its labels', async (t) => {
  const { ask } = await setUp(t);
  const first = await ask({
    'How mature is it?': 'Beta',
    'Which servers is it for?': 'On-prem only',
  });
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stdout, 'abc@1.0.0 is in plugins.json now\n');
  const [entry] = JSON.parse(first.catalog);
  assert.deepEqual(
    [entry.author_type, entry.release_stage, entry.hosting, entry.repo_name],
    ['community', 'beta', 'on-prem', 'plugin-abc'],
  );
  const again = await ask({});
  assert.equal(again.code, 1);
  assert.match(again.stderr, /example\/plugin-abc v1\.0\.0 is not added\n.*the catalog has it/);
  assert.equal(again.catalog, first.catalog);
});

test('a pre-release is added where it is asked for by its tag', async (t) => {
  const { ask } = await setUp(t);
  assert.equal((await ask({ 'Tag of the release': 'v2.0.0-rc1' })).code, 0);
});

test('tags and files look as a row of the settings says', async (t) => {
  const row = { repo: 'Example/MonoRepo', author: 'mattermost' };
  const patterns = { tag: 'server/v{version}', asset: 'abc-{version}.tar.gz' };
  const { ask } = await setUp(t, { repositories: [{ ...row, ...patterns }] });
  const answers = { Repository: 'example/monorepo', 'Tag of the release': 'server/v1.0.0' };
  const { code, stdout, stderr, catalog } = await ask(answers);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'abc@1.0.0 is in plugins.json now\n');
  assert.equal(JSON.parse(catalog)[0].author_type, 'community', 'the request decides');
  const twice = await setUp(t, { repositories: [row, { ...row, ...patterns }] });
  assert.match((await twice.ask(answers)).stderr, /have 2 rows of example\/monorepo/);
});

// The answers, the message, how many requests are made.
const refused: readonly (readonly [Parameters<typeof formOf>[0], RegExp, number])[] = [
  [{ Repository: 'https://evil.example/example/plugin-abc' }, /is not a repository/, 0],
  [{ Repository: 'example/..' }, /is not a repository/, 0],
  [{ Repository: 'example/none' }, /GitHub knows no repository example\/none/, 1],
  [{ 'Tag of the release': 'v3.0.0' }, /has no release with the tag v3\.0\.0/, 1],
  [
    { Repository: 'example/monorepo', 'Tag of the release': 'server/v1.0.0' },
    /is not added\n.*"tag": "server\/v\{version\}"/,
    1,
  ],
];

for (const [answers, message, requests] of refused) {
  test(`nothing is added for ${JSON.stringify(answers)}`, async (t) => {
    const { github, ask } = await setUp(t);
    const { code, stderr, catalog } = await ask(answers);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.equal(github.asked.length, requests, github.asked.join());
    assert.deepEqual(JSON.parse(catalog), []);
  });
}

test('nobody gets a higher version under the id of another plugin, unless a maintainer says so', async (t) => {
  const owned = {
    download_url: 'https://github.com/example/plugin-abc/releases/download/v1/a.tar.gz',
    manifest: { id: 'ABC', version: '1.0.0' },
  };
  const { ask } = await setUp(t, {}, [owned]);
  const answers = { Repository: 'evil/plugin-abd', 'Tag of the release': 'v9.0.0' };
  const { code, stderr, catalog } = await ask(answers);
  assert.equal(code, 1);
  assert.match(stderr, /belongs to the plugin abc, which the catalog has from example\/plugin-abc/);
  assert.equal(JSON.parse(catalog).length, 1);
  assert.equal((await ask(answers, ['--take-over', 'abc'])).code, 0);
});
