import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FIXTURE_CORPORA } from '../../test/corpora.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { parseAnswer } from '../mattermost/answers/parse-answer.ts';
import { SERVER_LINES } from '../mattermost/server-line.ts';
import { renderAnswer, renderRelease } from './render.ts';

const PLATFORMS = ['', 'linux-amd64', 'darwin-amd64', 'windows-amd64', 'linux-arm64'];

/** What a catalog can say that the two bodies say otherwise. */
const ODD = JSON.stringify([
  {
    unknown: { field: [1, '<b>'] },
    homepage_url: 'https://a.example/?a=1&b=<2>',
    labels: [{ name: 'A & B', unknown: 1 }],
    updated_at: '2024-05-17T14:42:33.1200Z',
    platforms: { 'linux-arm64': { download_url: 'https://a.example/arm', signature: 's' } },
    manifest: {
      version: '1.0.0',
      id: 'odd',
      name: '<script>&\u2028\u2029</script>',
      description: null,
      min_server_version: '',
      unknown: '&',
      server: { executables: { 'linux-amd64': 'a<b' }, executable: '' },
      settings_schema: { header: '<hr>', settings: [{ key: 'k', default: '<&>', unknown: true }] },
      props: { '<': ['&', null, 1.5] },
    },
  },
  {
    enterprise: true,
    release_stage: 'beta',
    author_type: 'partner',
    labels: null,
    platforms: null,
    updated_at: null,
    manifest: {
      id: 'nulls',
      version: '1.0.0',
      name: null,
      server: null,
      webapp: null,
      props: null,
    },
  },
]);

/** A body with the reference's differences: each must make none for a server (docs/api.md, Differences). */
function asReference(releases: readonly Release[], platform: string): string {
  const entries = releases.map((release) => {
    const { manifest, platforms: own, ...fields } = JSON.parse(renderRelease(release, platform));
    const platforms = Object.fromEntries(
      PLATFORMS.slice(1, 4).map((name) => [name, own[name] ?? {}]),
    );
    const { unknown: _unknown, ...known } = fields;
    const { unknown: _other, ...manifestKnown } = manifest;
    return { platforms, ...reverseKeys(known), manifest: reverseKeys(manifestKnown) };
  });
  const json = JSON.stringify(entries);
  const escaped = json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}

const reverseKeys = (object: object) => Object.fromEntries(Object.entries(object).reverse());

const catalogs = FIXTURE_CORPORA.map(({ name, catalog }) => ({
  name,
  text: readFileSync(catalog, 'utf8'),
}));

for (const { name, text } of [{ name: 'odd', text: ODD }, ...catalogs]) {
  test(`servers read the same of both bodies of ${name}`, () => {
    const { releases, problems } = parseCatalog(text, name);
    assert.deepEqual(problems, []);
    for (const platform of PLATFORMS) {
      const ours = renderAnswer(releases.map((release) => renderRelease(release, platform)));
      const theirs = asReference(releases, platform);
      if (releases.length > 0) assert.notEqual(ours, theirs);
      for (const { first } of SERVER_LINES) {
        const read = parseAnswer(first, ours);
        assert.ok('plugins' in read, `docs/mattermost.md: ${first} on "${platform}"`);
        assert.equal(read.plugins.length, releases.length);
        assert.deepEqual(read, parseAnswer(first, theirs), `${first} on "${platform}"`);
      }
    }
  });
}

test('a body ends with a line break, has every field of docs/api.md, and labels only where there are any', () => {
  const { releases } = parseCatalog(ODD, 'odd');
  const body = renderAnswer(releases.map((release) => renderRelease(release, '')));
  assert.match(body, /^\[\{.*\}\]\n$/s);
  const [odd, nulls] = JSON.parse(body);
  const fields = [
    ...['homepage_url', 'icon_data', 'download_url', 'release_notes_url', 'hosting'],
    ...['author_type', 'release_stage', 'enterprise', 'signature', 'repo_name', 'manifest'],
    ...['platforms', 'updated_at'],
  ];
  assert.deepEqual(
    Object.keys(nulls).sort(),
    [...fields, 'labels'].sort(),
    'docs/api.md, The answer',
  );
  assert.deepEqual([nulls.platforms, nulls.updated_at], [{}, '0001-01-01T00:00:00Z']);
  assert.deepEqual([odd.unknown, odd.manifest.unknown], [{ field: [1, '<b>'] }, '&']);
  const plain = parseCatalog('[{"manifest":{"id":"a","version":"1.0.0"},"labels":[]}]', 'plain');
  assert.deepEqual(
    Object.keys(JSON.parse(renderRelease(plain.releases[0] as Release, ''))).sort(),
    [...fields].sort(),
  );
});
