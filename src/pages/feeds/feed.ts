import { createHash } from 'node:crypto';
import type { NoticeInEffect } from '../../catalog/notices/apply-notices.ts';
import { noticeWords } from '../../catalog/notices/describe-notice.ts';
import { compareText } from '../../lib/compare-text.ts';
import { webLink } from '../../lib/web-link.ts';
import type { CatalogIndex } from '../../query/catalog-index.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { nameOfPlugin } from '../html/notices/notice-list.ts';
import { pluginPagePath } from '../html/page-frame.ts';
import { nameOf } from '../shared/plugin-card.ts';
import { orNewer } from '../shared/server-words.ts';
import { formatDay } from '../shared/words.ts';

/** Older releases are on the pages. */
const MOST_ENTRIES = 50;

/** The options of `feedFile`. */
export interface FeedSource {
  readonly catalog: CatalogIndex;
  readonly title: string;
  /** The address of the site; empty: addresses are relative to that of the feed. */
  readonly siteUrl: string;
  /** What the maintainers of the marketplace say of releases. */
  readonly notices?: readonly NoticeInEffect[];
  /** The plugin whose releases are in it; missing: those of all. */
  readonly pluginId?: string;
}

/** One entry. */
interface Entry {
  readonly id: string;
  /** As in RFC 3339. */
  readonly updated: string;
  readonly title: string;
  /** Its page, from the root of the site. */
  readonly page: string;
  /** The address of more about it. */
  readonly related: string | undefined;
  readonly summary: string;
}

/**
 * `/feed.xml`, or that of a plugin, `/plugins/jira/feed.xml`: the latest releases and notices by their dates in the catalog, without
 * releases that have none, as Atom (RFC 4287). Ids are derived from id, version and hosting of a release, so that they stay the
 * same when the site moves.
 */
export function feedFile(source: FeedSource): SiteFile {
  const { catalog, title, siteUrl, pluginId, notices = [] } = source;
  const ids = new Set(catalog.map(({ id }) => id));
  const entries = [...releaseEntries(catalog), ...notices.map((one) => noticeEntry(one, ids))]
    .sort((a, b) => Date.parse(b.updated) - Date.parse(a.updated) || compareText(a.id, b.id))
    .slice(0, MOST_ENTRIES);
  const folder = pluginId === undefined ? '' : pluginPagePath(pluginId);
  const root = siteUrl === '' ? '../'.repeat(folder.split('/').length - 1) : `${siteUrl}/`;
  const updated = entries[0]?.updated ?? '0001-01-01T00:00:00Z';
  const text = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<title>${escapeXml(title)}: new releases</title>`,
    `<id>${uuid(`feed ${siteUrl || title}${pluginId === undefined ? '' : ` ${pluginId}`}`)}</id>`,
    `<updated>${updated}</updated>`,
    `<author><name>${escapeXml(title)}</name></author>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(`${root}${folder}feed.xml`)}"/>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(root + folder || './')}"/>`,
    ...entries.map((entry) => renderEntry(entry, root)),
    '</feed>',
  ].join('\n');
  return {
    path: `site/${folder}feed.xml`,
    contentType: 'application/atom+xml; charset=utf-8',
    content: `${text}\n`,
  };
}

/** Of two releases of one version, the later one in the catalog counts, as in an answer: a feed has each id once. */
function releaseEntries(catalog: CatalogIndex): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { id, release } of catalog) {
    const { manifest, updated_at, release_notes_url } = release;
    if (formatDay(updated_at) === undefined) continue;
    const name = JSON.stringify([id, manifest.version, release.hosting]);
    const needs = manifest.min_server_version
      ? ` Runs on server ${orNewer(manifest.min_server_version)}.`
      : '';
    entries.set(name, {
      id: uuid(name),
      updated: updated_at,
      title: `${nameOf({ id, name: manifest.name ?? '' })} ${manifest.version}`,
      page: `${pluginPagePath(id)}#v${manifest.version}`,
      related: webLink(release_notes_url),
      summary: `${manifest.description ?? ''}${needs}`.trim(),
    });
  }
  return [...entries.values()];
}

const TITLES = {
  suspended: 'suspended',
  deprecated: 'deprecated',
  advisory: 'security advisory',
} as const;

/** @param ids of the plugins that have a page */
function noticeEntry(one: NoticeInEffect, ids: ReadonlySet<string>): Entry {
  const { plugin, versions = '', kind, reason, date } = one.notice;
  return {
    id: uuid(JSON.stringify(['notice', kind, plugin, versions, reason])),
    updated: date,
    title: `${nameOfPlugin(one)}: ${TITLES[kind]}`,
    page: ids.has(plugin) ? pluginPagePath(plugin) : 'plugins/',
    related: webLink(reason),
    summary: noticeWords(one),
  };
}

function renderEntry({ id, updated, title, page, related, summary }: Entry, root: string): string {
  return [
    '<entry>',
    `<title>${escapeXml(title)}</title>`,
    `<id>${id}</id>`,
    `<updated>${updated}</updated>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(root + page)}"/>`,
    ...(related === undefined ? [] : [`<link rel="related" href="${escapeXml(related)}"/>`]),
    `<summary>${escapeXml(summary)}</summary>`,
    '</entry>',
  ].join('\n');
}

/** A name-based UUID (RFC 9562, version 5) as an address. */
function uuid(name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  const parts = [0, 8, 12, 16, 20].map((at, i) => hex.slice(at, [8, 12, 16, 20, 32][i]));
  return `urn:uuid:${parts.join('-')}`;
}

/** Chosen at random; it must stay the same. */
const NAMESPACE = Buffer.from('5b6f1d0a4c1e4f7c9f0d8a2b7c3e9d14', 'hex');

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Also drops the characters that XML does not allow. */
export function escapeXml(text: string): string {
  return Buffer.from(text)
    .toString()
    .replace(NOT_IN_XML, '')
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML does not allow these
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
