import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientWeb, startLoopback } from '../../test/engines/loopback-server.ts';
import { rsaSignature } from '../../test/samples/rsa-signature.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { check } from './check.ts';
import { makeProject, runCatalog } from './fixture-catalog-command.ts';

/** A release in which no check finds anything, except for the differences. */
const entry = (more: object = {}, version = '1.0.0') => ({
  homepage_url: 'https://example.com/',
  icon_data: 'data:image/svg+xml;base64,PHN2Zy8+',
  download_url: `https://example.com/${version}.tar.gz`,
  signature: rsaSignature(Number(version.split('.')[1])),
  release_notes_url: 'https://example.com/notes',
  manifest: {
    ...{ id: 'abc', name: 'Abc', description: 'Does.', version },
    min_server_version: `9.${version.split('.')[1]}.0`,
    server: { executables: { 'linux-amd64': 'server/dist/plugin' } },
  },
  ...more,
});

interface Case {
  readonly args?: readonly string[];
  readonly catalog?: string | object;
  readonly config?: object;
  readonly code?: 1;
  readonly stdout: RegExp;
  readonly stderr: RegExp;
}

const icon = [entry({ icon_data: '' })];
const webapp = { ...icon[0]?.manifest, server: null, webapp: { bundle_path: 'a.js' } };
const wrong = [{ manifest: { id: 'abc', version: '1' } }];
const ignore = (release: string, ...checks: string[]) => ({ ignoreChecks: { [release]: checks } });

// By what they show.
const cases: Readonly<Record<string, Case>> = {
  'a problem is a line with its level, release, location, remedy and check, and warnings pass': {
    catalog: [entry({ icon_data: '', manifest: webapp })],
    stdout:
      /^warning: abc@1\.0\.0 plugins\.json \[0\]\.icon_data: "" is empty, so lists show no icon — .* \[missing-icon\]\n$/,
    stderr: /^0 errors, 1 warning\n$/,
  },
  'the table of installable releases comes after the problems': {
    stdout:
      /\[missing-icon\]\nOf the servers .*:\n {2}servers 9\.0 and newer on linux-amd64 \[no-pr/,
    stderr: /1 warning/,
  },
  'warnings are errors with --strict': {
    args: ['--strict'],
    code: 1,
    stdout: /missing-icon/,
    stderr: /^error: 0 errors, 1 warning/,
  },
  'errors fail': {
    catalog: [entry({ download_url: '' })],
    code: 1,
    stdout: /missing-download/,
    stderr: /^error: 1 error, 0 warnings/,
  },
  'what a build refuses fails': {
    catalog: wrong,
    code: 1,
    stdout: /^error: plugins\.json:\d+:\d+ \[0\]\.manifest\.version: "1" is not a semantic version/,
    stderr: /^error: 1 error/,
  },
  'what is not JSON fails': {
    catalog: '[{',
    code: 1,
    stdout: /^error: plugins\.json:1:\d/,
    stderr: /1 error/,
  },
  'a check is switched off for one release': {
    args: ['--strict'],
    catalog: [entry({ icon_data: '', manifest: webapp })],
    config: ignore('abc@1.0.0', 'missing-icon'),
    stdout: /^$/,
    stderr: /^0 errors, 0 warnings/,
  },
  'a check is not switched off for another': {
    config: ignore('abc@1.0.1', 'missing-icon'),
    stdout:
      /missing-icon\]\nwarning: abc@1\.0\.1 marketplace\.config\.json ignoreChecks\["abc@1\.0\.1"\]: "missing-icon" switches off a check that finds nothing — remove it \[idle-ignore\]\n/,
    stderr: /^0 errors, 2 warnings/,
  },
  'a check by a wrong name is a warning': {
    config: ignore('abc@1.0.0', 'missing-icons'),
    stdout: /"missing-icons" switches off a check that finds nothing/,
    stderr: /2 warnings/,
  },
  'a check that did not run is not reported as idle': {
    config: ignore('abc@1.0.0', 'missing-icon', 'unreachable-page'),
    stdout: /^Of the servers/,
    stderr: /0 warnings/,
  },
  'what breaks the rules is not switched off': {
    catalog: wrong,
    config: ignore('abc@1', ''),
    code: 1,
    stdout: /"1" is not a semantic version/,
    stderr: /1 error/,
  },
  'an empty file must hold a list': {
    catalog: '',
    code: 1,
    stdout: /^error: plugins\.json: is empty — write \[\] /,
    stderr: /1 error/,
  },
  'an empty list passes': {
    catalog: '[]',
    stdout: /empty-catalog\]\n$/,
    stderr: /^0 errors, 1 warning/,
  },
  'a catalog of 2019 is sent to migrate': {
    catalog: [{ HomepageURL: '', Manifest: { id: 'abc', version: '1.0.0' } }],
    code: 1,
    stdout: /^error: plugins\.json:\d+:\d+ \[0\]\.HomepageURL: .*npm run catalog -- migrate\n$/,
    stderr: /1 error/,
  },
  'wrong settings fail': {
    config: { ignoreChecks: ['missing-icon'] },
    code: 1,
    stdout: /^$/,
    stderr: /ignoreChecks: invalid input.*lists of checks by release/,
  },
  'a key file that is missing is an error, and the catalog is checked all the same': {
    config: { keys: ['no.asc'] },
    code: 1,
    stdout: /missing-icon(.|\n)*^error: no\.asc: /m,
    stderr: /^error: 1 error, 1 warning/,
  },
};

for (const [what, given] of Object.entries(cases)) {
  test(`check: ${what}`, async (t) => {
    const { args = [], catalog = icon, config = {}, code = 0, stdout, stderr } = given;
    const files = { 'plugins.json': catalog, 'marketplace.config.json': config };
    const ran = await runCatalog(check, args, { cwd: await makeProject(t, files) });
    assert.match(ran.stdout, stdout);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
  });
}

test('--json has the problems, their counts, and a row for every release', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': icon });
  const { problems, installable, ...counts } = JSON.parse(
    (await runCatalog(check, ['--json'], { cwd })).stdout,
  );
  assert.deepEqual(counts, { errors: 0, warnings: 1 });
  assert.deepEqual([problems[0].check, problems[0].release], ['missing-icon', 'abc@1.0.0']);
  assert.deepEqual([installable[0].release, installable[0].everywhere], ['abc@1.0.0', false]);
  const broken = await makeProject(t, { 'plugins.json': [{}, ...icon] });
  const { stdout } = await runCatalog(check, ['--json'], { cwd: broken });
  assert.deepEqual(JSON.parse(stdout).installable, []);
});

test('a key that servers pass over beside another is a warning', async (t) => {
  const keys = [await makeSigningKey(), await makeSigningKey({ curve: 'ed25519Legacy' })];
  const both = keys.map(({ publicKey }) => publicKey).join('');
  const cwd = await makeProject(t, { 'plugins.json': [entry()], 'k.asc': both });
  const ran = await runCatalog(check, [], { cwd, environment: { MARKETPLACE_KEYS: 'k.asc' } });
  assert.match(
    ran.stdout,
    /^warning: k\.asc: holds the key [0-9A-F]{16}, which .* \[refused-key\]$/m,
  );
  assert.equal(ran.code, 0);
});

test('--online asks a host for few things at a time, and makes pauses', async (t) => {
  let open = 0;
  let most = 0;
  const server = await startLoopback(t, (_, response) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      response.writeHead(404).end();
    }, 10);
  });
  const own = { homepage_url: '', release_notes_url: '' };
  const entries = Array.from({ length: 20 }, (_, i) =>
    entry({ ...own, download_url: `${server.url}/${i}` }, `1.${i}.0`),
  );
  const waits: number[] = [];
  const web = impatientWeb({ sleep: async (milliseconds) => waits.push(milliseconds) });
  const cwd = await makeProject(t, { 'plugins.json': entries });
  const { code, stdout } = await runCatalog(check, ['--online'], { cwd, web });
  assert.equal(code, 1);
  assert.match(stdout, /^error: abc@1\.0\.0 .* cannot be reached: .* \[unreachable-bundle\]$/m);
  assert.equal(server.asked.length, 40);
  assert.ok(most > 1 && most <= 4, `${most} at a time`);
  assert.deepEqual(waits, Array(20).fill(100));
});

test('of what is suspended, nothing is asked and nothing is missed but what the rules demand', async (t) => {
  const server = await startLoopback(t, (_, response) => response.writeHead(404).end());
  const taken = { homepage_url: '', release_notes_url: '', signature: '' };
  const entries = [
    entry({ ...taken, download_url: `${server.url}/taken-down` }, '1.0.0'),
    entry({}, '1.1.0'),
  ];
  const reason = 'https://example.com/why';
  const notice = { plugin: 'abc', versions: '1.0.0', kind: 'suspended', reason };
  const cwd = await makeProject(t, {
    'plugins.json': entries,
    'notices.json': [{ ...notice, date: '2024-05-17T12:00:00Z' }],
  });
  const web = impatientWeb({ fetch: async () => new Response() });
  const { stdout } = await runCatalog(check, ['--online', '--json'], { cwd, web });
  const { problems, installable } = JSON.parse(stdout) as {
    problems: { release?: string }[];
    installable: { release: string }[];
  };
  assert.deepEqual(
    problems.filter(({ release }) => release === 'abc@1.0.0'),
    [],
  );
  assert.deepEqual(
    installable.map(({ release }) => release),
    ['abc@1.1.0'],
  );
  assert.deepEqual(server.asked, []);
});
