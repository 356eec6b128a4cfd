import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHtml } from '../html/to-html.ts';
import type { ListedPlugin } from './listed-plugin.ts';
import { labelList, marksOf, pluginCard } from './plugin-card.ts';

// Color of a label, whether it is shown.
const COLORS: readonly (readonly [string, boolean])[] = [
  ['red', true],
  ['#1c5', true],
  ['#1C58D9', true],
  ['', false],
  ['url(https://example.com/track.svg)', false],
  ['red;x', false],
  ['#1c58d', false],
  ['x#1c5', false],
];

for (const [color, isShown] of COLORS) {
  test(`a label of the color ${JSON.stringify(color)} has ${isShown ? 'it as a dot' : 'no dot'}`, () => {
    const html = toHtml(labelList([{ name: 'Beta', description: '', color }]));
    assert.match(html, /Beta/);
    assert.equal(html.includes(` fill="${color}"`), isShown && color !== '');
    assert.equal(html.includes('<svg'), isShown);
  });
}

test('computed labels lead to the plugins that have them, others nowhere', () => {
  const release = { author_type: 'partner', release_stage: 'beta', enterprise: true } as const;
  const own = { name: 'Beta', description: '', url: 'https://example.com', color: '' };
  const html = toHtml(labelList(marksOf({ ...release, hosting: 'cloud', labels: [own] }), '../'));
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  assert.deepEqual(links, [
    '../?maintainer=partner',
    '../?stage=beta',
    '../?subscription=needed',
    '../?hosting=cloud',
  ]);
});

test('a card warns of a platform without a program', () => {
  const plugin: ListedPlugin = {
    ...{ id: 'a', page: 'plugins/a/', added_on: '', updated_on: '2024-05-17', name: 'A' },
    ...{ description: '', version: '1.0.0', min_server_version: '', listed_on: '2024-05-17' },
    ...{ hosting: '', author_type: '', release_stage: '', enterprise: false, labels: [] },
    runs_on: ['linux-amd64'],
    download_url: 'https://example.com/a.tar.gz',
    downloads: { 'linux-amd64': 'https://example.com/a-linux.tar.gz' },
  };
  const cardFor = (platform: string) => toHtml(pluginCard(plugin, platform));
  assert.match(cardFor('linux-arm64'), />No program for linux-arm64</);
  assert.match(cardFor('linux-arm64'), /href="https:\/\/example\.com\/a\.tar\.gz"/);
  assert.match(cardFor('linux-amd64'), /href="https:\/\/example\.com\/a-linux\.tar\.gz"/);
  for (const platform of ['', 'linux-amd64']) assert.doesNotMatch(cardFor(platform), /No program/);
  assert.match(cardFor(''), />Runs on <span class="whole">linux-amd64</);
});
