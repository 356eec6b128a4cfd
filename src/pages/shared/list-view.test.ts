import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { REAL_CORPORA } from '../../../test/corpora.ts';
import { runInNode } from '../../../test/engines/edge-function.ts';
import { plannedSite } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { runsOn } from '../../mattermost/platforms.ts';
import { EVERYTHING, ROWS } from '../../query/audience/space.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { labelsOf } from '../../query/labels.ts';
import { hasBundle } from '../../query/render.ts';
import { parseFilter } from '../../router/request/parse-filter.ts';
import { findRankSets } from '../../site/plan/answer-space.ts';
import { listView } from './list-view.ts';
import { type AnsweredRelease, toListedPlugin } from './listed-plugin.ts';
import { offerQuery, type ServerView, type ViewState } from './view-state.ts';

const ANY_SERVER: ServerView = {
  serverVersion: '',
  platform: '',
  enterprise: false,
  cloud: false,
};

const CATALOGS = [
  ...['plugins.json', 'test/fixtures/catalogs/5.json', 'test/fixtures/catalogs/6.json'].map(
    (file) => path.join(import.meta.dirname, '../../..', file),
  ),
  ...REAL_CORPORA.map(({ catalog }) => catalog),
];

for (const file of CATALOGS) {
  describe(`Of ${path.basename(file)}`, () => {
    const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);
    const catalog = indexCatalog(releases);
    // The router of hosts that take one of any size.
    const site = plannedSite(releases, {
      search: true,
      everyPageSize: false,
      routerBytes: 20_000,
    });

    test('every view of a server shows what the API answers it', async () => {
      const { plan, code, read } = await site;
      const { steps, platforms } = plan.space;
      const views = ['', ...platforms, 'plan9-mips'].flatMap((platform) =>
        ROWS.flatMap((row) =>
          steps.map(({ serverVersion }): ServerView => ({ ...row, serverVersion, platform })),
        ),
      );
      const routed = runInNode(
        code,
        views.map((view) => ({ method: 'GET', path: '/api/v1/plugins', query: offerQuery(view) })),
      );
      views.forEach((server, i) => {
        const query = offerQuery(server);
        const found = routed[i];
        assert.ok(found && 'path' in found, `invariant 2: refused is ?${query}`);
        const answer: AnsweredRelease[] = JSON.parse(read(found.path));
        const shown = listView({ text: '', server }, answer.map(toListedPlugin), '').plugins;
        const expected = evaluate(catalog, { ...EVERYTHING, ...server }) ?? [];
        assert.deepEqual(
          shown.map(({ name: _n, description: _d, icon: _i, ...plugin }) => plugin),
          expected.map(({ id, release }) => ({
            id,
            version: release.manifest.version,
            minServerVersion: release.manifest.min_server_version ?? '',
            runsOn: runsOn({ manifest: release.manifest, download_url: '' }),
            updatedAt: release.updated_at,
            labels: labelsOf(release),
            downloadUrl: hasBundle(release, server.platform)
              ? release.platforms[server.platform]?.download_url
              : release.download_url,
          })),
          `?${query}`,
        );
      });
    });

    test('every text finds what the API finds, wherever it publishes that', async (t) => {
      const { plan, code, read } = await site;
      const { steps } = plan.space;
      const texts = findRankSets(catalog).map(({ filter }) => filter);
      const servers = ROWS.flatMap((row) =>
        steps.map(({ serverVersion }): ServerView => ({ ...row, serverVersion, platform: '' })),
      );
      // Each text at one server, and each server with some texts.
      const states = texts.map((text, i): ViewState & { server: ServerView } => ({
        text,
        server: servers[i % servers.length] ?? ANY_SERVER,
      }));
      const queries = states.map(({ text, server }) => {
        return `${offerQuery(server)}&filter=${encodeURIComponent(text)}`;
      });
      const ask = (query: string) => ({ method: 'GET', path: '/api/v1/plugins', query });
      const found = runInNode(code, queries.map(ask));
      const offers = runInNode(
        code,
        states.map(({ server }) => ask(offerQuery(server))),
      );
      let compared = 0;
      states.forEach((state, i) => {
        const [answer, offer] = [found[i], offers[i]];
        assert.ok(offer && 'path' in offer);
        const offered: AnsweredRelease[] = JSON.parse(read(offer.path));
        const shown = listView(state, offered.map(toListedPlugin), '').plugins;
        const filter = parseFilter(queries[i] as string);
        assert.ok(!('error' in filter));
        const expected = (evaluate(catalog, filter) ?? []).map(({ id }) => id);
        assert.deepEqual(
          shown.map(({ id }) => id),
          expected,
          `docs/api.md, filter: ?${queries[i]}`,
        );
        if (!answer || !('path' in answer)) return;
        compared++;
        const answered: AnsweredRelease[] = JSON.parse(read(answer.path));
        assert.deepEqual(shown, answered.map(toListedPlugin), `?${queries[i]}`);
      });
      t.diagnostic(`${states.length} texts, ${compared} of them answered by the API, too`);
      assert.ok(!plan.published.search || compared > texts.length / 2);
    });
  });
}

const plugin = (id: string) => ({ id, name: `The ${id}`, description: 'for teams' });
const server = (serverVersion: string) => ({ ...ANY_SERVER, serverVersion });

// State, number of plugins, the oldest server; summary, title of the notice, its remedy.
const NOTICES: readonly (readonly [ViewState, number, string, string, string?, string?])[] = [
  [{ text: '', server: undefined }, 2, '', '2 plugins'],
  [{ text: '', server: undefined }, 1, '', '1 plugin'],
  [{ text: 'p0', server: undefined }, 2, '', '1 of 2 plugins'],
  [
    { text: ' xyz ', server: undefined },
    2,
    '',
    '0 of 2 plugins',
    'No plugin matches “xyz”',
    'clear the search',
  ],
  [{ text: '', server: undefined }, 0, '', '0 plugins', 'There are no plugins yet'],
  [
    { text: '', server: server('9.5.0') },
    2,
    '5.0.0',
    '2 plugins for a self-hosted Team server 9.5.0',
  ],
  [
    { text: '', server: { ...server(''), platform: 'linux-amd64', enterprise: true, cloud: true } },
    2,
    '5.0.0',
    '2 plugins for a Cloud Enterprise server of any version on linux-amd64',
  ],
  [
    { text: '', server: server('4.9.9') },
    0,
    '5.0.0',
    '0 plugins for a self-hosted Team server 4.9.9',
    'Server 4.9.9 is too old for every plugin',
    'show all plugins',
  ],
  [
    { text: 'x', server: server('5.0.0') },
    0,
    '5.0.0',
    '0 plugins for a self-hosted Team server 5.0.0',
    'No plugins for this server',
    'show all plugins',
  ],
  [
    { text: '', server: server('4.0.0') },
    0,
    '',
    '0 plugins for a self-hosted Team server 4.0.0',
    'No plugins for this server',
    'show all plugins',
  ],
];

for (const [state, count, oldest, summary, title, remedy] of NOTICES) {
  test(`of ${count} plugins, for ${JSON.stringify(state)}: ${title ?? summary}`, () => {
    const plugins = Array.from({ length: count }, (_, i) => plugin(`p${i}`));
    const view = listView(state, plugins, oldest);
    assert.equal(view.summary, summary);
    assert.deepEqual([view.notice?.title, view.notice?.remedy], [title, remedy]);
  });
}
