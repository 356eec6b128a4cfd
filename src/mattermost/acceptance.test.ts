import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../test/corpora.ts';
import { runInNode } from '../../test/engines/edge-function.ts';
import { plannedSite } from '../../test/sites/planned-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { installableTable } from '../curation/installability/installable-table.ts';
import { type Ask, choosePlugin, listPlugins } from './client.ts';
import { findObstacles } from './install/installable.ts';
import type { MattermostServer } from './requests.ts';
import { isAtLeast, lineOf, SERVER_LINES, SERVER_PLATFORMS } from './server-line.ts';

const ROOT = path.join(import.meta.dirname, '../..');

const catalogs = [
  { name: 'shipped', catalog: path.join(ROOT, 'plugins.json') },
  ...FIXTURE_CORPORA,
  ...REAL_CORPORA,
];

// Search and other page sizes are off: no server needs them.
const SETTINGS = {
  search: false,
  everyPageSize: false,
  pageSizes: [100],
  maxFiles: 1,
  maxBytes: 1,
};

describe('What a server lists, it can install, or `check` names it (invariant 9)', () => {
  for (const { name, catalog } of catalogs) {
    test(`of the catalog ${name}`, async (context) => {
      const { releases, problems } = parseCatalog(await readFile(catalog, 'utf8'), name);
      assert.deepEqual(problems, []);
      const result = await acceptAll(releases);
      context.diagnostic(
        `${result.servers} servers listed ${result.listed} plugins: ${result.installed} install, ${result.named} are named by check`,
      );
      assert.deepEqual(result.failures.slice(0, 10), []);
      assert.ok(releases.length === 0 || result.listed > 0);
    });
  }
});

async function acceptAll(releases: readonly Release[]) {
  const site = await plannedSite(releases, SETTINGS);
  const ask = asker(site);
  const named = namedByCheck(releases);
  const result = { servers: 0, listed: 0, installed: 0, named: 0, failures: [] as string[] };
  for (const server of serversFor(releases)) {
    result.servers++;
    for (const plugin of await listPlugins(server, ask)) {
      result.listed++;
      const { id, version } = plugin.manifest;
      const about = `${describeServer(server)}: ${id}@${version}`;
      if (lineOf(server.version)?.installRequest === 'none') continue;
      try {
        const chosen = await choosePlugin(server, id, version, ask);
        const isListed = chosen.manifest.id === id && chosen.manifest.version === version;
        if (!isListed)
          result.failures.push(`${about} gets ${chosen.manifest.id}@${chosen.manifest.version}`);
        const checks = findObstacles(chosen, server).map(({ check }) => check);
        const unnamed = checks.filter((check) => !named.has(`${id}@${version} ${check}`));
        result.failures.push(...unnamed.map((check) => `${about}: ${check} is not named`));
        result[checks.length === 0 ? 'installed' : 'named']++;
      } catch (error) {
        result.failures.push(`${about}: ${(error as Error).message}`);
      }
    }
  }
  return result;
}

/** `jira@4.1.0 unsigned`: the table of `check` for each release. */
function namedByCheck(releases: readonly Release[]): Set<string> {
  const located = releases.map((release, index) => ({ release, file: '', index }));
  const rows = installableTable(located);
  return new Set(
    rows.flatMap(({ release, obstacles }) => obstacles.map(({ check }) => `${release} ${check}`)),
  );
}

/** Asks the router of a site, each question once. */
function asker({ code, read }: Awaited<ReturnType<typeof plannedSite>>): Ask {
  const known = new Map<string, { status: number; body: string }>();
  return async (query) => {
    const answer = known.get(query) ?? ask(query);
    known.set(query, answer);
    return answer;
  };
  function ask(query: string) {
    const [routed] = runInNode(code, [{ method: 'GET', path: '/api/v1/plugins', query }]);
    assert.ok(routed);
    if ('path' in routed) return { status: 200, body: read(routed.path) };
    return { status: routed.statusCode, body: routed.body };
  }
}

/**
 * Servers of every line and of every version at which the catalog changes, each on one platform after the other, in every
 * edition and hosting.
 */
function serversFor(releases: readonly Release[]): MattermostServer[] {
  const minimums = releases.map(({ manifest }) => manifest.min_server_version || '5.16.0');
  const wanted = [...SERVER_LINES.map(({ first }) => first), ...minimums, '5.24.9', '5.25.0'];
  const versions = [...new Set(wanted)].filter((version) => isAtLeast(version, '5.16.0'));
  return versions.flatMap((version, i) =>
    [false, true].flatMap((hasEnterprisePlugins, j) =>
      [false, true].map((isCloud, k) => ({
        version,
        platform: SERVER_PLATFORMS[(i + 2 * j + 4 * k) % SERVER_PLATFORMS.length] as string,
        isEnterpriseBuild: hasEnterprisePlugins || i % 2 === 0,
        hasEnterprisePlugins,
        isCloud,
      })),
    ),
  );
}

function describeServer(server: MattermostServer): string {
  const { version, platform, hasEnterprisePlugins, isCloud } = server;
  return `server ${version} on ${platform}, ${hasEnterprisePlugins ? 'enterprise' : 'team'}, ${isCloud ? 'cloud' : 'on-prem'}`;
}
