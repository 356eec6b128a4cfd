import { createHash } from 'node:crypto';
import type { Release } from '../../catalog/release.ts';
import { compareText } from '../../lib/compare-text.ts';
import { webLink } from '../../lib/web-link.ts';
import type { CatalogIndex } from '../../query/catalog-index.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
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
  /** The plugin whose releases are in it; missing: those of all. */
  readonly pluginId?: string;
}

/** One entry. */
interface Entry {
  readonly id: string;
  readonly time: number;
  readonly release: Release;
}

/**
 * `/feed.xml`, or that of a plugin, `/plugins/jira/feed.xml`: the latest releases by their dates in the catalog, without those that
 * have none, as Atom (RFC 4287). Ids are derived from id, version and hosting of a release, so that they stay the same when the
 * site moves.
 */
export function feedFile({ catalog, title, siteUrl, pluginId }: FeedSource): SiteFile {
  const entries = newestEntries(catalog);
  const folder = pluginId === undefined ? '' : pluginPagePath(pluginId);
  const root = siteUrl === '' ? '../'.repeat(folder.split('/').length - 1) : `${siteUrl}/`;
  const updated = entries[0]?.release.updated_at ?? '0001-01-01T00:00:00Z';
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
function newestEntries(catalog: CatalogIndex): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { id, release } of catalog) {
    if (formatDay(release.updated_at) === undefined) continue;
    const name = JSON.stringify([id, release.manifest.version, release.hosting]);
    entries.set(name, { id: uuid(name), time: Date.parse(release.updated_at), release });
  }
  return [...entries.values()]
    .sort((a, b) => b.time - a.time || compareText(a.id, b.id))
    .slice(0, MOST_ENTRIES);
}

function renderEntry({ id, release }: Entry, root: string): string {
  const { manifest, updated_at, release_notes_url } = release;
  const name = nameOf({ id: manifest.id, name: manifest.name ?? '' });
  const notes = webLink(release_notes_url);
  const address = `${root}${pluginPagePath(manifest.id)}#v${manifest.version}`;
  const needs = manifest.min_server_version
    ? ` Runs on server ${orNewer(manifest.min_server_version)}.`
    : '';
  return [
    '<entry>',
    `<title>${escapeXml(`${name} ${manifest.version}`)}</title>`,
    `<id>${id}</id>`,
    `<updated>${updated_at}</updated>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(address)}"/>`,
    ...(notes === undefined ? [] : [`<link rel="related" href="${escapeXml(notes)}"/>`]),
    `<summary>${escapeXml(`${manifest.description ?? ''}${needs}`.trim())}</summary>`,
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
