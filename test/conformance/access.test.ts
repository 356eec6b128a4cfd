import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makePassword, parseUsers, userLine } from '../../src/hosts/users.ts';
import { type EdgeAnswer, startEmbeddedEdge, type WireRequest } from '../engines/edges.ts';
import { seededRandom } from '../random.ts';
import { randomCatalog } from '../samples/random-catalog.ts';
import { type BuiltSite, builtSite } from '../sites/built-site.ts';
import { PRIVATE_EDGES, type PrivateSite, USER } from './private-edges.ts';

const releases = randomCatalog(seededRandom(3));

const PLUGINS = '/api/v1/plugins';
const FROM_A_SERVER =
  'build_enterprise_ready=true&cloud=false&enterprise_plugins=true&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=10.5.1';

// Method, target, the status with the right password. What is there, what is not, what is refused, and what leads on: each of them
// would tell something.
const REQUESTS: readonly (readonly [string, string, number])[] = [
  ['GET', '/', 200],
  ['GET', '/plugins/!todo/', 200],
  ['GET', '/plugins/!todo', 308],
  ['GET', '/plugins/nobody', 404],
  ['GET', '/list.json', 200],
  ['GET', '/catalog.json', 200],
  ['GET', '/feed.xml', 200],
  ['GET', '/files/DIGEST/1', 200],
  ['GET', '/files/DIGEST/9999', 404],
  ['GET', '/api/v1/labels', 200],
  ['GET', '/api/nothing', 404],
  ['GET', PLUGINS, 200],
  ['HEAD', PLUGINS, 200],
  ['GET', `${PLUGINS}?${FROM_A_SERVER}`, 200],
  ['GET', `/${PLUGINS}?${FROM_A_SERVER}`, 200],
  ['GET', `${PLUGINS}?${FROM_A_SERVER.replace('plugin_id=', 'plugin_id=todo')}`, 200],
  ['GET', `${PLUGINS}?${FROM_A_SERVER.replace('plugin_id=', 'plugin_id=nobody')}`, 200],
  ['GET', `${PLUGINS}?page=x`, 400],
  ['POST', PLUGINS, 405],
  ['OPTIONS', PLUGINS, 405],
];

/** Paths that may be taken for the one that is open. */
const DISGUISED = [
  `${PLUGINS}/../health`,
  `/api/v1/health/../plugins`,
  `/api/v1/health/../../../plugins/!todo`,
  `/api/v1/health%2f..%2fplugins`,
  `/api/v1/health/`,
  `/api/v1/health;/../plugins`,
  `/plugins/!todo/../../api/v1/health`,
  `${PLUGINS}?/../health`,
  `${PLUGINS}%3f/../health`,
  `${PLUGINS}#/../health`,
  `/catalog.json%3f/../api/v1/health`,
  '/api/v1/health#/../plugins',
  '/api/v1/health?/../plugins',
  '/api/v1/%68ealth',
  '/API/V1/HEALTH',
  '//api/v1/health/../../../catalog.json',
  // The files themselves, and what is beside them.
  '/snapshots/ID/api/catalog.json',
  '/snapshots/ID/site/index.html',
  '/snapshot.json',
  '/edge/nginx.js',
  '/edge/cloudflare/_worker.js',
  '/_worker.js',
  '/api/../users',
  '/api/%2e%2e/users',
  // The bundles are open.
  '/bundles/',
  '/bundles/../catalog.json',
  '/bundles/..%2fcatalog.json',
  '/bundles/%2e%2e/catalog.json',
  '/bundles/catalog.json',
  // Other spellings.
  '//catalog.json',
  '/./catalog.json',
  '/catalog%2ejson',
  'http://marketplace.example.com/catalog.json',
  'http://marketplace.example.com/api/v1/health/../plugins',
];

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

/** What is sent instead of the right password. */
const wrongOnes = (password: string): Readonly<Record<string, string>> => ({
  'another password': `Basic ${base64(`${USER}:x`)}`,
  'a longer password': `Basic ${base64(`${USER}:${password}x`)}`,
  'a shorter password': `Basic ${base64(`${USER}:${password.slice(0, -1)}`)}`,
  'no password': `Basic ${base64(`${USER}:`)}`,
  'no user': `Basic ${base64(`:${password}`)}`,
  'no colon': `Basic ${base64(USER + password)}`,
  'another user': `Basic ${base64(`nobody:${password}`)}`,
  'a user in capitals': `Basic ${base64(`${USER.toUpperCase()}:${password}`)}`,
  'a colon in the password': `Basic ${base64(`${USER}:a:${password}`)}`,
  'a colon behind the password': `Basic ${base64(`${USER}:${password}:`)}`,
  'a zero in the password': `Basic ${base64(`${USER}:${password.slice(0, 9)}\0${password}`)}`,
  'bytes that are no UTF-8': `Basic ${base64(Buffer.from([0xff, 0xfe, 0x3a, 0xc3]))}`,
  'no base64': 'Basic \xff\xfe!!',
  'nothing behind the scheme': 'Basic',
  'a blank behind the scheme': 'Basic ',
  'another scheme': `Bearer ${base64(`${USER}:${password}`)}`,
  'no scheme': base64(`${USER}:${password}`),
  'twice the scheme': `Basic Basic ${base64(`${USER}:${password}`)}`,
  'the password itself': `Basic ${USER}:${password}`,
  'a long header': `Basic ${base64('x'.repeat(5000))}`,
});

describe('With users', () => {
  const password = makePassword();
  let site: BuiltSite;
  let served: PrivateSite;
  let expected: EdgeAnswer[];

  const ask = (authorization?: string): WireRequest[] =>
    REQUESTS.map(([method, target]) => ({
      method,
      target: target.replace('DIGEST', site.digest),
      headers: authorization === undefined ? {} : { authorization },
    }));

  before(async () => {
    const open = await builtSite(releases);
    const line = `${userLine('other', makePassword())}\n${userLine(USER, password)}\n`;
    site = await builtSite(releases, 'both', { userHashes: parseUsers(line, 'users') });
    const file = path.join(path.dirname(site.out), 'users');
    await writeFile(file, line, { mode: 0o644 });
    served = { out: site.out, file, password };
    const embedded = await startEmbeddedEdge(open.out);
    expected = await embedded.ask(ask());
    await embedded.stop();
    await open.remove();
  });
  after(() => site.remove());

  for (const [name, { start, skip }] of Object.entries(PRIVATE_EDGES)) {
    test(`${name} answers nobody else, and them as it answers everybody without`, {
      skip,
    }, async (t) => {
      const edge = await start(served);
      t.after(edge.stop);
      const right = `Basic ${base64(`${USER}:${password}`)}`;

      for (const [what, sent] of [
        ['nothing', undefined] as const,
        ...Object.entries(wrongOnes(password)),
      ]) {
        const answers = await edge.ask(ask(sent));
        answers.forEach(({ status, headers, body }, i) => {
          const asked = `${what}: ${REQUESTS[i]?.slice(0, 2).join(' ')}`;
          // What a host cannot read it may call malformed.
          if (/no base64|scheme/.test(what) && status === 400) return;
          assert.equal(status, 401, asked);
          assert.match(headers['www-authenticate'] ?? '', /^Basic realm="/i, asked);
          assert.doesNotMatch(headers['cache-control'] ?? '', /max-age=[1-9]/, asked);
          assert.equal(headers['location'] ?? '', '', asked);
          assert.doesNotMatch(body, /todo|plugins\b(?!\/)|manifest/i, asked);
        });
      }
      const conditional = ask().map((each) => ({ ...each, headers: { 'if-none-match': '*' } }));
      for (const { status } of await edge.ask(conditional))
        assert.equal(status, 401, 'a condition');

      for (const sent of [undefined, 'Basic x', right]) {
        const headers = sent === undefined ? {} : { authorization: sent };
        const health = { target: '/api/v1/health', headers };
        const [got, head] = await edge.ask([
          { ...health, method: 'GET' },
          { ...health, method: 'HEAD' },
        ]);
        assert.deepEqual([got?.status, head?.status], [200, 200], `health with ${sent}`);
      }
      const disguised = DISGUISED.map((target) => ({
        ...{ method: 'GET', headers: {} },
        target: target.replace('ID', site.id),
      }));
      (await edge.ask(disguised)).forEach(({ status, body }, i) => {
        // Or the one that is open, where a host resolves dots first.
        const isHealth = status === 200 && body.includes('abcdef0123');
        // Or the error of a proxy in front, which takes an address for that of another host.
        const isElsewhere = status >= 400 && !DISGUISED[i]?.startsWith('/');
        const isRefused = [400, 401, 404].includes(status) || isElsewhere;
        assert.ok(isHealth || isRefused, `${status} ${DISGUISED[i]}`);
        assert.doesNotMatch(body, /manifest|!todo|[0-9a-f]{80}/, DISGUISED[i]);
      });

      const answers = await edge.ask(ask(right));
      answers.forEach(({ status, body, headers }, i) => {
        const [method, target, wanted] = REQUESTS[i] as (typeof REQUESTS)[number];
        const asked = `${method} ${target}`;
        assert.equal(status, wanted, asked);
        assert.doesNotMatch(headers['cache-control'] ?? '', /public/, asked);
        if (wanted === 200) assert.equal(body, expected[i]?.body, asked);
        if (edge.isServer) {
          assert.equal(headers['cache-control'], expected[i]?.headers['cache-control'], asked);
        }
      });
      // Spellings that RFC 9110 and RFC 7617 allow, and one that hosts may take or leave.
      const spellings = [right.replace('Basic', 'basic'), right.replace('Basic', 'BASIC')];
      for (const sent of spellings) {
        const [, , ...found] = await edge.ask(ask(sent));
        assert.equal(found[9]?.status, 200, sent.slice(0, 6));
      }
      const [bare] = await edge.ask(ask(right.replace(/=+$/, '')));
      assert.ok(bare?.status === 200 || bare?.status === 401);
    });
  }
});
