import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { everyServer, serverRequestTarget } from '../../../build/bench/inputs/server-requests.ts';
import { seededRandom } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { send } from '../embedded/fixture-client.ts';
import { loadSite, route } from '../embedded/site/load-site.ts';

const VERSIONS = [
  ...['', '5.24.0', '5.25.0-rc1', '5.25.0', '5.26.0', '6.0.0-rc1', '6.0.0-rc1.2', '6.0.0-RC1'],
  ...['6.0.0', '9.9.9+x.1', '10.0.0', '10.0.0-0', '99.0.0-rc2+b', '0.0.0-0'],
];

/** What servers of all lines send, in canonical form. */
function serverTargets(ids: readonly string[]): string[] {
  const known = ids.filter((id) => /^[\w.~-]+$/.test(id));
  const servers = everyServer(VERSIONS, () => [false, true]);
  return [...known, '', 'nobody', 'JIRA'].flatMap((id) => [
    ...servers.map((server) => serverRequestTarget({ ...server, pluginId: id })),
    ...servers.map((server) => serverRequestTarget({ ...server, pluginId: id, perPage: -1 })),
    // Servers up to 5.19, with a slash too many, and the platforms and pages of later ones.
    ...VERSIONS.map((version) => {
      const text = known.includes(id) ? id.toUpperCase() : '';
      return `//api/v1/plugins?filter=${text}&page=0&server_version=${encodeURIComponent(version)}`;
    }),
    ...['0', '1', '99'].map(
      (page) => `/api/v1/plugins?x_y=z&cloud=true&plugin_id=${id}&page=${page}&other=x`,
    ),
    ...servers
      .filter(() => id !== '')
      .map((server) => serverRequestTarget({ ...server, pluginId: id, allVersions: true })),
  ]);
}

/** Asks a server of a random catalog all that servers send: it answers as the router. */
export async function compareWithRouter(
  t: TestContext,
  seed: number,
  start: (out: string) => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<void> {
  const releases = randomCatalog(seededRandom(seed));
  const site = await builtSite(releases, 'both', { search: seed % 2 === 0 });
  t.after(site.remove);
  const { url, stop } = await start(site.out);
  t.after(stop);
  const loaded = await loadSite(site.out);
  const targets = serverTargets([...new Set(releases.map(({ manifest }) => manifest.id))]);
  for (const target of targets) {
    const routed = route(loaded, 'GET', target);
    const { status, body } = await send(url + target);
    const about = `invariant 1: catalog ${seed}: ${target}`;
    if ('file' in routed) {
      const wanted = await readFile(path.join(loaded.root, routed.file.path), 'utf8');
      assert.equal(body.toString(), wanted, about);
    }
    assert.equal(status, 'file' in routed ? 200 : 400, about);
  }
  t.diagnostic(`catalog ${seed}: ${targets.length} requests`);
}
