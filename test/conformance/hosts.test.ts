import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { describeHosts } from '../../src/hosts/describe-hosts.ts';
import type { Snapshot } from '../../src/snapshot/parse-snapshot.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { EDGES } from '../engines/edges.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';
import { readReleases } from '../sites/planned-site.ts';

// What `npm run hosts` lists, and requests of that kind, which the router answers.
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'text search': ['filter=first'],
  'page sizes other than 100': ['per_page=1', 'per_page=2&plugin_id=a'],
  escapes: ['plugin_id=%61', 'f%69lter=a'],
  'repeated keys': ['plugin_id=a&plugin_id=b'],
  'all versions of all plugins': ['return_all_versions=true&per_page=-1&enterprise_plugins=true'],
};

// What servers ask for.
const OF_SERVERS = ['', 'server_version=9.5.0', 'plugin_id=a', 'filter=a', 'page=0&per_page=100'];

// A host as it is listed, and the edge that is tested.
const HOSTS = {
  'embedded server': 'embedded server',
  nginx: 'rules of nginx',
  'nginx with njs': 'nginx',
  Apache: 'Apache',
  Caddy: 'Caddy',
  HAProxy: 'HAProxy',
  Cloudflare: 'Cloudflare',
  CloudFront: 'CloudFront',
};

const releases = readReleases(
  [
    ['a', '1.0.0', 'The first'],
    ['a', '2.0.0', 'The first'],
    ['b', '1.0.0', 'Another'],
  ].map(([id, version, name]) => ({ manifest: { id, name, version } })),
);

for (const allLists of [true, false]) {
  describe(`A build ${allLists ? 'with' : 'without'} lists of all versions`, () => {
    let site: BuiltSite;
    let snapshot: Snapshot;
    before(async () => {
      site = await builtSite(releases, 'both', { allLists });
      snapshot = (await readSnapshot(site.out)).snapshot;
    });
    after(() => site.remove());

    test('is described for every host', () => {
      const listed = describeHosts(snapshot).map(({ host }) => host);
      assert.deepEqual(new Set(listed), new Set(Object.keys(HOSTS)));
    });

    for (const [host, edgeName] of Object.entries(HOSTS)) {
      const { start, skip = false } = EDGES[edgeName] ?? {};
      test(`is refused by ${host} only where npm run hosts says so`, { skip }, async (t) => {
        assert.ok(start);
        const edge = await start(site.out);
        t.after(() => edge.stop());
        const refuses = describeHosts(snapshot).find((each) => each.host === host)?.refuses ?? [];
        const kinds = [['', OF_SERVERS], ...Object.entries(KINDS)] as const;
        for (const [kind, queries] of kinds) {
          const targets = queries.map((query) => `/api/v1/plugins?${query}`);
          const answers = await edge.ask(
            targets.map((target) => ({ method: 'GET', target, headers: {} })),
          );
          for (const [i, { status }] of answers.entries()) {
            assert.equal(status, refuses.includes(kind) ? 400 : 200, `${kind}: ${targets[i]}`);
          }
        }
      });
    }
  });
}
