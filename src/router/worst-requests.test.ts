import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FIXTURE_CORPORA } from '../../test/corpora.ts';
import { skipWithoutNjs } from '../../test/engines/edge-function.ts';
import { plannedSite } from '../../test/sites/planned-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { bundleNginxModule } from '../hosts/bundle-router.ts';
import { toEdgeEvent } from '../hosts/cloudfront/edge-event.ts';
import { toRequestTarget } from '../hosts/embedded/connection/to-request-target.ts';

/** How much longer than an ordinary request any other may take. */
const MOST_TIMES = 10;

/** Each request is timed so often, and the shortest time counts: what else the machine does only adds to it. */
const TIMES = 40;

const SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0' +
  '&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=9.5.0';

const LARGEST_QUERY = 16_000;

const sent = (key: string, value: string) =>
  SERVER.replace(new RegExp(`&${key}=[^&]*`), `&${key}=${value}`);
const pairs = (count: number, pair: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => pair(i)).join('&');
const filled = (text: string) => text.repeat(LARGEST_QUERY).slice(0, LARGEST_QUERY);

// [kind, query]: what is read in full, and what is too long to be.
const WORST: [string, string][] = [
  ['a version of many identifiers', sent('server_version', `1.0.0-${'a.'.repeat(124)}a`)],
  ['a version of many numbers', sent('server_version', `1.0.0-${'1.'.repeat(124)}1`)],
  ['a version of 7,750 identifiers', sent('server_version', `1.0.0-${'1.'.repeat(7750)}1`)],
  ['a version of much metadata', sent('server_version', `1.0.0+${'-'.repeat(250)}`)],
  ['a filter of capitals and small letters', sent('filter', 'Aa'.repeat(128))],
  ['a filter in capitals', sent('filter', 'A'.repeat(256))],
  ['a filter of blanks', sent('filter', `${'+'.repeat(255)}x`)],
  ['a filter with blanks in it', sent('filter', `x${'+'.repeat(254)}x`)],
  ['a filter of escapes', sent('filter', '%e3%81%82'.repeat(28))],
  ['a filter of broken escapes', sent('filter', '%ff'.repeat(85))],
  ['an id of escapes', sent('plugin_id', '%20'.repeat(85))],
  ['an id of letters', sent('plugin_id', '/'.repeat(256))],
  ['a page of zeros', sent('page', `${'0'.repeat(255)}x`)],
  ['many keys', pairs(32, (i) => `k${i}=1`)],
  ['many escaped keys', pairs(32, (i) => `%4${i % 10}${i}=%4${i % 10}%ff`)],
  ['many broken keys', pairs(32, (i) => `%ff${i}=%ff%ff`)],
  ['one key many times', filled('page=1&')],
  ['two spellings many times', filled('page=1&p%61ge=1&')],
  ['very many keys', pairs(2500, (i) => `k${i}`)],
  ['very many pairs', filled('&')],
  ['a very long escape', filled('%ff')],
  ['a very long value', `filter=${filled('A')}`],
  ['a very long key', filled('a')],
];

/** What servers send: to list, and up to 5.31 to install. */
const ORDINARY: [string, string][] = [
  ['a list', SERVER],
  ['a filter', sent('filter', 'jira')],
];

const asked = [...ORDINARY, ...WORST].map(([kind, query]) => {
  return { kind, target: `/api/v1/plugins?${query}`, ifNoneMatch: '' };
});

/** What only nginx leaves to the router. */
const ASKED_OF_NGINX = [
  ...asked,
  ...[
    ['bytes beyond ASCII', `/api/v1/plugins?filter=${'\u00e9'.repeat(7000)}`, ''],
    ['bytes beyond ASCII that are read', `/api/v1/plugins?filter=${'\u00e9'.repeat(42)}`, ''],
    ['a path beyond ASCII', `/${'\u00e9'.repeat(7000)}`, ''],
    ['all that is not encoded', `/"<>\\^\`{|}%${'\u00e9'.repeat(7000)}`, ''],
    ['a path of slashes', `${'/'.repeat(15_000)}api/v1/plugins?filter=\u00e9`, ''],
    ['very many tags', `/api/v1/plugins?${SERVER}`, '""'.repeat(8000)],
    ['half a tag', `/api/v1/plugins?${SERVER}`, `"${'a'.repeat(16_000)}`],
  ].map(([kind = '', target = '', ifNoneMatch = '']) => ({ kind, target, ifNoneMatch })),
];

const CALL_FUNCTION = 'function ask(request) { handler(request.event); }';

const CALL_MODULE = `function ask(request) {
  const variables = { request_uri: request.target };
  const headersIn = { 'If-None-Match': request.ifNoneMatch };
  edge.status({ method: 'GET', variables: variables, headersIn: headersIn });
}`;

describe('No request takes the router ten times as long as that of a server', {
  skip: skipWithoutNjs,
}, async () => {
  const { catalog = '' } = FIXTURE_CORPORA[5] ?? {};
  const { releases } = parseCatalog(readFileSync(catalog, 'utf8'), catalog);
  const { code, plan } = await plannedSite(releases, { maxFiles: 2000 });

  test('on CloudFront', (t) => {
    const slow = findSlow(`${code}${CALL_FUNCTION}`, asked, (line) => t.diagnostic(line));
    assert.deepEqual(slow, []);
  });

  test('in nginx', async (t) => {
    const module = await bundleNginxModule({ table: plan.table, contentTypes: {} });
    const source = `${module.replace('export default', 'const edge =')}${CALL_MODULE}`;
    assert.deepEqual(
      findSlow(source, ASKED_OF_NGINX, (line) => t.diagnostic(line)),
      [],
    );
  });
});

/** The kinds of requests that take too long, with their multiples of what servers send: of a list, or of a filter. */
function findSlow(source: string, requests: typeof asked, tell: (line: string) => void): string[] {
  const shortest = timeInNjs(source, requests);
  const lines = requests
    .map(({ kind }, i) => {
      const ordinary = shortest[kind.includes('filter') ? 1 : 0] as number;
      return { kind, times: (shortest[i] as number) / ordinary };
    })
    .sort((a, b) => b.times - a.times)
    .map(({ kind, times }) => ({ times, line: `${kind}: ${times.toFixed(1)} times` }));
  for (const { line } of lines.slice(0, 4)) tell(line);
  return lines.filter(({ times }) => !(times <= MOST_TIMES)).map(({ line }) => line);
}

/** The shortest time of each request, in milliseconds. */
function timeInNjs(source: string, requests: typeof asked): number[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-njs-'));
  try {
    const made = requests.map(({ target, ifNoneMatch }) => {
      const event = toEdgeEvent('GET', toRequestTarget(target), {});
      return JSON.stringify({ target, ifNoneMatch, event });
    });
    const data = path.join(folder, 'requests.json');
    writeFileSync(data, JSON.stringify(made));
    const script = path.join(folder, 'time.js');
    writeFileSync(script, `${source}\n${TIME.replace('DATA', JSON.stringify(data))}`);
    const options = { encoding: 'utf8', maxBuffer: 2 ** 26, timeout: 60_000 } as const;
    const { status, stdout, stderr } = spawnSync('njs', [script], options);
    assert.equal(status, 0, stdout + stderr);
    const shortest = requests.map(() => Number.NaN);
    for (const [, i, ms] of stdout.matchAll(/^(\d+): ([\d.]+)ms/gm)) {
      shortest[Number(i)] = Math.min(shortest[Number(i)] || Number(ms), Number(ms));
    }
    return shortest;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TIME = `
var made = JSON.parse(require('fs').readFileSync(DATA).toString());
for (var time = 0; time < ${TIMES}; time++) {
  for (var i = 0; i < made.length; i++) {
    var request = JSON.parse(made[i]);
    console.time(String(i));
    ask(request);
    console.timeEnd(String(i));
  }
}
`;
