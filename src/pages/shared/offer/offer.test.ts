import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ALL_REAL_CORPORA } from '../../../../test/corpora.ts';
import { elementsIn, textIn } from '../../../../test/samples/pieces.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { runsOn } from '../../../mattermost/platforms.ts';
import { candidateVersions, EVERYTHING, findSteps, ROWS } from '../../../query/audience/space.ts';
import { groupByPlugin, type IndexedRelease, indexCatalog } from '../../../query/catalog-index.ts';
import { evaluate } from '../../../query/evaluate.ts';
import { releasesList } from '../../html/releases/releases-list.ts';
import type { ServerView } from '../view-state.ts';
import { findOffer, type ReleaseFacts, readFacts } from './offer.ts';
import { offerView } from './offer-view.ts';

/** The releases as the script reads them from the page of their plugin. */
function factsOnPage(releases: readonly IndexedRelease[]): ReleaseFacts[] {
  const known = { digests: new Map(), evidence: new Map() };
  return elementsIn(releasesList(releases, { steps: findSteps(releases), ...known }))
    .filter(({ attributes }) => attributes['class'] === 'release')
    .map(({ attributes }) =>
      readFacts((name) => {
        const value = attributes[name];
        return value === true ? '' : (value ?? null);
      }),
    )
    .sort((a, b) => a.place - b.place);
}

const CATALOGS = [
  ...['plugins.json', 'test/fixtures/catalogs/5.json', 'test/fixtures/catalogs/6.json'].map(
    (file) => path.join(import.meta.dirname, '../../../..', file),
  ),
  ...ALL_REAL_CORPORA.map(({ catalog }) => catalog),
];

const PLATFORMS = ['', 'linux-amd64', 'linux-arm64', 'darwin-arm64', 'plan9-mips'];

for (const file of CATALOGS) {
  describe(`Of ${path.basename(file)}`, () => {
    const catalog = indexCatalog(parseCatalog(readFileSync(file, 'utf8'), file).releases);
    const versions = ['', '0.0.1', '99.0.0', ...candidateVersions(catalog)];
    const servers = versions.flatMap((serverVersion) =>
      ROWS.flatMap((row) =>
        PLATFORMS.map((platform): ServerView => ({ ...row, serverVersion, platform })),
      ),
    );

    test('the page of every plugin shows what the API answers every server', () => {
      for (const plugin of groupByPlugin(catalog)) {
        const facts = factsOnPage(plugin);
        assert.equal(facts.length, plugin.length);
        for (const server of servers) {
          const about = `${plugin[0]?.id}, ${JSON.stringify(server)}`;
          const filter = { ...EVERYTHING, ...server };
          const { gets, excluded } = findOffer(facts, server);
          const [answered] = evaluate(plugin, filter) ?? [];
          assert.equal(gets?.place ?? -1, answered ? plugin.indexOf(answered) : -1, about);
          const offered = evaluate(plugin, { ...filter, allVersions: true }) ?? [];
          const others = plugin.filter((release) => {
            const on = runsOn(release.release);
            const isMissing =
              server.platform !== '' && Array.isArray(on) && !on.includes(server.platform);
            return isMissing || !offered.includes(release);
          });
          assert.deepEqual(
            excluded.map(({ release }) => release.version),
            others.map(({ release }) => release.manifest.version),
            about,
          );
        }
      }
    });
  });
}

const release = (version: string, min_server_version: string, more: object = {}) => ({
  download_url: 'https://a.example/x.tar.gz',
  ...more,
  manifest: {
    id: 'x',
    version,
    min_server_version,
    server: { executables: { 'linux-amd64': 'p' } },
    ...('manifest' in more ? (more.manifest as object) : {}),
  },
});
const ARM = { manifest: { server: { executables: { 'linux-amd64': 'p', 'linux-arm64': 'q' } } } };
const TWO = [release('1.0.0', '5.0.0', ARM), release('2.0.0', '9.5.0')];
const SERVER: ServerView = { serverVersion: '', platform: '', enterprise: false, cloud: false };
const UNSIGNED = 'is listed, but servers do not install it from here.';

// Releases, the server, what its administrator reads, in order.
const VIEWS: readonly (readonly [object[], Partial<ServerView>, string[]])[] = [
  [TWO, { serverVersion: '10.0.0' }, ['Your server gets |2.0.0', 'This is the newest release.']],
  [
    TWO,
    { serverVersion: '7.8.0' },
    [
      'Your server gets |1.0.0',
      'For a self-hosted Team server 7.8.0.',
      'The newest release is |2.0.0|, which needs server 9.5.',
      UNSIGNED,
      '1 release not for this server|2.0.0| needs server 9.5',
    ],
  ],
  [
    TWO,
    { serverVersion: '4.0.0' },
    [
      'Your server gets no release of this plugin',
      '|2.0.0|, which needs server 9.5.',
      '2 releases not for this server|2.0.0| needs server 9.5|1.0.0| needs server 5.0',
    ],
  ],
  [
    TWO,
    { serverVersion: '10.0.0', platform: 'linux-arm64' },
    [
      'Your server gets |2.0.0',
      '|2.0.0| has no program for linux-arm64, so it would not start there. The newest release that does is |1.0.0|: upload its bundle.',
      '1 release not for this server|2.0.0| has no program for linux-arm64',
    ],
  ],
  [
    [release('1.0.0', '6.0.0', { enterprise: true, hosting: 'cloud' })],
    {},
    ['|1.0.0|, which needs Mattermost Professional or Enterprise and is for Cloud servers only.'],
  ],
  [
    [release('1.0.0', '', { hosting: 'on-prem' })],
    { cloud: true },
    ['|1.0.0|, which is for self-hosted servers only.'],
  ],
  [
    [release('1.0.0', '', { hosting: 'cloud' }), release('2.0.0', '', { hosting: 'cloud' })],
    { platform: 'linux-arm64' },
    ['|2.0.0|, |1.0.0| are for Cloud servers only and have no program for linux-arm64'],
  ],
  [TWO, { serverVersion: 'seven' }, ['Your server|', 'is not valid']],
];

for (const [entries, server, expected] of VIEWS) {
  test(`a server ${JSON.stringify(server)} reads: ${expected[0]}`, () => {
    const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
    const { view } = offerView(factsOnPage(indexCatalog(releases)), { ...SERVER, ...server }, '/');
    const text = textIn(view);
    let at = 0;
    for (const part of expected) {
      const found = text.indexOf(part, at);
      assert.ok(found >= 0, `${part} is not in ${text} after ${at}`);
      at = found;
    }
  });
}
