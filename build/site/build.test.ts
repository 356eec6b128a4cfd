import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { UserError } from '../../src/lib/errors.ts';
import { BUILD_FLAGS } from '../../src/settings/build-settings.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { recoverFolder } from '../../src/site/write/replace-folder.ts';
import { REAL_CORPORA } from '../../test/corpora.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { seededRandom, THOROUGH } from '../../test/random.ts';
import { rsaSignature } from '../../test/samples/rsa-signature.ts';
import { explainError } from '../cli/cli.ts';
import {
  assertWhole,
  findLeftovers,
  hashFolder,
  release,
  run,
  start,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { runPlan } from './run-build.ts';

const program = 'build';

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

/** Takes about a second to build with `little`, a third of it to write. */
const large = Array.from({ length: 400 }, (_, i) => {
  const { manifest, ...rest } = release(`plugin-${i % 40}`, `1.${i}.0`);
  const icon_data = `data:image/png;base64,${'QUJD'.repeat(400)}`;
  const min_server_version = `${5 + Math.floor(i / 40)}.0.0`;
  return { ...rest, icon_data, manifest: { ...manifest, min_server_version } };
});

const little = ['--search', 'off', '--every-page-size', 'off', '--page-sizes', '100'];

/** A folder with a catalog and a build of it. */
async function makeProject(t: TestContext, releases: readonly object[]): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), releases);
  const { code, stderr } = await run(t, { program, cwd });
  assert.equal(code, 0, stderr);
  return cwd;
}

test('--help names every flag and shows an example', async (t) => {
  const { code, stdout, stderr } = await run(t, {
    program,
    args: ['--help'],
    cwd: await makeFolder(t),
  });
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /\nExample: npm run build -- /);
  for (const flag of [...Object.keys(BUILD_FLAGS), 'refresh', 'strict', 'plan', 'json']) {
    assert.match(stdout, new RegExp(`^ {2}--${flag}\\b`, 'm'), `--help leaves out --${flag}`);
  }
});

interface Refusal {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By name, beside the catalog and the build. */
  readonly files?: Readonly<Record<string, string>>;
  readonly code: 1 | 2;
  readonly stderr: RegExp;
}

const config = (text: string) => ({ 'marketplace.config.json': text });
const twice = JSON.stringify([release('abc', '1.0.0'), release('abc', '1.0.0')]);

/** What a process of its own is started for: one of each kind, and all that is about the folder of the build. */
const refusals: readonly Refusal[] = [
  // Flags: wrong usage.
  { args: ['--prot', '1'], code: 2, stderr: /'--prot'/ },
  { args: ['dist'], code: 2, stderr: /'dist'/ },
  { args: ['--strict=yes'], code: 2, stderr: /--strict/ },
  { args: ['--out'], code: 2, stderr: /--out/ },
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
    stderr: /the router has \d+ bytes.*\n.*--router-bytes/,
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
];

/** More of the same kinds, found out without a process. */
const refusedSettings: readonly Refusal[] = [
  // Flags: wrong usage.
  { args: ['--page-sizes', 'abc'], code: 2, stderr: /--page-sizes takes .*"abc"/ },
  { args: ['--page-sizes', '1.5'], code: 2, stderr: /--page-sizes takes .*"1.5"/ },
  { args: ['--page-sizes', '-3'], code: 2, stderr: /--page-sizes/ },
  { args: ['--page-sizes='], code: 2, stderr: /--page-sizes takes .*""/ },
  { args: ['--router-bytes', 'x'], code: 2, stderr: /--router-bytes takes a whole number/ },
  { args: ['--config='], code: 2, stderr: /--config takes a file/ },
  // The environment and the configuration file.
  { env: { MARKETPLACE_ROUTER_BYTES: 'ten' }, code: 1, stderr: /MARKETPLACE_ROUTER_BYTES takes/ },
  { env: { MARKETPLACE_CATALOG: ' , ' }, code: 1, stderr: /MARKETPLACE_CATALOG takes files/ },
  { args: ['--config', 'no.json'], code: 1, stderr: /no\.json: does not exist/ },
  { args: ['--config', 'dist'], code: 1, stderr: /dist: is a directory/ },
  {
    files: config('[]'),
    code: 1,
    stderr: /marketplace\.config\.json:1:1: .*known settings: catalog, /,
  },
  {
    files: config('{"pagesizes": [1]}'),
    code: 1,
    stderr: /"pagesizes" — known settings: .*pageSizes/,
  },
  { files: config('{"pageSizes": "1"}'), code: 1, stderr: /pageSizes: .*as a JSON array/ },
  { files: config('{"pageSizes": [0]}'), code: 1, stderr: /pageSizes\[0\]: .*from 1 to 100000/ },
  {
    files: config('{"out": 5, "routerBytes": "x"}'),
    code: 1,
    stderr: / out: .*\n.* routerBytes: /,
  },
  // The catalog.
  { args: ['--catalog', 'no/*.json'], code: 1, stderr: /no\/\*\.json: matches no file/ },
  { args: ['--catalog', 'dist'], code: 1, stderr: /dist: is a directory/ },
  { files: { 'plugins.json': '[{}]' }, code: 1, stderr: /plugins\.json:1:2 \[0\]/ },
];

test('what is refused says why, and the build that is there stays as it is', {
  concurrency: 2,
}, async (t) => {
  const project = await makeProject(t, small);
  const before = await hashFolder(path.join(project, 'dist'));
  const subtests = refusals.map(({ args = [], env = {}, files = {}, code, stderr }) => {
    const name = JSON.stringify([args, env, files]).slice(0, 120);
    return t.test(`${name} ends with ${code}`, async (t) => {
      const cwd = await makeFolder(t);
      await cp(project, cwd, { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(cwd, file), text);
      const names = Object.keys(await hashFolder(cwd));
      const ran = await run(t, { program, args, env, cwd });
      assert.equal(ran.code, code, `the exit code of: ${ran.stderr}`);
      assert.match(ran.stderr, stderr);
      assert.match(ran.stderr, /^error: /);
      assert.equal(/See --help\.\n$/.test(ran.stderr), code === 2, 'wrong usage hints at --help');
      assert.doesNotMatch(ran.stderr, /\n {4}at /, 'a stack trace is for our own bugs only');
      assert.equal(ran.stdout, '', 'stdout holds results only');
      const dist = path.join(cwd, 'dist');
      assert.deepEqual(await hashFolder(dist), before, 'DESIGN.md, invariant 7: dist/ changed');
      assert.deepEqual(await findLeftovers(dist), [], 'a failed build leaves nothing behind');
      assert.deepEqual(Object.keys(await hashFolder(cwd)), names, 'a failed build writes nothing');
    });
  });
  await Promise.all(subtests);
});

/** What `npm run build` would say of a failure, and its exit code. */
async function failInProcess({ args = [], env = {} }: Refusal, cwd: string) {
  try {
    const { values } = parseArgs({ args: [...args], options: BUILD_FLAGS });
    const settings = await readBuildSettings(values, env, cwd);
    await runPlan({ settings, cwd, isStrict: false, isQuiet: true });
  } catch (error) {
    return explainError(error);
  }
  return assert.fail('it is not refused');
}

for (const refusal of refusedSettings) {
  const { args = [], env = {}, files = {}, code, stderr } = refusal;
  test(`${JSON.stringify([args, env, files])} is refused with ${code}`, async (t) => {
    const cwd = await makeFolder(t);
    await mkdir(path.join(cwd, 'dist'));
    await writeCatalog(path.join(cwd, 'plugins.json'), small);
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(cwd, file), text);
    const { text, exitCode } = await failInProcess(refusal, cwd);
    assert.equal(exitCode, code, text);
    assert.match(text, stderr);
    assert.match(text, /^error: /);
    assert.equal(/See --help\.\n$/.test(text), code === 2, 'wrong usage hints at --help');
    assert.doesNotMatch(text, /\n {4}at /, 'a stack trace is for our own bugs only');
  });
}

test('--plan tells what would be built and writes nothing, and the build is as planned', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), small);
  const table = await run(t, { program, args: ['--plan'], cwd });
  assert.equal(table.code, 0, table.stderr);
  assert.match(
    table.stdout,
    /^tier +part +files +bytes +published +setting\n1 +lists and plugins, /,
  );
  assert.match(table.stdout, /\nrouter: \d+ bytes\n$/);
  const json = await run(t, { program, args: ['--plan', '--json'], cwd });
  assert.equal(json.code, 0, json.stderr);
  assert.equal(json.stderr, '');
  const { parts, routerBytes, warnings } = JSON.parse(json.stdout);
  assert.deepEqual(await readdir(cwd), ['plugins.json'], 'a plan writes nothing');
  const built = await run(t, { program, args: ['--json'], cwd });
  assert.equal(built.code, 0, built.stderr);
  const result = JSON.parse(built.stdout);
  assert.deepEqual(result.published.parts, parts);
  assert.deepEqual([result.routerBytes, result.warnings], [routerBytes, warnings]);
});

test('--strict makes an error of what is left out though a flag asks for it, and leaves the build that is there', async (t) => {
  const cwd = await makeProject(t, small);
  const before = await hashFolder(cwd);
  for (const more of [[], ['--plan'], ['--plan', '--json']]) {
    const args = ['--max-files', '1', '--search', 'on', '--strict', ...more];
    const { code, stdout, stderr } = await run(t, { program, args, cwd });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: --strict is set, and what was asked for is not there\n {2}text search, .*--search off leaves it out without a word\n$/,
    );
    assert.equal(stdout, '');
    assert.deepEqual(await hashFolder(cwd), before, 'DESIGN.md, invariant 7: dist/ changed');
  }
});

/** What a strict build is told, by a flag, the environment or the file; nothing fits into a budget of one file. */
interface StrictCase {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: object;
  readonly releases?: readonly object[];
  /** What stands at the beginning of each line of the error; none: it builds. */
  readonly missing: readonly RegExp[];
}

const noRoom = { maxFiles: 1 };
const search = [/text search/];
const pages = [/lists of newest versions/, /all versions/, /search results/];
const everyPage = [/lists of newest versions in pages of every size/];
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
  { file: noRoom, env: { MARKETPLACE_PAGE_SIZES: '3' }, missing: pages },
  { file: { ...noRoom, pageSizes: [3] }, missing: pages },
  { file: { ...noRoom, pageSizes: [3], search: false }, missing: pages.slice(0, 2) },
  { file: { ...noRoom, pageSizes: [100] }, missing: [] },
  { file: noRoom, args: ['--every-page-size', 'on'], missing: everyPage },
  { file: noRoom, env: { MARKETPLACE_EVERY_PAGE_SIZE: 'on' }, missing: everyPage },
  { file: { ...noRoom, everyPageSize: true }, missing: everyPage },
  {
    file: { ...noRoom, everyPageSize: true },
    args: ['--search', 'on'],
    missing: [...search, ...everyPage],
  },
  { args: ['--search', 'on', '--page-sizes', '1', '--every-page-size', 'on'], missing: [] },
  // What check warns of.
  { releases: repeated, missing: [] },
  { releases: [release('a', '1.0.0')], missing: [] },
  { releases: repeated, file: { ...noRoom, search: true }, missing: search },
];

for (const { args = [], env = {}, file = {}, releases = small, missing } of strictCases) {
  const told = JSON.stringify([args, env, file, releases === small ? 'small' : releases]);
  test(`a strict build that is told ${told} goes without ${missing.length} things`, async (t) => {
    const cwd = await makeFolder(t);
    await writeCatalog(path.join(cwd, 'plugins.json'), releases);
    await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(file));
    const { values } = parseArgs({ args: [...args], options: BUILD_FLAGS });
    const settings = await readBuildSettings(values, env, cwd);
    const planned = runPlan({ settings, cwd, isStrict: true, isQuiet: true });
    const problems = await planned.then(
      () => [],
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        return error.problems.map(({ message }) => message);
      },
    );
    assert.equal(problems.length, missing.length, problems.join('\n'));
    for (const [i, expected] of missing.entries()) assert.match(problems[i] ?? '', expected);
  });
}

for (const { name, catalog } of REAL_CORPORA) {
  test(`a strict build of ${name} goes without nothing that was asked for`, async (t) => {
    const cwd = await makeFolder(t);
    const settings = await readBuildSettings({ catalog }, {}, cwd);
    const { warnings } = await runPlan({ settings, cwd, isStrict: true, isQuiet: true });
    assert.notEqual(warnings.length, 0, 'there is something to warn of');
  });
}

test('a router too small for search fails a strict build that was asked for it, and no other', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), small);
  const { stdout } = await run(t, { program, args: ['--plan', '--json', ...little], cwd });
  const args = ['--strict', '--plan', '--router-bytes', `${JSON.parse(stdout).routerBytes + 50}`];
  const lenient = await run(t, { program, args, cwd });
  assert.equal(lenient.code, 0, lenient.stderr);
  assert.match(lenient.stderr, /^warning: text search: left out, with it the router has/m);
  const asked = await run(t, { program, args: [...args, '--search', 'on'], cwd });
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /^ {2}text search: left out, with it the router has/m);
});

test('a check that the settings switch off for a release is no warning of a build either', async (t) => {
  const config = { ignoreChecks: { 'a@1.0.0': ['repeated-version'] } };
  const cwd = await makeProject(t, [release('a', '1.0.0'), release('a', '1.0.0')]);
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  for (const more of [[], ['--plan']]) {
    const { code, stderr } = await run(t, { program, args: [...little, ...more], cwd });
    assert.equal(code, 0);
    assert.match(stderr, /^warning: .*"a" is an id that a Mattermost server refuses.*\n$/);
  }
  config.ignoreChecks['a@1.0.0'].push('refused-id', 'missing-icon');
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
  const { code, stderr } = await run(t, { program, args: little, cwd });
  assert.deepEqual(
    [code, stderr],
    [0, ''],
    'nor is it told of what only npm run catalog -- check finds',
  );
});

test('--compress decides in which forms the files are there, and never what the build is called', async (t) => {
  const cwd = await makeFolder(t);
  const catalog = [
    release('abc', '1.0.0', { icon_data: `data:image/png;base64,${'QUJD'.repeat(1000)}` }),
    ...small,
  ];
  await writeCatalog(path.join(cwd, 'plugins.json'), catalog);
  const ids = new Set<string>();
  // What is asked for, which forms an answer of more than a kilobyte has then.
  const forms: readonly [readonly string[], readonly string[]][] = [
    [[], ['latest.json', 'latest.json.gz']],
    [
      ['--compress', 'both'],
      ['latest.json', 'latest.json.gz'],
    ],
    [['--compress', 'gzip'], ['latest.json.gz']],
    [['--compress', 'off'], ['latest.json']],
  ];
  for (const [args, expected] of forms) {
    const { code, stdout, stderr } = await run(t, { program, args, cwd });
    assert.equal(code, 0, stderr);
    assert.equal(
      /^ {2}Compressed +\d+ files to \d/m.test(stdout),
      expected.length > 1 || args[1] === 'gzip',
    );
    const id = await assertWhole(path.join(cwd, 'dist'));
    ids.add(id);
    const answers = await readdir(path.join(cwd, 'dist/snapshots', id, 'api/plugins/abc'), {
      recursive: true,
    });
    const names = answers.map((name) => path.basename(name)).filter((name) => /^latest/.test(name));
    assert.deepEqual([...new Set(names)].sort(), expected, `${args}`);
  }
  assert.equal(ids.size, 1, 'DESIGN.md, invariant 6: equal answers are one snapshot');
});

test('missing folders on the way to --out are made, and a slash at its end changes nothing', async (t) => {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), small);
  const { code, stdout, stderr } = await run(t, { program, args: ['--out', 'a/b/dist/'], cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Built a\/b\/dist\/ in /);
  await assertWhole(path.join(cwd, 'a/b/dist'));
  assert.deepEqual(await findLeftovers(path.join(cwd, 'a/b/dist')), []);
});

test('where dist is a link, what it leads to is replaced and the link stays', async (t) => {
  const project = await makeProject(t, small);
  const cwd = await makeFolder(t);
  await mkdir(path.join(cwd, 'www'));
  await cp(path.join(project, 'dist'), path.join(cwd, 'www/site'), { recursive: true });
  await symlink('www/site', path.join(cwd, 'dist'));
  await writeCatalog(path.join(cwd, 'plugins.json'), small.slice(1));
  const { code, stderr } = await run(t, { program, cwd });
  assert.equal(code, 0, stderr);
  const id = await assertWhole(path.join(cwd, 'www/site'));
  assert.equal(await assertWhole(path.join(cwd, 'dist')), id);
  assert.notEqual(id, await assertWhole(path.join(project, 'dist')));
});

test('--json: stdout is JSON, warnings are on stderr, and nothing controls a terminal', async (t) => {
  const cwd = await makeFolder(t);
  await writeFile(path.join(cwd, 'plugins.json'), twice);
  for (const args of [['--json'], []]) {
    const { code, stdout, stderr } = await run(t, { program, args, cwd });
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

/** Kills the process right before the n-th call of a function of `node:fs/promises` that is about the build. */
const killAt = (name: string, nth: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const original = fs.promises[${JSON.stringify(name)}];
  let calls = 0;
  fs.promises[${JSON.stringify(name)}] = async (target, ...more) => {
    if (String(target).includes('/dist') && ++calls === ${nth}) {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    return await original(target, ...more);
  };
  syncBuiltinESMExports();
`;

// What is called, which time, the build that is there afterwards, whether dist is missing until then.
const deaths: readonly [string, number, 'old' | 'new', 'there' | 'missing'][] = [
  ['writeFile', 1, 'old', 'there'],
  ['writeFile', 9, 'old', 'there'],
  ['rename', 1, 'old', 'there'], // gives the snapshot its name
  ['rename', 2, 'old', 'there'], // moves the old build aside
  ['rename', 3, 'old', 'missing'], // moves the new build into place
  ['rename', 4, 'new', 'there'], // takes the old build's name
  ['rm', 2, 'new', 'there'], // removes it
];

test('a build that dies at any step leaves the whole old build or the whole new one', {
  concurrency: 2,
}, async (t) => {
  const project = await makeProject(t, small);
  const old = await assertWhole(path.join(project, 'dist'));
  const subtests = deaths.map(([name, nth, expected, meanwhile]) =>
    t.test(`killed before ${name} number ${nth}: the ${expected} build`, async (t) => {
      const cwd = await makeFolder(t);
      const dist = path.join(cwd, 'dist');
      await cp(project, cwd, { recursive: true });
      await writeCatalog(path.join(cwd, 'plugins.json'), small.slice(1));
      const died = await run(t, { program, cwd, preload: killAt(name, nth) });
      assert.equal(died.code, 'SIGKILL', 'it did not come that far');
      const isThere = await stat(dist).then(
        () => true,
        () => false,
      );
      assert.equal(isThere, meanwhile === 'there');
      assert.notDeepEqual(await findLeftovers(dist), []);
      await recoverFolder(dist);
      assert.equal((await assertWhole(dist)) === old ? 'old' : 'new', expected);
      assert.deepEqual(await findLeftovers(dist), [], 'what dead builds left is removed');
    }),
  );
  await Promise.all(subtests);
});

test('builds killed at random moments never harm the build that is there', async (t) => {
  const random = seededRandom(20241015);
  const args = little;
  const startMs = performance.now();
  const build = async (releases: readonly object[]) => {
    const cwd = await makeFolder(t);
    await writeCatalog(path.join(cwd, 'plugins.json'), releases);
    const { code, stderr } = await run(t, { program, args, cwd });
    assert.equal(code, 0, stderr);
    return cwd;
  };
  const cwds = await Promise.all([build(large), build(large.slice(1))]);
  const fullMs = performance.now() - startMs;
  const ids = await Promise.all(cwds.map((cwd) => assertWhole(path.join(cwd, 'dist'))));
  const kills = THOROUGH ? 10 : 4;
  const found: string[] = [];
  const killAtRandom = async (cwd: string, i: number) => {
    const dist = path.join(cwd, 'dist');
    // Each folder builds the two catalogs in turn, so that a build always has something to change.
    await writeCatalog(path.join(cwd, 'plugins.json'), i % 4 < 2 ? large.slice(1) : large);
    const build = start(t, { program, args, cwd });
    // Every other pair is killed at any time, the others once they write: that is a small part of the time.
    const isWriting = i % 4 < 2;
    while (isWriting && build.child.exitCode === null && (await findLeftovers(dist)).length === 0) {
      await sleep(2);
    }
    await sleep(random.below(isWriting ? fullMs / 8 : fullMs));
    build.child.kill('SIGKILL');
    const ended = await build.ended;
    const leftovers = await findLeftovers(dist);
    found.push(`${ended}${leftovers.length > 0 ? ' while it wrote' : ''}`);
    await recoverFolder(dist);
    assert.ok(ids.includes(await assertWhole(dist)), 'DESIGN.md, invariant 7: not one of the two');
    assert.deepEqual(await findLeftovers(dist), []);
  };
  for (let i = 0; i < kills; i += 2) {
    await Promise.all(cwds.map((cwd, side) => killAtRandom(cwd, i + side)));
  }
  t.diagnostic(`ended by ${found.join(', ')}`);
  assert.ok(found.includes('SIGKILL while it wrote'), `no kill hit a build at work: ${found}`);
});

test('the next build cleans up after one that was killed', async (t) => {
  const cwd = await makeProject(t, small);
  const dist = path.join(cwd, 'dist');
  await run(t, { program, cwd, preload: killAt('rename', 3) });
  assert.deepEqual((await findLeftovers(dist)).length, 2, 'an old build aside and a new one');
  const { code, stderr } = await run(t, { program, cwd });
  assert.equal(code, 0, stderr);
  await assertWhole(dist);
  assert.deepEqual(await findLeftovers(dist), []);
});

/** Makes every rename wait up to 60 ms before and after, the same each time. */
const slowRenames = (seed: number) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  import { seededRandom } from '${import.meta.resolve('../../test/random.ts')}';
  const random = seededRandom(${seed});
  const pause = () => new Promise((resolve) => setTimeout(resolve, random.below(60)));
  const { rename } = fs.promises;
  fs.promises.rename = async (...paths) => {
    await pause();
    await rename(...paths);
    await pause();
  };
  syncBuiltinESMExports();
`;

test('builds into one folder at once all succeed, and the folder is one of them, whole', async (t) => {
  const cwd = await makeProject(t, small);
  const dist = path.join(cwd, 'dist');
  await writeCatalog(path.join(cwd, 'a.json'), small.slice(1));
  await writeCatalog(path.join(cwd, 'b.json'), small.slice(2));
  const ids = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const builds = ['a.json', 'b.json', 'a.json'].map((catalog, i) => {
      const args = ['--catalog', catalog, '--json'];
      return run(t, { program, args, cwd, preload: slowRenames(10 * round + i) });
    });
    for (const { code, stdout, stderr } of await Promise.all(builds)) {
      assert.equal(code, 0, stderr);
      ids.add(JSON.parse(stdout).id);
    }
    assert.ok(ids.has(await assertWhole(dist)), 'DESIGN.md, invariant 7: not one of the builds');
    assert.deepEqual(await findLeftovers(dist), []);
  }
  assert.equal(ids.size, 2);
});

test('the same catalog makes the same bytes, wherever and whenever it is built', async (t) => {
  const one = await makeProject(t, small);
  const other = await makeFolder(t);
  await writeCatalog(path.join(one, '1.json'), small.slice(0, 2));
  await writeCatalog(path.join(one, '2.json'), small.slice(2));
  const expected = await hashFolder(path.join(one, 'dist'));
  const elsewhere = ['--catalog', path.join(one, 'plugins.json'), '--out', 'made/elsewhere'];
  const env = { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOME: other };
  const split = ['--catalog', '1.json', '--catalog', '2.json', '--out', 'split'];
  const builds = [
    { cwd: other, args: elsewhere, env, out: path.join(other, 'made/elsewhere') },
    { cwd: one, args: split, out: path.join(one, 'split') },
  ];
  for (const { out, ...options } of builds) {
    const { code, stderr } = await run(t, { program, ...options });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await hashFolder(out), expected, 'DESIGN.md, invariant 6: other bytes');
  }
  const local = [one, other, path.dirname(import.meta.dirname)];
  for (const file of Object.keys(expected)) {
    const text = await readFile(path.join(one, 'dist', file), 'utf8');
    const named = local.find((folder) => text.includes(folder) || file.includes(folder));
    assert.equal(
      named,
      undefined,
      `DESIGN.md, invariant 6: ${file} names a folder of this machine`,
    );
  }
});

test('tag and hash of the build stand in health.json and nowhere else', async (t) => {
  const cwd = await makeProject(t, small);
  const [tag, hash] = ['v7.7.7-the-tag', 'c0ffee77c0ffee77c0ffee77'];
  const args = ['--build-tag', tag, '--build-hash', hash];
  const { code, stderr } = await run(t, { program, args, cwd });
  assert.equal(code, 0, stderr);
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
