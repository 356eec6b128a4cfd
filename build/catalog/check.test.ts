import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { checkCatalog } from '../../src/curation/check/check-catalog.ts';
import type { InstallableRow } from '../../src/curation/installability/installable-table.ts';
import { unarmorAll } from '../../src/mattermost/openpgp/unarmor.ts';
import { indexCatalog } from '../../src/query/catalog-index.ts';
import { evaluate } from '../../src/query/evaluate.ts';
import { type Filter, parseFilter } from '../../src/router/request/parse-filter.ts';
import { impatientWeb, startLoopback } from '../../test/engines/loopback-server.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog } from '../../test/samples/random-catalog.ts';
import { rsaSignature } from '../../test/samples/rsa-signature.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { check } from './check.ts';
import { makeProject, NOW, runCatalog } from './fixture-catalog-command.ts';

let made = 0;

/** A release that leaves nothing to be wished for; each call makes one with a bundle and a signature of its own. */
const full = (version: string, min: string, more: object = {}, manifest: object = {}) => ({
  homepage_url: 'https://example.com/',
  icon_data: 'data:image/svg+xml;base64,PHN2Zy8+',
  download_url: `https://example.com/${made++}.tar.gz`,
  signature: rsaSignature(made),
  release_notes_url: 'https://example.com/notes',
  manifest: {
    id: 'abc',
    name: 'Abc',
    description: 'Does.',
    version,
    min_server_version: min,
    webapp: { bundle_path: 'webapp/dist/main.js' },
    ...manifest,
  },
  ...more,
});

/** The problems of a catalog: level, check, release. */
async function problemsOf(entries: readonly object[]): Promise<string[]> {
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'a.json');
  assert.deepEqual(problems, []);
  return checkCatalog([{ file: 'a.json', releases }], NOW).map(({ level, check, release }) =>
    `${level} ${check} ${release?.split('@')[1] ?? ''}`.trim(),
  );
}

const enterprise = { enterprise: true };
const cloud = { hosting: 'cloud' };
const onPrem = { hosting: 'on-prem' };

// What the catalog is like, its entries, what is found: level, check and version.
const cases: readonly (readonly [string, readonly object[], string[]])[] = [
  ['nothing to complain of', [full('2.0.0', '9.0.0'), full('1.0.0', '8.0.0')], []],
  ['no release', [], ['warning empty-catalog']],
  [
    'a release that says nothing',
    [{ manifest: { id: 'abc', version: '1.0.0' } }],
    [
      'warning missing-icon 1.0.0',
      'warning missing-name 1.0.0',
      'warning missing-description 1.0.0',
      'warning missing-home-page 1.0.0',
      'warning missing-release-notes 1.0.0',
      'error missing-download 1.0.0',
      'warning empty-plugin 1.0.0',
    ],
  ],
  [
    'a description of blanks',
    [full('1.0.0', '', {}, { description: ' ' })],
    ['warning missing-description 1.0.0'],
  ],
  [
    'ids that differ in case',
    [full('1.0.0', ''), full('1.0.0', '', {}, { id: 'ABC' })],
    ['warning similar-id 1.0.0', 'warning capital-id 1.0.0', 'warning mistaken-for-other 1.0.0'],
  ],
  [
    'a newer release for older servers',
    [full('2.0.0', '8.0.0'), full('1.0.0', '9.0.0')],
    ['warning loosened-requirement 2.0.0', 'warning never-offered 1.0.0'],
  ],
  [
    'a release that a newer one hides',
    [full('1.1.0', '9.0.0'), full('1.0.0', '9.0.0')],
    ['warning never-offered 1.0.0'],
  ],
  [
    'a release that servers without Enterprise are offered',
    [
      full('1.2.0', '9.0.0', enterprise),
      full('1.1.0', '9.0.0', enterprise),
      full('1.0.0', '9.0.0'),
    ],
    ['warning never-offered 1.1.0'],
  ],
  [
    'releases for one hosting each, of which neither hides the other',
    [full('1.1.0', '9.0.0', cloud), full('1.0.0', '9.0.0', onPrem)],
    ['warning unlike-hosting 1.1.0'],
  ],
  [
    'a release for both hostings that two newer ones hide together',
    [full('1.2.0', '9.0.0', cloud), full('1.1.0', '9.0.0', onPrem), full('1.0.0', '9.0.0')],
    ['warning never-offered 1.0.0', 'warning unlike-hosting 1.2.0'],
  ],
  [
    'an edition that changes for good',
    [
      full('4.0.0', '9.3.0', enterprise),
      full('3.0.0', '9.2.0', enterprise),
      full('2.0.0', '9.1.0'),
    ],
    [],
  ],
  [
    'an edition that changes with the newest release',
    [full('3.0.0', '9.2.0', enterprise), full('2.0.0', '9.1.0'), full('1.0.0', '9.0.0')],
    ['warning unlike-edition 3.0.0'],
  ],
  [
    'an edition that is another in the middle',
    [full('3.0.0', '9.2.0'), full('2.0.0', '9.1.0', enterprise), full('1.0.0', '9.0.0')],
    ['warning unlike-edition 2.0.0'],
  ],
  [
    'versions for each hosting, each twice',
    [
      full('2.0.0', '9.1.0', cloud),
      full('2.0.0', '9.1.0', onPrem),
      full('1.0.0', '9.0.0', cloud),
      full('1.0.0', '9.0.0', onPrem),
    ],
    ['warning repeated-version 2.0.0', 'warning repeated-version 1.0.0'],
  ],
];

for (const [what, entries, expected] of cases) {
  test(`a catalog with ${what}: ${expected.join('; ') || 'no problems'}`, async () => {
    assert.deepEqual(await problemsOf(entries), expected);
  });
}

/** Whether a release is the newest of its plugin for any of many servers, asked one by one. */
function isEverOffered(releases: readonly Release[], position: number): boolean {
  const index = indexCatalog(releases);
  const versions = releases.map(({ manifest }) => manifest.min_server_version ?? '');
  const servers = ['', '0.0.0-0', '5.24.9', '5.25.0-0', '5.25.0', '99.0.0', ...versions];
  return servers.some((server) =>
    ['true', 'false'].some((edition) =>
      ['true', 'false'].some((hosting) => {
        const query = `per_page=-1&server_version=${encodeURIComponent(server)}&enterprise_plugins=${edition}&cloud=${hosting}`;
        const answer = evaluate(index, parseFilter(query) as Filter);
        return answer?.some((found) => found.position === position);
      }),
    ),
  );
}

for (const seed of seeds(30)) {
  test(`never-offered says what the API answers (seed ${seed})`, () => {
    const releases = randomCatalog(seededRandom(seed));
    const never = checkCatalog([{ file: 'a.json', releases }], NOW)
      .filter((problem) => problem.check === 'never-offered')
      .map(({ path: at }) => Number(/^\[(\d+)\]/.exec(at ?? '')?.[1]));
    const expected = releases.flatMap((_, i) => (isEverOffered(releases, i) ? [] : [i]));
    assert.deepEqual(
      never.sort((a, b) => a - b),
      expected,
    );
  });
}

test('the catalog that we ship has no errors', () => {
  const file = path.join(import.meta.dirname, '../../plugins.json');
  const { releases } = parseCatalog(readFileSync(file, 'utf8'), file);
  const problems = checkCatalog([{ file, releases }], NOW);
  assert.deepEqual(
    problems.filter(({ level }) => level === 'error'),
    [],
  );
});

const icon = [full('1.0.0', '', { icon_data: '' })];

test('a problem is a line with its level, release, place, remedy and check', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': icon });
  const { code, stdout, stderr } = await runCatalog(check, [], { cwd });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^warning: abc@1\.0\.0 plugins\.json \[0\]\.icon_data: "" is no icon — .* \[missing-icon\]\n$/,
  );
  assert.equal(stderr, '0 errors, 1 warning\n');
});

test('--json has the problems, and the counts', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': icon });
  const { stdout } = await runCatalog(check, ['--json'], { cwd });
  const { errors, warnings, problems } = JSON.parse(stdout);
  assert.deepEqual([errors, warnings], [0, 1]);
  assert.deepEqual([problems[0].check, problems[0].release], ['missing-icon', 'abc@1.0.0']);
});

const onLinux = { server: { executables: { 'linux-amd64': 'server/dist/plugin' } } };
const partly = [
  full('2.0.0', '9.0.0'),
  full('1.1.0', '6.0.0', {}, onLinux),
  full('1.0.0', '6.0.0', {}, onLinux),
];

test('after the problems stands which servers can install what not all can, releases that fare alike together', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': [...partly, ...icon] });
  const { stdout } = await runCatalog(check, [], { cwd });
  const [, table] = stdout.split(/(?=^Of the servers)/m);
  assert.equal(
    table,
    'Of the servers that a release fits, these can install and start it, where not all can:\n' +
      '  servers 6.0 and newer on linux-amd64 [no-program]\n' +
      '    abc@1.1.0, abc@1.0.0\n',
  );
});

test('--json has a row for every release: who can install it, and what keeps others from it', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': partly });
  const { installable } = JSON.parse((await runCatalog(check, ['--json'], { cwd })).stdout);
  assert.deepEqual(
    installable.map(({ release, everywhere }: InstallableRow) => [release, everywhere]),
    [
      ['abc@2.0.0', true],
      ['abc@1.1.0', false],
      ['abc@1.0.0', false],
    ],
  );
  const [, row] = installable as InstallableRow[];
  assert.deepEqual(row?.installable, [{ servers: '6.0 and newer', platforms: ['linux-amd64'] }]);
  const [obstacle, ...others] = row.obstacles;
  assert.deepEqual(others, []);
  assert.equal(obstacle?.check, 'no-program');
  assert.ok(!obstacle.platforms.includes('linux-amd64') && obstacle.platforms.length > 5);
});

test('a catalog that breaks the rules has no table', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': [{}, ...partly] });
  const { installable } = JSON.parse((await runCatalog(check, ['--json'], { cwd })).stdout);
  assert.deepEqual(installable, []);
});

const good = await makeSigningKey();
const edwards = await makeSigningKey({ curve: 'ed25519Legacy' });
const withEdwards = await makeSigningKey({ subkey: 'ed25519Legacy' });
const bytesOf = async (...keys: string[]) =>
  Buffer.concat(
    keys.map((armored) => Buffer.from(unarmorAll(Buffer.from(armored))[0]?.bytes ?? [])),
  );

// What the key file is, its content, the code, what is told of it.
const keyFiles: readonly (readonly [string, string | Buffer, 0 | 1, RegExp])[] = [
  ['a key that servers use', good.publicKey, 0, /^$/],
  ['a key of Ed25519', edwards.publicKey, 1, /^error: k\.asc: .*no server can use/],
  [
    'a key with a subkey of Ed25519',
    withEdwards.publicKey,
    1,
    /^error: k\.asc: .*no server can use/,
  ],
  ['a private key', good.privateKey, 1, /^error: k\.asc: holds a private key/],
  ['no key', 'nothing', 1, /^error: k\.asc: holds no OpenPGP public key/],
  ['nothing', '', 1, /^error: k\.asc: holds no OpenPGP public key/],
  [
    'a key that servers use, and one of Ed25519',
    await bytesOf(good.publicKey, edwards.publicKey),
    0,
    /^warning: k\.asc: holds the key [0-9A-F]{16}, which .* \[refused-key\]\n$/,
  ],
];

for (const [what, content, code, stdout] of keyFiles) {
  test(`a key file of the settings with ${what} is judged: ${stdout.source}`, async (t) => {
    const cwd = await makeProject(t, {
      'plugins.json': [full('1.0.0', '')],
      'k.asc': content,
      'marketplace.config.json': { keys: ['k.asc'] },
    });
    const ran = await runCatalog(check, [], { cwd });
    assert.match(ran.stdout, stdout);
    assert.equal(ran.code, code);
  });
}

test('a key file that is not there is an error, and the catalog is checked all the same', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': icon });
  const ran = await runCatalog(check, [], { cwd, environment: { MARKETPLACE_KEYS: 'no.asc' } });
  assert.match(ran.stdout, /missing-icon/);
  assert.match(ran.stdout, /^error: no\.asc: /m);
  assert.equal(ran.code, 1);
});

interface Case {
  readonly args?: readonly string[];
  readonly catalog: string | object;
  readonly config?: object;
  readonly code: 0 | 1;
  readonly stdout: RegExp;
  readonly stderr: RegExp;
}

const ignore = (release: string, ...checks: string[]) => ({ ignoreChecks: { [release]: checks } });

// By what they show.
const runs: Readonly<Record<string, Case>> = {
  'warnings pass': { catalog: icon, code: 0, stdout: /missing-icon/, stderr: /^0 errors, 1/ },
  'warnings are errors with --strict': {
    args: ['--strict'],
    catalog: icon,
    code: 1,
    stdout: /missing-icon/,
    stderr: /^error: 0 errors, 1 warning/,
  },
  'errors fail': {
    catalog: [full('1.0.0', '', { download_url: '' })],
    code: 1,
    stdout: /missing-download/,
    stderr: /^error: 1 error, 0 warnings/,
  },
  'what a build refuses fails': {
    catalog: [{ manifest: { id: 'abc', version: '1' } }],
    code: 1,
    stdout: /^error: plugins\.json:\d+:\d+ \[0\]\.manifest\.version: "1" is not a semantic version/,
    stderr: /^error: 1 error/,
  },
  'what is no JSON fails': {
    catalog: '[{',
    code: 1,
    stdout: /^error: plugins\.json:1:\d/,
    stderr: /1 error/,
  },
  'a check is switched off for one release': {
    args: ['--strict'],
    catalog: icon,
    config: ignore('abc@1.0.0', 'missing-icon'),
    code: 0,
    stdout: /^$/,
    stderr: /^0 errors, 0 warnings/,
  },
  'a check is not switched off for another': {
    catalog: icon,
    config: ignore('abc@1.0.1', 'missing-icon'),
    code: 0,
    stdout:
      /missing-icon\]\nwarning: abc@1\.0\.1 marketplace\.config\.json ignoreChecks\["abc@1\.0\.1"\]: "missing-icon" switches off what finds nothing — remove it \[idle-ignore\]\n$/,
    stderr: /^0 errors, 2 warnings/,
  },
  'a check by a wrong name is told': {
    catalog: icon,
    config: ignore('abc@1.0.0', 'missing-icons'),
    code: 0,
    stdout: /"missing-icons" switches off what finds nothing/,
    stderr: /2 warnings/,
  },
  'a check that was not run is not told to be idle': {
    catalog: icon,
    config: ignore('abc@1.0.0', 'missing-icon', 'unreachable-page'),
    code: 0,
    stdout: /^$/,
    stderr: /0 warnings/,
  },
  'what breaks the rules is not switched off': {
    catalog: [{ manifest: { id: 'abc', version: '1' } }],
    config: ignore('abc@1', ''),
    code: 1,
    stdout: /"1" is not a semantic version/,
    stderr: /1 error/,
  },
  'an empty file is told to hold a list': {
    catalog: '',
    code: 1,
    stdout: /^error: plugins\.json: is empty — write \[\] /,
    stderr: /1 error/,
  },
  'an empty list passes': {
    catalog: '[]',
    code: 0,
    stdout: /empty-catalog\]\n$/,
    stderr: /^0 errors, 1 warning/,
  },
  'a catalog of 2019 is sent to migrate': {
    catalog: [{ HomepageURL: '', Manifest: { id: 'abc', version: '1.0.0' } }],
    code: 1,
    stdout: /^error: plugins\.json:\d+:\d+ \[0\]\.HomepageURL: .*npm run catalog -- migrate\n$/,
    stderr: /1 error/,
  },
  'settings that are none fail': {
    catalog: icon,
    config: { ignoreChecks: ['missing-icon'] },
    code: 1,
    stdout: /^$/,
    stderr: /ignoreChecks: invalid input.*lists of checks by release/,
  },
};

for (const [what, { args = [], catalog, config = {}, code, stdout, stderr }] of Object.entries(
  runs,
)) {
  test(`check: ${what}`, async (t) => {
    const files = { 'plugins.json': catalog, 'marketplace.config.json': config };
    const ran = await runCatalog(check, args, { cwd: await makeProject(t, files) });
    assert.match(ran.stdout, stdout);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
  });
}

test('--online asks each URL once, and tells which do not answer', async (t) => {
  const server = await startLoopback(t, (request, response) => {
    const { method, url } = request;
    if (url === '/gone') response.writeHead(404).end();
    else if (url === '/no-head' && method === 'HEAD') response.writeHead(405).end();
    else if (url === '/moved') response.writeHead(301, { location: '/ok' }).end();
    else if (url === '/fails') response.writeHead(503).end();
    else response.end('x'.repeat(100_000));
  });
  const at = (name: string) => `${server.url}/${name}`;
  const entry = full('1.0.0', '', {
    homepage_url: at('moved'),
    download_url: at('gone'),
    release_notes_url: at('no-head'),
    platforms: { 'linux-amd64': { download_url: at('fails') }, 'linux-arm64': {} },
  });
  const cwd = await makeProject(t, {
    'plugins.json': [
      entry,
      { ...entry, manifest: { ...entry.manifest, id: 'abd', support_url: at('gone') } },
    ],
  });
  const { code, stdout } = await runCatalog(check, ['--online', '--json'], { cwd });
  assert.equal(code, 1);
  const { problems } = JSON.parse(stdout);
  const unreachable = problems.filter(({ check: name }: { check: string }) =>
    name.startsWith('unreachable-'),
  );
  const found = unreachable.map(
    ({ level, check: name, path: at }: Record<string, string>) => `${level} ${name} ${at}`,
  );
  assert.deepEqual(found, [
    'error unreachable-bundle [0].download_url',
    'error unreachable-bundle [0].platforms.linux-amd64.download_url',
    'error unreachable-bundle [1].download_url',
    'error unreachable-bundle [1].platforms.linux-amd64.download_url',
    'warning unreachable-page [1].manifest.support_url',
  ]);
  assert.match(unreachable[0].message, /^cannot be reached: http.*\/gone answers 404 Not Found$/);
  assert.equal(server.asked.filter((line) => line === 'HEAD /gone').length, 1);
  const ranged = server.requests.find(({ method, url }) => method === 'GET' && url === '/no-head');
  assert.equal(ranged?.headers.range, 'bytes=0-0');
});

test('--online asks a host for few things at a time, and makes pauses', async (t) => {
  let open = 0;
  let most = 0;
  const server = await startLoopback(t, (_, response) => {
    open++;
    most = Math.max(most, open);
    setTimeout(() => {
      open--;
      response.end();
    }, 10);
  });
  const entries = Array.from({ length: 40 }, (_, i) =>
    full(`1.${i}.0`, `9.${i}.0`, {
      download_url: `${server.url}/${i}`,
      homepage_url: '',
      release_notes_url: '',
    }),
  );
  const waits: number[] = [];
  const web = impatientWeb({ sleep: async (milliseconds) => waits.push(milliseconds) });
  const cwd = await makeProject(t, { 'plugins.json': entries });
  await runCatalog(check, ['--online'], { cwd, web });
  assert.equal(server.asked.length, 40);
  assert.ok(most > 1 && most <= 4, `${most} at a time`);
  assert.deepEqual(waits, Array(40).fill(100));
});
