import { readFileSync } from 'node:fs';
import path from 'node:path';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** A file of the fixtures. */
export const fixture = (file: string): Buffer => readFileSync(path.join(FIXTURES, file));

/** The time that dates are compared with. */
export const NOW = new Date('2026-01-02T03:04:05Z');

/** An entry of a catalog with something in every field. */
export const FULL_ENTRY = {
  homepage_url: 'https://example.com/calls',
  icon_data: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
  download_url: 'https://example.com/calls-1.2.0.tar.gz',
  release_notes_url: 'https://github.com/example/calls/releases/tag/v1.2.0',
  hosting: 'on-prem',
  author_type: 'partner',
  release_stage: 'beta',
  enterprise: true,
  signature: 'c2ln',
  repo_name: 'calls',
  labels: [{ name: 'Beta', description: 'New', url: 'https://example.com/', color: '#ff0000' }],
  manifest: {
    id: 'com.example.calls',
    name: 'Calls',
    description: 'Voice and screen.',
    version: '1.2.0',
    min_server_version: '9.5.0',
    homepage_url: 'https://example.com/calls',
    icon_path: 'assets/icon.svg',
    server: { executables: { 'linux-amd64': 'server/dist/plugin-linux-amd64' } },
    webapp: { bundle_path: 'webapp/dist/main.js' },
    settings_schema: {
      header: 'Settings',
      settings: [
        { key: 'Port', display_name: 'Port', type: 'number', help_text: 'Of UDP.', default: 8443 },
        { key: 'Mode', type: 'dropdown', options: [{ display_name: 'On', value: 'on' }] },
      ],
    },
    props: { any: [1, null, { deep: true }] },
  },
  platforms: {
    'linux-amd64': {
      download_url: 'https://example.com/calls-1.2.0-linux-amd64.tar.gz',
      signature: 'c2lnMg==',
    },
  },
  updated_at: '2024-05-17T14:42:33Z',
};

/** Catalogs of a few entries. */
export const CATALOGS: readonly Buffer[] = [
  Buffer.from(
    JSON.stringify([FULL_ENTRY, { ...FULL_ENTRY, manifest: { id: 'todo', version: '0.1.0' } }]),
  ),
  fixture('catalogs/1.json'),
  fixture('catalogs/3.json'),
  fixture('catalogs/4.json'),
  fixture('cases/min-server-bumped/catalog.json'),
];
