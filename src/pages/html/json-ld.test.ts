import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { pluginData } from './json-ld.ts';
import { toHtml } from './to-html.ts';

function dataOf(
  entry: { manifest?: object; [field: string]: unknown },
  siteUrl = '',
  unchecked: object = {},
) {
  const { manifest, ...fields } = entry;
  const whole = { ...fields, manifest: { id: 'a.b', version: '1.0.0', ...manifest } };
  const [release] = parseCatalog(JSON.stringify([whole]), 'test.json').releases;
  assert.ok(release);
  const html = toHtml(pluginData({ ...release, ...unchecked }, siteUrl));
  const [, json = ''] = /^<script type="application\/ld\+json">([^<]*)<\/script>$/.exec(html) ?? [];
  return JSON.parse(json);
}

test('a plugin as search engines read it', () => {
  const entry = {
    download_url: 'https://a.example/a.tar.gz',
    homepage_url: 'https://github.com/a/b',
    updated_at: '2024-05-17T14:42:33Z',
    manifest: {
      name: 'A',
      description: 'B',
      min_server_version: '9.5.0',
      server: { executables: { 'linux-amd64': 'p' } },
    },
  };
  const unchecked = { release_notes_url: 'javascript:alert(1)' };
  assert.deepEqual(dataOf(entry, 'https://plugins.example.com', unchecked), {
    '@context': 'https://schema.org',
    '@type': 'SoftwareApplication',
    name: 'A',
    description: 'B',
    url: 'https://plugins.example.com/plugins/a.b/',
    applicationCategory: 'CommunicationApplication',
    applicationSuite: 'Mattermost',
    softwareVersion: '1.0.0',
    softwareRequirements: 'Mattermost server 9.5 or newer',
    operatingSystem: 'linux-amd64',
    dateModified: '2024-05-17',
    downloadUrl: 'https://a.example/a.tar.gz',
    sameAs: 'https://github.com/a/b',
  });
});

test('what is unknown is left out', () => {
  const { '@context': _c, '@type': _t, operatingSystem: _o, ...data } = dataOf({});
  assert.deepEqual(data, {
    name: 'a.b',
    applicationCategory: 'CommunicationApplication',
    applicationSuite: 'Mattermost',
    softwareVersion: '1.0.0',
    softwareRequirements: 'Mattermost',
  });
});

test('no text ends the block', () => {
  const name = '</script><!--<script>alert(1)</script>]]>\u2028\r\n"\\';
  assert.equal(dataOf({ manifest: { name } }).name, name);
});
