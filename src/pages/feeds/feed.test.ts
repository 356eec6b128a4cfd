import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseXML } from '@aws-sdk/xml-builder';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { feedFile } from './feed.ts';

interface Link {
  readonly rel: string;
  readonly href: string;
}

interface Entry {
  readonly title: string;
  readonly id: string;
  readonly updated: string;
  readonly link: Link | Link[];
  readonly summary: string;
}

interface Feed extends Omit<Entry, 'summary'> {
  readonly xmlns: string;
  readonly author: { readonly name: string };
  readonly entry?: Entry | Entry[];
}

const listOf = <Item>(items: Item | Item[] | undefined): Item[] =>
  items === undefined ? [] : Array.isArray(items) ? items : [items];

const feedOf = (entries: readonly object[], siteUrl = '', pluginId?: string) => {
  const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
  const { content } = feedFile({
    ...{ catalog: indexCatalog(releases), title: 'Test & <co>', siteUrl },
    ...(pluginId !== undefined && { pluginId }),
  });
  const text = String(content);
  return { text, feed: (parseXML(text) as { feed: Feed }).feed };
};

const release = (id: string, version: string, updated_at?: string, more: object = {}) => ({
  manifest: { id, version, ...more },
  ...(updated_at === undefined ? {} : { updated_at }),
});

/** RFC 4287 allows no other form. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The requirements of RFC 4287, sections 4.1.1 and 4.1.2. */
function assertValid(feed: Feed) {
  assert.equal(feed.xmlns, 'http://www.w3.org/2005/Atom');
  assert.ok(feed.author.name.length > 0, 'the feed has an author, so entries need none');
  const entries = listOf(feed.entry);
  const ids = [feed, ...entries].map(({ id, title, updated, link }) => {
    assert.ok(title.length > 0);
    assert.match(updated, TIME);
    assert.match(id, /^urn:uuid:[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const alternates = listOf(link).filter(({ rel }) => rel === 'alternate');
    assert.equal(alternates.length, 1, 'an entry without content has an alternate link');
    return id;
  });
  assert.equal(new Set(ids).size, ids.length, 'an id is used once');
  const times = entries.map(({ updated }) => Date.parse(updated));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
    'the newest first',
  );
}

test('the feed of the shipped catalog is valid, newest first, and dated by its first entry', () => {
  const file = path.join(import.meta.dirname, '../../../plugins.json');
  const { feed } = feedOf(JSON.parse(readFileSync(file, 'utf8')));
  assertValid(feed);
  const entries = listOf(feed.entry);
  assert.ok(entries.length > 20);
  assert.equal(feed.updated, entries[0]?.updated);
});

test('an empty catalog, and one without dates, give a valid feed without entries', () => {
  for (const entries of [[], [release('a', '1.0.0')]]) {
    const { feed } = feedOf(entries);
    assertValid(feed);
    assert.deepEqual(listOf(feed.entry), []);
  }
});

test('markup and what XML cannot hold do no harm', () => {
  const name = '<script>&amp;]]>\u0000\u0008\ufffe\ud800"\'';
  const { feed } = feedOf([release('a', '1.0.0', '2024-01-02T03:04:05Z', { name })]);
  assertValid(feed);
  const [entry] = listOf(feed.entry);
  assert.equal(entry?.title, '<script>&amp;]]>\ufffd"\' 1.0.0');
});

test('addresses are absolute where the site has one, and relative to the feed where not', () => {
  const entries = [release('a b', '1.0.0', '2024-01-02T03:04:05Z')];
  const linksOf = (siteUrl: string) => {
    const { feed } = feedOf(entries, siteUrl);
    assertValid(feed);
    return [feed, ...listOf(feed.entry)].flatMap(({ link }) =>
      listOf(link).map(({ href }) => href),
    );
  };
  assert.deepEqual(linksOf(''), ['feed.xml', './', 'plugins/a(20)b/#v1.0.0']);
  assert.deepEqual(linksOf('https://example.com/x'), [
    'https://example.com/x/feed.xml',
    'https://example.com/x/',
    'https://example.com/x/plugins/a(20)b/#v1.0.0',
  ]);
});

test('a plugin has a feed of its own, with the same entries', () => {
  const entries = [release('a b', '1.0.0-rc+1', '2024-01-02T03:04:05Z')];
  for (const siteUrl of ['', 'https://example.com/x']) {
    const root = siteUrl === '' ? '../../' : `${siteUrl}/`;
    const { feed } = feedOf(entries, siteUrl, 'a b');
    assertValid(feed);
    const all = feedOf(entries, siteUrl).feed;
    assert.notEqual(feed.id, all.id);
    assert.deepEqual(
      listOf(feed.entry).map(({ id }) => id),
      listOf(all.entry).map(({ id }) => id),
    );
    const links = [feed, ...listOf(feed.entry)].flatMap(({ link }) => listOf(link));
    assert.deepEqual(
      links.map(({ href }) => href),
      ['feed.xml', '', '#v1.0.0-rc+1'].map((end) => `${root}plugins/a(20)b/${end}`),
    );
  }
});

test('an entry is called the same wherever the site is, and whatever else is in the feed', () => {
  const one = release('a', '1.0.0', '2024-01-02T03:04:05Z');
  const others = [release('a', '1.1.0', '2024-03-02T03:04:05Z'), { ...one, hosting: 'cloud' }];
  const ids = (entries: object[], siteUrl: string) =>
    listOf(feedOf(entries, siteUrl).feed.entry).map(({ id }) => id);
  const [id = ''] = ids([one], '');
  const more = ids([...others, one], 'https://example.com');
  assert.equal(more.length, 3);
  assert.ok(more.includes(id));
});

// Releases from upstream are passed on, whatever their addresses.
for (const url of ['javascript:alert(1)', 'data:text/html,x', '/notes', 'file:///etc/passwd']) {
  test(`no entry leads to the notes at ${url}`, () => {
    const entries = [release('a', '1.0.0', '2024-01-02T03:04:05Z')];
    const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
    const catalog = indexCatalog(releases.map((one) => ({ ...one, release_notes_url: url })));
    const { content } = feedFile({ catalog, title: 'Test', siteUrl: '' });
    assert.doesNotMatch(String(content), /rel="related"/);
    assert.ok(!String(content).includes(url));
  });
}

test('a version that is listed twice is one entry, and 50 are enough', () => {
  const time = (second: number) => new Date(1.7e12 + second * 1000).toISOString();
  const many = Array.from({ length: 80 }, (_, i) => release('a', `1.${i}.0`, time(i)));
  const { feed } = feedOf([...many, release('a', '1.79.0', time(99), { name: 'again' })]);
  assertValid(feed);
  const titles = listOf(feed.entry).map(({ title }) => title);
  assert.equal(titles.length, 50);
  assert.deepEqual([titles[0], titles.at(-1)], ['again 1.79.0', 'a 1.30.0']);
});
