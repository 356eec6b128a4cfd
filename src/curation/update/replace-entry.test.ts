import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeManifest } from '../../../test/samples/plugin-bundles.ts';
import type { Entry } from '../../catalog/schema.ts';
import { replaceEntry } from './replace-entry.ts';

const manifest = makeManifest('abc', '1.0.0');
const old: Entry = {
  homepage_url: manifest.homepage_url,
  icon_data: 'data:image/svg+xml,old',
  download_url: 'https://g.example/a.tar.gz',
  release_notes_url: manifest.release_notes_url,
  hosting: 'on-prem',
  author_type: 'community',
  release_stage: 'beta',
  enterprise: false,
  signature: 'c2lnbmVk',
  repo_name: 'plugin-abc',
  manifest,
  platforms: {},
  updated_at: '2024-01-01T00:00:00Z',
};

interface Case {
  /** What people changed in the entry. */
  readonly changed?: Partial<Entry> & { readonly [field: string]: unknown };
  /** Fields of the new bundle's manifest. */
  readonly says?: object;
  /** Further fields of the entry made of the new bundle. */
  readonly made?: Partial<Entry>;
  /** Fields of the result that the changed entry lacks, besides the signature. */
  readonly expected?: object;
  readonly changes?: readonly string[];
}

const decided = {
  hosting: 'cloud',
  author_type: 'partner',
  release_stage: 'experimental',
  enterprise: true,
} as const;
const gone = { 'linux-amd64': { download_url: 'https://p.example', signature: 'c2ln' } };

const cases: Readonly<Record<string, Case>> = {
  'only the signature is new': { changes: ['signature "c2lnbmVk" -> "YW5ldw=="'] },
  'a description is new': {
    says: { description: 'New.' },
    expected: { manifest: { ...manifest, description: 'New.' } },
    changes: ['manifest.description "What abc does." -> "New."'],
  },
  'what people decided stays': { changed: decided },
  'labels and unknown fields stay': { changed: { labels: [{ name: 'New' }], note: [1] } },
  'a home page and notes that the bundle does not name stay': {
    changed: { homepage_url: 'https://h.example', release_notes_url: 'https://n.example' },
    says: { homepage_url: '', release_notes_url: '' },
    expected: { manifest: { ...manifest, homepage_url: '', release_notes_url: '' } },
    changes: ['manifest.homepage_url "https://example.com/abc" -> ""'],
  },
  'a home page that the bundle names gives way': {
    changed: { homepage_url: 'https://h.example' },
    expected: { homepage_url: 'https://example.com/abc' },
    changes: ['homepage_url "https://h.example" -> "https://example.com/abc"'],
  },
  'an icon that the bundle lacks stays': { made: { icon_data: '' } },
  'a raised min_server_version stays': {
    changed: { manifest: { ...manifest, min_server_version: '9.5.0' } },
    says: { min_server_version: '9.1.0' },
    changes: [`manifest.min_server_version stays "9.5.0", above the bundle's "9.1.0"`],
  },
  'a min_server_version that the bundle raises is taken': {
    changed: { manifest: { ...manifest, min_server_version: '9.5.0' } },
    says: { min_server_version: '9.6.0' },
    expected: { manifest: { ...manifest, min_server_version: '9.6.0' } },
    changes: ['manifest.min_server_version "9.5.0" -> "9.6.0"'],
  },
  'a platform that is gone goes': {
    changed: { platforms: gone },
    expected: { platforms: {} },
    changes: [
      'platforms.linux-amd64 {"download_url":"https://p.example","signature":"c2ln"} -> nothing',
    ],
  },
  'unknown fields of a platform stay': {
    changed: { platforms: { 'linux-amd64': { ...gone['linux-amd64'], x: 1 } } },
    made: {
      platforms: { 'linux-amd64': { download_url: 'https://s.example', signature: 'YQ==' } },
    },
    expected: {
      platforms: { 'linux-amd64': { download_url: 'https://s.example', signature: 'YQ==', x: 1 } },
    },
  },
};

for (const [what, { changed, says, made, expected, changes = [] }] of Object.entries(cases)) {
  test(`of a bundle that was made anew: ${what}`, () => {
    const edited = { ...old, ...changed } as Entry;
    const rebuilt = {
      ...old,
      signature: 'YW5ldw==',
      manifest: { ...manifest, ...says },
      ...made,
    };
    const result = replaceEntry(edited, rebuilt, '');
    assert.deepEqual(result.entry, { ...edited, signature: 'YW5ldw==', ...expected });
    for (const change of changes) assert.ok(result.changes.includes(change), change);
  });
}

test('of the same bundle an entry is as it was', () => {
  assert.deepEqual(replaceEntry(old, old, ''), { entry: old, changes: [] });
});

// When the release was published, and its files uploaded; the date of the entry.
const dates: readonly (readonly [string, string, string])[] = [
  ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-02-01T00:00:00Z'],
  ['2024-01-02T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'],
];

for (const [published, uploaded, expected] of dates) {
  test(`published ${published} and uploaded ${uploaded}, an entry is of ${expected}`, () => {
    const { entry } = replaceEntry(old, { ...old, updated_at: published }, uploaded);
    assert.equal(entry.updated_at, expected);
  });
}
