import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { REAL_CORPORA } from '../../../test/corpora.ts';
import { runInNode } from '../../../test/engines/edge-function.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { plannedSite } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { ROWS } from '../../query/audience/space.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { labelsOf } from '../../query/labels.ts';
import { LoadedFiles } from '../assets/loaded-files.ts';
import { offeredPlugins } from '../shared/list/offered-plugins.ts';
import { search } from '../shared/list/search.ts';
import { readSlimList } from '../shared/list/slim-list.ts';
import { downloadFor, type ListedPlugin } from '../shared/listed-plugin.ts';
import { offerQuery, type ServerView } from '../shared/view-state.ts';
import { formatDay } from '../shared/words.ts';
import { listedPlugins, listFile } from './list-file.ts';

const readReleases = (file: string) => parseCatalog(readFileSync(file, 'utf8'), file).releases;

const FILES = [
  ...['plugins.json', 'test/fixtures/catalogs/5.json', 'test/fixtures/catalogs/6.json'].map(
    (file) => path.join(import.meta.dirname, '../../..', file),
  ),
  ...REAL_CORPORA.map(({ catalog }) => catalog),
];

// Name, releases.
const CATALOGS: readonly (readonly [string, () => readonly Release[]])[] = [
  ...FILES.map((file) => [path.basename(file), () => readReleases(file)] as const),
  ...seeds(3).map((seed) => {
    return [`a random one (SEED=${seed})`, () => randomCatalog(seededRandom(seed))] as const;
  }),
];

const FOLDER = 'files/digest00/';

const iconPath = (number?: number) => (number === undefined ? undefined : FOLDER + number);

/** The part of an answer of the API that the list shows. */
type Answered = Pick<Release, 'download_url' | 'updated_at' | 'manifest' | 'hosting'> & {
  readonly labels?: Release['labels'];
};

for (const [name, releasesOf] of CATALOGS) {
  describe(`The file of the list of ${name}`, () => {
    const releases = releasesOf();
    const catalog = indexCatalog(releases);
    const loaded = new LoadedFiles(releases.map(({ icon_data }) => icon_data));
    const numberOf = (icon: string) => loaded.numberOf(icon);
    const icons = { pathOf: (icon: string) => iconPath(numberOf(icon)) };
    // The router of hosts that take one of any size.
    const site = plannedSite(releases, {
      search: true,
      everyPageSize: false,
      routerBytes: 20_000,
    });

    test('makes the browser show what the API answers, for every view of a server', async () => {
      const { plan, code, read } = await site;
      const { steps, platforms } = plan.space;
      const list = readSlimList(
        JSON.parse(String(listFile({ catalog, steps, numberOf, folder: FOLDER }).content)),
      );
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
        const answered: Answered[] = JSON.parse(read(found.path));
        assert.deepEqual(
          offeredPlugins(list, server).map((plugin) => shownOf(plugin, server.platform)),
          answered.map((release) => ({
            id: release.manifest.id,
            version: release.manifest.version,
            name: release.manifest.name ?? '',
            description: release.manifest.description ?? '',
            minServer: release.manifest.min_server_version ?? '',
            day: formatDay(release.updated_at)?.iso ?? '',
            hosting: release.hosting,
            labels: release.labels ?? [],
            download: release.download_url,
          })),
          `?${query}`,
        );
      });
    });

    test('makes it show the newest releases, as the page does', async () => {
      const { plan } = await site;
      const { steps } = plan.space;
      const file = String(listFile({ catalog, steps, numberOf, folder: FOLDER }).content);
      const shown = offeredPlugins(readSlimList(JSON.parse(file)), undefined);
      const strip = (plugin: ListedPlugin) => JSON.parse(JSON.stringify(plugin));
      assert.deepEqual(shown.map(strip), listedPlugins(catalog, icons).map(strip));
      assert.deepEqual(
        shown.map(({ id, version }) => [id, version]),
        everyPlugin(catalog).map(({ id, release }) => [id, release.manifest.version]),
      );
    });

    test('makes a text find what the API finds, and perhaps more', () => {
      const plugins = listedPlugins(catalog, icons);
      const texts = plugins.flatMap(({ id, name, description }) => [
        id,
        name,
        name.slice(1, 4),
        description.slice(3, 17),
        description.toUpperCase(),
      ]);
      for (const text of texts) {
        const found = search(plugins, text);
        const lower = text.trim().toLowerCase();
        const phrase = plugins.filter(
          ({ id, name, description }) =>
            id.toLowerCase() === lower ||
            name.toLowerCase().includes(lower) ||
            description.toLowerCase().includes(lower),
        );
        for (const plugin of phrase) assert.ok(found.plugins.includes(plugin), text);
        assert.equal(found.byApi, phrase.length, text);
      }
    });

    test('is small', async (t) => {
      const { plan } = await site;
      const { content } = listFile({ catalog, steps: plan.space.steps, numberOf, folder: FOLDER });
      const bytes = gzipSync(content).length;
      const plugins = everyPlugin(catalog).length;
      t.diagnostic(`${bytes} bytes compressed, ${plugins} plugins`);
      assert.ok(bytes < 1000 + plugins * 375, `${bytes} bytes`);
    });
  });
}

function shownOf(plugin: ListedPlugin, platform: string) {
  return {
    id: plugin.id,
    version: plugin.version,
    name: plugin.name,
    description: plugin.description,
    minServer: plugin.min_server_version,
    day: plugin.listed_on,
    hosting: plugin.hosting,
    labels: labelsOf(plugin),
    download: downloadFor(plugin, platform),
  };
}
