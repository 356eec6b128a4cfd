import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Entry } from '../../src/catalog/schema.ts';
import type { PartPlan } from '../../src/site/plan/part-plan.ts';
import { REAL_CORPORA } from '../../test/corpora.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { rsaSignature } from '../../test/samples/rsa-signature.ts';
import {
  assertWhole,
  findLeftovers,
  hashFolder,
  release,
  run,
  runHere,
  toNodeArgs,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { build } from './build.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** Not in the order of their names, in several scripts, with a date and bundles. */
const small = [
  release('zebra', '1.0.0', { updated_at: '2024-05-17T23:30:00+02:00' }),
  release('istanbul', '1.0.0'),
  release('ISPARTA', '1.0.0', { hosting: 'cloud' }),
  release('apfel', '2.0.0-rc1', { enterprise: true }, 'Äpfel'),
  release('zebra', '1.10.0', {
    platforms: {
      'linux-amd64': { download_url: 'https://example.com/z', signature: rsaSignature(1) },
    },
  }),
  release('zebra', '1.9.0'),
];

const little = ['--search', 'off', '--every-page-size', 'off', '--page-sizes', '100'];

/** A folder with a catalog. */
async function makeProject(t: TestContext, releases: readonly object[]): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), releases);
  return cwd;
}

/** Builds in a folder, and checks that it succeeds. */
async function succeed(cwd: string, ...args: string[]) {
  const ran = await runHere(build, args, { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return ran;
}

interface Refusal {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Keyed by name, beside the catalog and the build. */
  readonly files?: Readonly<Record<string, string>>;
  readonly code: 1 | 2;
  readonly stderr: RegExp;
}

const config = (text: string) => ({ 'marketplace.config.json': text });
const twice = JSON.stringify([release('abc', '1.0.0'), release('abc', '1.0.0')]);

const refusals: readonly Refusal[] = [
  // Flags: wrong usage.
  { args: ['--prot', '1'], code: 2, stderr: /'--prot'/ },
  { args: ['dist'], code: 2, stderr: /unexpected argument "dist"/ },
  { args: ['--strict=yes'], code: 2, stderr: /--strict/ },
  { args: ['--out'], code: 2, stderr: /--out/ },
  { args: ['--page-sizes=-3'], code: 2, stderr: /--page-sizes takes .*"-3"/ },
  { args: ['--page-sizes', '0'], code: 2, stderr: /--page-sizes takes whole numbers .*"0"/ },
  { args: ['--out='], code: 2, stderr: /--out takes a folder/ },
  // The environment and the configuration file.
  {
    env: { MARKETPLACE_PAGE_SIZES: '0' },
    code: 1,
    stderr: /MARKETPLACE_PAGE_SIZES takes .*\n.*"0"/,
  },
  { files: config('{'), code: 1, stderr: /marketplace\.config\.json is not JSON/ },
  // The catalog.
  { args: ['--catalog', 'no.json'], code: 1, stderr: /no\.json: does not exist/ },
  { files: { 'plugins.json': '[{' }, code: 1, stderr: /plugins\.json:1:\d+/ },
  // The build.
  {
    args: ['--router-bytes', '99'],
    code: 1,
    stderr: /the CloudFront Function has \d+ bytes.*\n.*--hosts/,
  },
  { args: ['--out', 'plugins.json'], code: 1, stderr: /plugins\.json is not a folder/ },
  {
    args: ['--out', 'plugins.json/dist'],
    code: 1,
    stderr: /ENOTDIR: a part of its path is a file/,
  },
  { args: ['--out', '.'], code: 1, stderr: /holds something other than a build/ },
  {
    args: ['--out', '/sys/marketplace/dist'],
    code: 1,
    stderr: /\/sys\/marketplace\/dist cannot be written/,
  },
  // Patterns, a folder, an entry.
  { args: ['--catalog', 'no/*.json'], code: 1, stderr: /no\/\*\.json: matches no file/ },
  { args: ['--catalog', 'dist'], code: 1, stderr: /dist: is a directory/ },
  { files: { 'plugins.json': '[{}]' }, code: 1, stderr: /plugins\.json:1:2 \[0\]/ },
];

test('a refusal gives a reason, and the existing build stays as it is', async (t) => {
  const project = await makeProject(t, small);
  await succeed(project);
  const before = await hashFolder(path.join(project, 'dist'));
  for (const { args = [], env = {}, files = {}, code, stderr } of refusals) {
    const name = JSON.stringify([args, env, files]).slice(0, 120);
    await t.test(`${name} ends with ${code}`, async (t) => {
      const cwd = await makeFolder(t);
      await cp(project, cwd, { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(cwd, file), text);
      const names = Object.keys(await hashFolder(cwd));
      const ran = await runHere(build, args, { cwd, env });
      assert.equal(ran.code, code, `the exit code of: ${ran.stderr}`);
      assert.match(ran.stderr, stderr);
      assert.match(ran.stderr, /^error: /);
      assert.equal(/See --help\.\n$/.test(ran.stderr), code === 2, 'wrong usage hints at --help');
      assert.doesNotMatch(ran.stderr, /\n {4}at /, 'a stack trace is for our own bugs only');
      assert.equal(ran.stdout, '', 'stdout holds results only');
      const dist = path.join(cwd, 'dist');
      assert.deepEqual(
        await hashFolder(dist),
        before,
        'docs/design.md, invariant 7: dist/ changed',
      );
      assert.deepEqual(await findLeftovers(dist), [], 'a failed build leaves nothing behind');
      assert.deepEqual(Object.keys(await hashFolder(cwd)), names, 'a failed build writes nothing');
    });
  }
});

test('--plan reports what would be built and writes nothing, and the build is as planned', async (t) => {
  const cwd = await makeProject(t, small);
  const table = await succeed(cwd, '--plan');
  assert.match(
    table.stdout,
    /^tier +part +files +bytes +published +setting\n1 +lists of newest versions, plugins, /,
  );
  assert.match(table.stdout, /\nCloudFront Function: \d+ bytes\n$/);
  const json = await succeed(cwd, '--plan', '--json');
  assert.equal(json.stderr, '');
  const { parts, routerBytes, warnings } = JSON.parse(json.stdout);
  assert.deepEqual(await readdir(cwd), ['plugins.json'], 'a plan writes nothing');
  const result = JSON.parse((await succeed(cwd, '--json')).stdout);
  assert.deepEqual(result.published.parts, parts);
  assert.deepEqual([result.routerBytes, result.warnings], [routerBytes, warnings]);
});

test('--strict makes an error of a requested part that is left out, and keeps the existing build', async (t) => {
  const cwd = await makeProject(t, small);
  await succeed(cwd);
  const before = await hashFolder(cwd);
  for (const more of [[], ['--plan'], ['--plan', '--json']]) {
    const args = ['--max-files', '1', '--search', 'on', '--strict', ...more];
    const { code, stdout, stderr } = await runHere(build, args, { cwd });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: --strict is set, and what was asked for is missing\n {2}text search, .*--search off leaves it out without a word\n$/,
    );
    assert.equal(stdout, '');
    assert.deepEqual(await hashFolder(cwd), before, 'docs/design.md, invariant 7: dist/ changed');
  }
});

/** The settings of a strict build, by a flag, the environment or the file; nothing fits into a budget of one file. */
interface StrictCase {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: object;
  readonly releases?: readonly object[];
  /** The beginning of each line of the error; none: it builds. */
  readonly missing: readonly RegExp[];
}

const noRoom = { maxFiles: 1 };
const search = [/text search/];
const pages = [/lists of newest versions/, /all versions of a plugin/, /search results/];
const everyPage = [/lists of newest versions in pages of every size/];
const allLists = [/all versions of all plugins for each server version/];
const repeated = [...small, release('repeated', '1.0.0'), release('repeated', '1.0.0')];
const strictCases: readonly StrictCase[] = [
  { file: noRoom, missing: [] },
  { args: ['--max-files', '1'], missing: [] },
  { env: { MARKETPLACE_MAX_FILES: '1' }, missing: [] },
  { file: noRoom, args: ['--search', 'on'], missing: search },
  { file: noRoom, env: { MARKETPLACE_SEARCH: 'on' }, missing: search },
  { file: { ...noRoom, search: true }, missing: search },
  { file: { ...noRoom, search: true }, args: ['--search', 'off'], missing: [] },
  { file: { ...noRoom, search: false }, env: { MARKETPLACE_SEARCH: 'on' }, missing: search },
  { file: noRoom, args: ['--page-sizes', '1,2'], missing: pages },
  { file: noRoom, env: { MARKETPLACE_PAGE_SIZES: '2' }, missing: pages },
  { file: { ...noRoom, pageSizes: [2] }, missing: pages },
  { file: { ...noRoom, pageSizes: [2], search: false }, missing: pages.slice(0, 2) },
  { file: { ...noRoom, pageSizes: [100] }, missing: [] },
  { file: noRoom, args: ['--every-page-size', 'on'], missing: everyPage },
  { file: noRoom, env: { MARKETPLACE_EVERY_PAGE_SIZE: 'on' }, missing: everyPage },
  { file: { ...noRoom, everyPageSize: true }, missing: everyPage },
  { file: noRoom, args: ['--all-lists', 'on'], missing: allLists },
  { file: noRoom, env: { MARKETPLACE_ALL_LISTS: 'on' }, missing: allLists },
  { file: { ...noRoom, allLists: true }, missing: allLists },
  { file: { ...noRoom, allLists: true }, args: ['--everything'], missing: [] },
  {
    file: { ...noRoom, everyPageSize: true },
    args: ['--search', 'on'],
    missing: [...search, ...everyPage],
  },
  { args: ['--search', 'on', '--page-sizes', '1', '--every-page-size', 'on'], missing: [] },
  // Warnings of check.
  { releases: repeated, missing: [] },
  { releases: [release('a', '1.0.0')], missing: [] },
  { releases: repeated, file: { ...noRoom, search: true }, missing: search },
];

for (const { args = [], env = {}, file = {}, releases = small, missing } of strictCases) {
  const reported = JSON.stringify([args, env, file, releases === small ? 'small' : releases]);
  test(`a strict build that is given ${reported} lacks ${missing.length} things`, async (t) => {
    const cwd = await makeProject(t, releases);
    await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(file));
    const { code, stderr } = await runHere(build, ['--strict', '--plan', ...args], { cwd, env });
    assert.equal(code, missing.length === 0 ? 0 : 1, stderr);
    const [, ...problems] = code === 0 ? [] : stderr.trimEnd().split('\n');
    assert.equal(problems.length, Math.max(missing.length, 0), stderr);
    for (const [i, expected] of missing.entries()) assert.match(problems[i] ?? '', expected);
  });
}

for (const { name, catalog } of REAL_CORPORA) {
  test(`a strict build of ${name} lacks nothing that was asked for`, async (t) => {
    const cwd = await makeFolder(t);
    const { stderr } = await succeed(cwd, '--strict', '--plan', '--catalog', catalog);
    assert.match(stderr, /^warning: /, 'there is something to warn of');
  });
}

test('--everything publishes every part, whatever the budget and the other settings', async (t) => {
  const cwd = await makeProject(t, small);
  const none = ['--search', 'off', '--every-page-size', 'off', '--all-lists', 'off'];
  const args = ['--everything', '--max-files', '1', '--max-bytes', '1', ...none];
  for (const more of [[], ['--strict'], ['--plan']]) {
    const { stdout, stderr } = await succeed(cwd, ...args, '--json', ...more);
    const { parts, published } = JSON.parse(stdout);
    assert.equal(stderr, '');
    assert.ok((parts ?? published.parts).every((part: PartPlan) => part.isPublished));
  }
  const { published } = JSON.parse(await readFile(path.join(cwd, 'dist/snapshot.json'), 'utf8'));
  assert.deepEqual(
    [published.search, published.allLists, published.pageSizes.newest],
    [true, true, 'every'],
  );
});

test('what is too much for clients is a warning, also of a strict build', async (t) => {
  const icon = { icon_data: `data:image/png;base64,${'A'.repeat(40_000)}` };
  const many = Array.from({ length: 101 }, (_, i) => release(`p-${i}`, '1.0.0', i ? {} : icon));
  const cwd = await makeProject(t, many);
  const { stderr } = await succeed(cwd, '--strict', '--plan', ...little);
  assert.match(
    stderr,
    /^warning: up to 101 plugins are listed for every server, and .* show p-99 — /m,
  );
  assert.match(
    stderr,
    /^warning: plugins\.json \[0\]\.icon_data: .* takes 40022 of the \d+ bytes /m,
  );
  const config = { ignoreChecks: { 'p-0@1.0.0': ['large-icon'] } };
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  const ignored = await succeed(cwd, '--plan', ...little);
  assert.doesNotMatch(ignored.stderr, /icon_data/);
});

test('a CloudFront Function too small for search fails a strict build that was asked for it, and no other', async (t) => {
  const cwd = await makeProject(t, small);
  const { stdout } = await succeed(cwd, '--plan', '--json', '--search', 'off');
  const args = ['--strict', '--plan', '--router-bytes', `${JSON.parse(stdout).routerBytes}`];
  const lenient = await succeed(cwd, ...args);
  assert.match(
    lenient.stderr,
    /^warning: text search: CloudFront refuses it, since with it the function has/m,
  );
  const asked = await runHere(build, [...args, '--search', 'on'], { cwd });
  assert.equal(asked.code, 1);
  assert.match(
    asked.stderr,
    /^ {2}text search: CloudFront refuses it, since with it the function has/m,
  );
});

test('a check that the settings switch off for a release does not warn in a build either', async (t) => {
  const config = { ignoreChecks: { 'a@1.0.0': ['repeated-version'] } };
  const cwd = await makeProject(t, [release('a', '1.0.0'), release('a', '1.0.0')]);
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  for (const more of [[], ['--plan']]) {
    const { stderr } = await succeed(cwd, ...little, ...more);
    assert.match(stderr, /^warning: .*"a" is an id that a Mattermost server refuses.*\n$/);
  }
  config.ignoreChecks['a@1.0.0'].push('refused-id', 'missing-icon');
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  const { stderr } = await succeed(cwd, ...little);
  assert.equal(stderr, '', 'nor does it report what only npm run catalog -- check finds');
});

test('--compress decides in which forms the files are there, and never what the build is called', async (t) => {
  const icon_data = `data:image/png;base64,${'QUJD'.repeat(1000)}`;
  const cwd = await makeProject(t, [release('abc', '1.0.0', { icon_data }), ...small]);
  const ids = new Set<string>();
  // The setting, the forms of an answer of more than a kilobyte.
  const forms: readonly [readonly string[], readonly string[]][] = [
    [[], ['.json', '.json.gz']],
    [
      ['--compress', 'both'],
      ['.json', '.json.gz'],
    ],
    [['--compress', 'gzip'], ['.json.gz']],
    [['--compress', 'off'], ['.json']],
  ];
  for (const [args, expected] of forms) {
    const { stdout } = await succeed(cwd, ...args);
    assert.equal(
      /^ {2}Compressed +\d+ files to \d/m.test(stdout),
      expected.length > 1 || args[1] === 'gzip',
    );
    const id = await assertWhole(path.join(cwd, 'dist'));
    ids.add(id);
    const answers = await readdir(path.join(cwd, 'dist/snapshots', id, 'api/plugins/abc'));
    const forms = answers.flatMap((name) => /_latest(\.json.*)/.exec(name)?.[1] ?? []);
    assert.deepEqual([...new Set(forms)].sort(), expected, `${args}`);
  }
  assert.equal(ids.size, 1, 'docs/design.md, invariant 6: equal answers are one snapshot');
});

test('missing folders on the way to --out are made, and a slash at its end changes nothing', async (t) => {
  const cwd = await makeProject(t, small);
  const { stdout } = await succeed(cwd, '--out', 'a/b/dist/');
  assert.match(stdout, /^Built a\/b\/dist\/ in /);
  await assertWhole(path.join(cwd, 'a/b/dist'));
  assert.deepEqual(await findLeftovers(path.join(cwd, 'a/b/dist')), []);
});

test('where dist is a link, what it leads to is replaced and the link stays', async (t) => {
  const cwd = await makeProject(t, small);
  await succeed(cwd, '--dir', 'www/site');
  const before = await assertWhole(path.join(cwd, 'www/site'));
  await symlink('www/site', path.join(cwd, 'dist'));
  await writeCatalog(path.join(cwd, 'plugins.json'), small.slice(1));
  await succeed(cwd);
  const id = await assertWhole(path.join(cwd, 'www/site'));
  assert.equal(await assertWhole(path.join(cwd, 'dist')), id);
  assert.notEqual(id, before);
});

test('--json: stdout is JSON, warnings are on stderr, and nothing controls a terminal', async (t) => {
  const cwd = await makeFolder(t);
  await writeFile(path.join(cwd, 'plugins.json'), twice);
  for (const args of [['--json'], []]) {
    const { code, stdout, stderr } = await run(t, { program: 'build', args, cwd });
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^warning: plugins\.json \[1\]\.manifest\.version: "1\.0\.0" repeats.*\n$/,
    );
    assert.doesNotMatch(stdout + stderr, /[^\P{Cc}\n]/u, 'progress is shown on terminals only');
    if (args.length === 0) {
      assert.match(stdout, /^Built dist\/ in .*\n( {2}\S.*\n( {15}\S.*\n)*)+$/);
      assert.match(stdout, / Warnings +1\n/);
      continue;
    }
    const result = JSON.parse(stdout);
    assert.equal(result.id, await assertWhole(path.join(cwd, 'dist')));
    const versions = { abc: ['1.0.0', '1.0.0'] };
    assert.deepEqual(result.catalog, { plugins: 1, releases: 2, versions });
    assert.equal(result.warnings.length, 1);
  }
});

test('the same catalog makes the same bytes, wherever and whenever it is built', async (t) => {
  const one = await makeProject(t, small);
  await succeed(one);
  const other = await makeFolder(t);
  await writeCatalog(path.join(one, '1.json'), small.slice(0, 2));
  await writeCatalog(path.join(one, '2.json'), small.slice(2));
  const expected = await hashFolder(path.join(one, 'dist'));
  await succeed(one, '--catalog', '1.json', '--catalog', '2.json', '--out', 'split');
  // Time zone and language are those of a process.
  const args = ['--catalog', path.join(one, 'plugins.json'), '--out', 'made/elsewhere'];
  const env = { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOME: other };
  const { code, stderr } = await run(t, { program: 'build', args, env, cwd: other });
  assert.equal(code, 0, stderr);
  for (const out of [path.join(one, 'split'), path.join(other, 'made/elsewhere')]) {
    assert.deepEqual(await hashFolder(out), expected, 'docs/design.md, invariant 6: other bytes');
  }
  const local = [one, other, path.dirname(import.meta.dirname)];
  for (const file of Object.keys(expected)) {
    const text = await readFile(path.join(one, 'dist', file), 'utf8');
    const named = local.find((folder) => text.includes(folder) || file.includes(folder));
    assert.equal(
      named,
      undefined,
      `docs/design.md, invariant 6: ${file} names a folder of this machine`,
    );
  }
});

/** Where Linux has a file system in memory. */
const IN_MEMORY = '/dev/shm';

/** Programs of other versions of Node, by their paths. */
const otherNodes = (process.env['OTHER_NODES'] ?? '').split(' ').filter(Boolean);

/** Builds a catalog of one file a plugin, by a Node, in a folder that is removed afterwards. */
async function buildWith(t: TestContext, node: string, parent: string) {
  const cwd = await mkdtemp(path.join(parent, 'marketplace-'));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await mkdir(path.join(cwd, 'plugins'));
  const fixture = path.join(ROOT, 'test/fixtures/catalogs/7.json');
  const entries = JSON.parse(await readFile(fixture, 'utf8'));
  for (const id of new Set<string>(entries.map(({ manifest }: Entry) => manifest.id))) {
    const ofPlugin = entries.filter(({ manifest }: Entry) => manifest.id === id);
    await writeCatalog(path.join(cwd, 'plugins', `${id}.json`), ofPlugin);
  }
  const args = [...toNodeArgs({ program: 'build' }), '--catalog', 'plugins/*.json'];
  const { status, stderr } = spawnSync(node, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  assert.equal(status, 0, stderr);
  return await hashFolder(path.join(cwd, 'dist'));
}

test('another file system makes the same bytes', {
  skip: !isAnother(IN_MEMORY) && `${IN_MEMORY} is no other file system than ${tmpdir()}`,
}, async (t) => {
  const expected = await buildWith(t, process.execPath, tmpdir());
  const files = await buildWith(t, process.execPath, IN_MEMORY);
  assert.deepEqual(files, expected, 'docs/design.md, invariant 6: other bytes');
});

function isAnother(folder: string): boolean {
  return existsSync(folder) && statfsSync(folder).type !== statfsSync(tmpdir()).type;
}

test('every Node makes the same bytes', {
  skip: otherNodes.length === 0 && 'OTHER_NODES names no other Node, as .ci/run does',
}, async (t) => {
  const versions = otherNodes.map((node) => spawnSync(node, ['--version']).stdout.toString());
  assert.equal(new Set(versions).size, 3, String(versions));
  const expected = await buildWith(t, process.execPath, tmpdir());
  assert.ok(Object.keys(expected).some((file) => file.endsWith('.gz')));
  for (const [index, node] of otherNodes.entries()) {
    const files = await buildWith(t, node, tmpdir());
    assert.deepEqual(files, expected, `docs/design.md, invariant 6: ${versions[index]}`);
  }
});

test('tag and hash of the build are in health.json and nowhere else', async (t) => {
  const cwd = await makeProject(t, small);
  const [tag, hash] = ['v7.7.7-the-tag', 'c0ffee77c0ffee77c0ffee77'];
  await succeed(cwd, '--build-tag', tag, '--build-hash', hash);
  const dist = path.join(cwd, 'dist');
  const id = await assertWhole(dist);
  const telling: string[] = [];
  for (const file of Object.keys(await hashFolder(dist))) {
    const text = await readFile(path.join(dist, file), 'utf8');
    if (text.includes(tag) || text.includes(hash.slice(0, 7))) telling.push(file);
  }
  assert.deepEqual(telling, [`snapshots/${id}/api/health.json`]);
  const health = JSON.parse(await readFile(path.join(dist, telling[0] ?? ''), 'utf8'));
  assert.equal(health.releaseID, tag);
  assert.deepEqual(health.details.buildInfo, { buildHash: hash, buildHashShort: 'c0ffee7' });
});
