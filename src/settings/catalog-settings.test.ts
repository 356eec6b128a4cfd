import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { UsageError, UserError } from '../lib/errors.ts';
import type { CatalogSettings } from './catalog-settings.ts';
import { readCatalogSettings } from './read-settings.ts';

let cwd: string;

before(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'settings-'));
});

after(() => rm(cwd, { recursive: true }));

/** A setting by each of the ways in which it can be set, and what comes of each; some only in the file. */
interface Ways {
  readonly flag?: readonly [flag: string, value: string, expected: unknown];
  readonly environment?: readonly [name: string, value: string, expected: unknown];
  readonly file: unknown;
  readonly fallback: unknown;
}

const repository = {
  repo: 'a/b',
  author: 'partner',
  stage: 'beta',
  enterprise: true,
  tag: 'server/v{version}',
  asset: '*-{version}-{tag}.tar.gz',
  ignore: ['v1.0.0', 'nightly-*'],
};

const ways: { readonly [Name in keyof CatalogSettings]: Ways } = {
  catalog: {
    flag: ['catalog', 'a.json,b.json', ['a.json', 'b.json']],
    environment: ['MARKETPLACE_CATALOG', 'c.json', ['c.json']],
    file: ['d.json'],
    fallback: ['plugins.json'],
  },
  store: {
    flag: ['store', 'https://a.example.com/r', 'https://a.example.com/r'],
    environment: ['MARKETPLACE_STORE', 'http://b.example.com', 'http://b.example.com'],
    file: 'https://c.example.com',
    fallback: 'https://plugins.releases.mattermost.com/release',
  },
  github: {
    flag: ['github', 'https://ghe.example.com/api/v3', 'https://ghe.example.com/api/v3'],
    environment: ['MARKETPLACE_GITHUB', 'http://b.example.com', 'http://b.example.com'],
    file: 'https://c.example.com',
    fallback: 'https://api.github.com',
  },
  cache: {
    flag: ['cache', 'a', 'a'],
    environment: ['MARKETPLACE_CACHE', 'b', 'b'],
    file: 'c',
    fallback: '.marketplace-cache',
  },
  keys: {
    flag: ['key', 'a.asc,b.asc', ['a.asc', 'b.asc']],
    environment: ['MARKETPLACE_KEYS', 'c.asc', ['c.asc']],
    file: ['d.asc'],
    fallback: [],
  },
  ignoreChecks: { file: { 'a@1.0.0': ['missing-icon'] }, fallback: {} },
  repositories: { file: [repository], fallback: [] },
};

for (const [name, { flag, environment, file, fallback }] of Object.entries(ways)) {
  test(`${name}: the flag wins over the environment, that over the file, that over the default`, async () => {
    const folder = path.join(cwd, name);
    await mkdir(folder);
    await writeFile(path.join(folder, 'marketplace.config.json'), JSON.stringify({ [name]: file }));
    const read = async (
      flags: Record<string, string>,
      variables: Record<string, string>,
      from: string,
    ) => (await readCatalogSettings(flags, variables, from))[name as keyof CatalogSettings];
    const variables = environment ? { [environment[0]]: environment[1] } : {};
    if (flag) assert.deepEqual(await read({ [flag[0]]: flag[1] }, variables, folder), flag[2]);
    if (environment) assert.deepEqual(await read({}, variables, folder), environment[2]);
    assert.deepEqual(await read({}, {}, folder), file);
    assert.deepEqual(await read({}, {}, cwd), fallback);
  });
}

// Flag, text that it does not take.
const refusedFlags: readonly (readonly [string, string])[] = [
  ['store', ''],
  ['store', 'plugins.example.com'],
  ['store', 'ftp://example.com'],
  ['store', 'https://'],
  ['store', 'https://example.com/?a=b'],
  ['github', 'github.com'],
  ['cache', ''],
  ['key', ''],
  ['key', ' , '],
];

for (const [flag, text] of refusedFlags) {
  test(`--${flag}=${JSON.stringify(text)} is wrong usage`, async () => {
    await assert.rejects(readCatalogSettings({ [flag]: text }, {}, cwd), UsageError);
  });
}

test('settings of a build may stand in the same file', async () => {
  const folder = path.join(cwd, 'both');
  await mkdir(folder);
  const config = { out: 'site', store: 'https://a.example.com' };
  await writeFile(path.join(folder, 'marketplace.config.json'), JSON.stringify(config));
  assert.equal((await readCatalogSettings({}, {}, folder)).store, 'https://a.example.com');
  await writeFile(path.join(folder, 'marketplace.config.json'), '{"stoer": "x"}');
  await assert.rejects(readCatalogSettings({}, {}, folder), UserError);
});
