import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXML } from '@aws-sdk/xml-builder';
import { PLAIN_SITE } from '../../../../test/sites/plain-site.ts';
import { GENEROUS, readReleases } from '../../../../test/sites/planned-site.ts';
import { applyNotices, noticesInEffect } from '../../../catalog/notices/apply-notices.ts';
import type { Notice } from '../../../catalog/notices/notice.ts';
import { planSite } from '../../../site/plan/plan-site.ts';
import { sitePages } from '../site-pages.ts';

const DATED = { updated_at: '2024-05-01T00:00:00Z' };
const releases = readReleases([
  ...['4.1.0', '4.0.0', '3.0.0'].map((version) => ({
    ...DATED,
    manifest: { id: 'jira', name: 'Jira', version },
  })),
  { ...DATED, manifest: { id: 'gone', name: 'Gone & <b>lost</b>', version: '1.0.0' } },
  { ...DATED, manifest: { id: 'calls', name: 'Calls', version: '1.0.0' } },
]);

const title = '<img src=x> reads "all" & more';
const reason = 'https://example.com/why?a=1&b=2';
const on = (day: string) => ({ reason, date: `2024-05-${day}T00:00:00Z` });
const NOTICES: readonly Notice[] = [
  { plugin: 'gone', kind: 'suspended', ...on('05') },
  { plugin: 'jira', versions: '4.1.0', kind: 'suspended', ...on('02') },
  { plugin: 'jira', versions: '<4', kind: 'deprecated', ...on('03') },
  {
    ...{ plugin: 'jira', versions: '<4.1', kind: 'advisory', severity: 'high' },
    ...{ title, fixed_in: '4.1.0', ...on('04') },
  },
  { plugin: 'nobody', kind: 'suspended', ...on('06') },
];

async function make(notices: readonly Notice[]) {
  const offered = releases.flatMap((release) => applyNotices(notices)(release) ?? []);
  const little = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };
  const { space, loaded } = await planSite({ ...little, releases: offered });
  const inEffect = noticesInEffect(notices, releases);
  const { files } = await sitePages(space, loaded, { ...PLAIN_SITE, notices: inEffect });
  return new Map(files.map(({ path, content }) => [path, String(content)]));
}

const files = await make(NOTICES);
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(
      /&(lt|gt|quot|amp|#39);/g,
      (_, name) => ({ lt: '<', gt: '>', quot: '"' })[name as 'lt'] ?? '&',
    );

test('the page of a plugin says what is suspended, deprecated and vulnerable, and leads to the reasons', () => {
  const page = files.get('site/plugins/jira/index.html') ?? '';
  const warnings = page.match(/<p class="warning">.*?<\/p>/g) ?? [];
  assert.deepEqual(warnings.map(textOf).slice(0, 3), [
    '4.1.0 is suspended: servers are not offered it any more. Read why',
    '3.0.0 is deprecated. Read why',
    `Security advisory, high severity, for 4.0.0, 3.0.0: ${title}. Fixed in 4.1.0. Read the advisory`,
  ]);
  for (const warning of warnings.slice(0, 3)) {
    assert.match(warning, /<a href="https:\/\/example\.com\/why\?a=1&amp;b=2">Read/);
  }
  assert.doesNotMatch(page, /<img src=x/);
  assert.doesNotMatch(page, /id="v4\.1\.0"/, 'what is suspended is not listed as a release');
  const items = [...page.matchAll(/<li class="release" id="v([\d.]+)".*?<\/summary>/gs)];
  assert.deepEqual(
    items.map(([item, version]) => [version, item.match(/(?<=class="tag">)[^<]*/g)]),
    [
      ['4.0.0', ['Security: high']],
      ['3.0.0', ['Deprecated', 'Security: high']],
    ],
  );
  assert.match(page, /<ul class="labels"[^>]*>.*?Security: high/s, 'its label, as servers show it');
  assert.doesNotMatch(files.get('site/plugins/calls/index.html') ?? '', /Read why|suspended/);
});

test('the list marks a plugin, and leaves out one that is suspended, which the page of names explains', () => {
  const list = files.get('site/index.html') ?? '';
  assert.match(list, /data-id="jira".*?Security: high/s);
  assert.doesNotMatch(list, /data-id="gone"/);
  assert.equal(files.has('site/plugins/gone/index.html'), false);
  const names = files.get('site/plugins/index.html') ?? '';
  assert.match(names, /<h2 id="suspended">Suspended<\/h2>/);
  assert.match(
    textOf(names),
    /Gone & <b>lost<\/b>: 1\.0\.0 is suspended: servers are not offered it any more\. Read why/,
  );
  assert.match(names, /<li data-suspended="gone">/);
  assert.doesNotMatch(names, /nobody/);
});

interface Entry {
  readonly title: string;
  readonly id: string;
  readonly updated: string;
  readonly summary: string;
  readonly link: readonly { readonly rel: string; readonly href: string }[];
}

const entriesOf = (path: string) =>
  (parseXML(files.get(path) ?? '') as { feed: { entry: Entry[] } }).feed.entry;

test('notices stand in the feeds by their date, with the reason, and lead to a page that is there', () => {
  const entries = entriesOf('site/feed.xml').slice(0, 4);
  assert.deepEqual(
    entries.map(({ title, updated }) => [title, updated]),
    [
      ['Gone & <b>lost</b>: suspended', '2024-05-05T00:00:00Z'],
      ['Jira: security advisory', '2024-05-04T00:00:00Z'],
      ['Jira: deprecated', '2024-05-03T00:00:00Z'],
      ['Jira: suspended', '2024-05-02T00:00:00Z'],
    ],
  );
  for (const { link } of entries) {
    assert.equal(link.find(({ rel }) => rel === 'related')?.href, reason);
    const page = link.find(({ rel }) => rel === 'alternate')?.href ?? '';
    assert.ok(files.has(`site/${page}index.html`), page);
  }
  const ids = entriesOf('site/feed.xml').map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    entriesOf('site/plugins/jira/feed.xml')
      .slice(0, 3)
      .map((entry) => entry.title),
    ['Jira: security advisory', 'Jira: deprecated', 'Jira: suspended'],
  );
});

test('without notices, pages and feeds are what they were', async () => {
  const plain = await make([]);
  for (const [path, content] of plain) {
    if (!/\.(html|xml)$/.test(path)) continue;
    assert.doesNotMatch(content, /suspended|deprecated|advisory/, path);
  }
});
