import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { compare } from 'semver';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { CATALOG_SETTINGS, type RepositorySetting } from './catalog-settings.ts';
import { parseConfig } from './config-file.ts';
import { readBuildSettings, readSettings } from './read-settings.ts';

const root = path.join(import.meta.dirname, '../..');

/** The row for a plugin, made from its newest release. */
async function expectedRows() {
  const text = await readFile(path.join(root, 'plugins.json'), 'utf8');
  const { releases } = parseCatalog(text, 'plugins.json');
  const newest = new Map<string, (typeof releases)[number]>();
  for (const release of releases) {
    const { id, version } = release.manifest;
    const known = newest.get(id);
    if (!known || compare(version, known.manifest.version) > 0) newest.set(id, release);
  }
  return [...newest.values()].map((release) => {
    const urls = [
      release.release_notes_url,
      release.manifest['homepage_url'],
      release.download_url,
    ];
    const repo = urls
      .map((url) => /^https:\/\/github\.com\/([^/]+\/[^/]+)/.exec(String(url))?.[1])
      .find((name) => name !== undefined);
    return {
      repo: repo ?? '',
      author: release.author_type,
      stage: release.release_stage,
      enterprise: release.enterprise,
      hosting: release.hosting,
    };
  });
}

const complete = (row: RepositorySetting) => ({
  repo: row.repo,
  author: row.author,
  stage: row.stage ?? 'production',
  enterprise: row.enterprise ?? false,
  hosting: row.hosting ?? '',
});

const byRepo = (a: { repo: string }, b: { repo: string }) => (a.repo < b.repo ? -1 : 1);

test('the shipped settings name the repository of each plugin of the catalog, as the catalog does', async () => {
  const { repositories } = await readSettings(CATALOG_SETTINGS, {
    flags: {},
    environment: {},
    cwd: root,
  });
  const expected = await expectedRows();
  assert.equal(expected.length, 13);
  assert.deepEqual(repositories.map(complete).sort(byRepo), expected.sort(byRepo));
});

test('the settings that we ship change nothing of a build', async () => {
  const { given, ...settings } = await readBuildSettings({}, {}, root);
  const { given: _, ...defaults } = await readBuildSettings({}, {}, import.meta.dirname);
  assert.deepEqual([...given], []);
  assert.deepEqual(settings, defaults);
});

test('a check that the shipped settings switch off can be switched on', async () => {
  const text = await readFile(path.join(root, 'marketplace.config.json'), 'utf8');
  const examples = [...text.matchAll(/^ {2}\/\/ ("[a-zA-Z]+": .*)$/gm)].map(([, line]) => line);
  assert.equal(examples.length, 3);
  for (const example of examples) parseConfig(`{${example}}`, 'example.json');
});
