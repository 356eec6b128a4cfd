import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { parseAnswer } from '../../../src/mattermost/answers/parse-answer.ts';
import { SERVER_LINES } from '../../../src/mattermost/server-line.ts';
import { BASE_URL, KEY, startSource } from '../../../src/pack/fixture-pack.ts';
import { indexCatalog } from '../../../src/query/catalog-index.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { readBlock } from '../../../test/read-block.ts';
import { release } from '../../cli/fixture-command.ts';
import { diff } from '../../diff/diff.ts';
import { build } from '../../site/build.ts';
import { catalog } from '../catalog.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';

const VERSIONS = ['4.1.0', '4.0.1', '4.0.1-rc1', '4.0.0', '2.0.0'];
const ENTRIES = [
  release('calls', '1.0.0', {}, 'Calls'),
  ...VERSIONS.map((version) => release('jira', version, {}, 'Jira')),
];
const WHY = ['--reason', 'https://example.com/why'];

const read = async (cwd: string, file: string) => await readFile(path.join(cwd, file), 'utf8');
const run = async (cwd: string, ...args: string[]) => await runCatalog(catalog, args, { cwd });

async function succeed(cwd: string, ...args: string[]) {
  const ran = await run(cwd, ...args);
  assert.equal(ran.code, 0, args.join(' ') + ran.stdout + ran.stderr);
  return ran;
}

/** What is in the folder, by name. */
async function filesOf(cwd: string): Promise<Record<string, string>> {
  const names = (await readdir(cwd)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await read(cwd, name)] as const)),
  );
}

/** The arguments of each command of a block, as a shell passes them on. */
function commandsOf(block: string): { program: string; args: string[] }[] {
  const script = `npm() { shift; printf '%s\\0' "$@"; printf '\\0'; }\n${block}`;
  const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  return printed
    .split('\0\0')
    .slice(0, -1)
    .map((line) => {
      const [program = '', , ...args] = line.split('\0');
      return { program, args };
    });
}

async function makeRepository(t: TestContext): Promise<string> {
  const cwd = await makeProject(t, { 'plugins.json': ENTRIES });
  const git = (...args: string[]) => execFileSync('git', args, { cwd, stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-mone');
  return cwd;
}

test('releases are withdrawn and warned of as docs/curation.md says', async (t) => {
  const cwd = await makeRepository(t);
  const before = await read(cwd, 'plugins.json');
  const block = await readBlock('docs/curation.md', 'sh', 'npm run catalog -- suspend');
  const outputs: string[] = [];
  for (const { program, args } of commandsOf(block)) {
    const command = program === 'diff' ? diff : catalog;
    const { code, stdout, stderr } = await runCatalog(command, args, { cwd });
    assert.equal(code, 0, stdout + stderr);
    outputs.push(stdout);
  }
  assert.deepEqual(outputs.slice(0, 3), [
    'suspended, in notices.json now: jira 4.1.0\n',
    'deprecated, in notices.json now: jira 2.0.0\n',
    'advisory, in notices.json now: jira 4.0.1-rc1, 4.0.0, 2.0.0\n',
  ]);
  const told = outputs[3] ?? '';
  assert.match(told, /^1 plugin changes: 3 notices given\.\n\njira: /);
  assert.match(
    told,
    /^jira: 4\.1\.0 is suspended: servers are not offered it any more\. https:\/\/example\.com\/j/m,
  );
  assert.match(told, /^ {2}4\.1\.0 -> 4\.0\.1\n {4}every server$/m);
  assert.match(told, /by version: 4\.0\.1-rc1, 4\.0\.0, 2\.0\.0 changed: labels/);
  assert.equal(await read(cwd, 'plugins.json'), before, 'the catalog stays as it is');

  const shown = JSON.parse(await readBlock('docs/curation.md', 'json', '[\n  {\n    "plugin"'));
  const kept = JSON.parse(await read(cwd, 'notices.json')) as { kind: string }[];
  assert.deepEqual(
    kept.filter(({ kind }) => kind === 'advisory'),
    shown,
  );

  const checked = await succeed(cwd, 'check');
  assert.doesNotMatch(checked.stdout, /notice/);
  for (const args of commandsOf(block)
    .slice(0, 3)
    .map((one) => one.args)) {
    const [name = '', target = ''] = args;
    await succeed(cwd, name, target, '--undo');
  }
  assert.deepEqual(await filesOf(cwd).catch(() => readdir(cwd)), ['.git', 'plugins.json']);
});

test('every server that knows labels decodes those of notices, with the reason', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': ENTRIES });
  await succeed(cwd, 'suspend', 'jira@4.1.0', ...WHY);
  await succeed(cwd, 'deprecate', 'calls', ...WHY);
  await succeed(cwd, 'advise', 'jira@<=4.0.1', '--severity', 'medium', ...WHY);
  const index = indexCatalog((await readCatalog(['plugins.json'], { cwd })).releases);
  for (const { first } of SERVER_LINES) {
    const answer = parseAnswer(first, evaluatedAnswer(index, `server_version=${first}`) ?? '');
    assert.ok('plugins' in answer, first);
    const labels = answer.plugins.map((plugin) => [
      `${plugin?.manifest?.id} ${plugin?.manifest?.version}`,
      (plugin?.labels ?? []).map((label) => [label?.name, label?.url, label?.description]),
    ]);
    const url = 'https://example.com/why';
    const medium = 'This release has a vulnerability of medium severity. There is no fix yet.';
    const isShown = first !== '5.16.0' && first !== '5.18.0';
    assert.deepEqual(
      labels,
      [
        ['calls 1.0.0', [['Deprecated', url, 'This release is deprecated. Click to read why.']]],
        ['jira 4.0.1', [['Security: medium', url, medium]]],
      ].map(([name, own]) => [name, isShown ? own : []]),
      first,
    );
  }
});

interface Step {
  readonly command: string;
  readonly target: string;
  readonly more: readonly string[];
}

function randomSteps(random: Random): Step[] {
  const steps = new Map<string, Step>();
  for (let i = 0; i < 6; i++) {
    const command = random.pick(['suspend', 'deprecate', 'advise']);
    const target = random.pick([
      'calls',
      'jira',
      'jira@4.1.0',
      'jira@<4',
      'jira@>=4 <4.1',
      'jira@*',
    ]);
    const severity = command === 'advise' ? ['--severity', random.pick(['low', 'critical'])] : [];
    steps.set(`${command} ${target.replace('@*', '')}`, { command, target, more: severity });
  }
  return [...steps.values()];
}

for (const seed of seeds(10)) {
  test(`what is undone leaves no trace, in whatever order, seed ${seed}`, async (t) => {
    const random = seededRandom(seed);
    const cwd = await makeProject(t, { 'plugins.json': ENTRIES, 'other.json': {} });
    const start = await filesOf(cwd);
    const give = async (steps: readonly Step[]) => {
      for (const { command, target, more } of steps) {
        await succeed(cwd, command, target, ...more, ...WHY);
      }
    };
    const takeBack = async (steps: readonly Step[]) => {
      for (const { command, target } of steps) await succeed(cwd, command, target, '--undo');
    };
    const steps = randomSteps(random);
    const cut = random.below(steps.length);
    const [kept, others] = [steps.slice(0, cut), steps.slice(cut)];
    await give(kept);
    const halfway = await filesOf(cwd);
    await give(others);
    assert.notDeepEqual(await filesOf(cwd), halfway);
    await takeBack(random.chance(0.5) ? others : others.toReversed());
    assert.deepEqual(await filesOf(cwd), halfway);
    await takeBack(kept.toReversed());
    assert.deepEqual(await filesOf(cwd), start);
    await give(others);
    await give(kept);
    await takeBack(others);
    assert.deepEqual(await filesOf(cwd), halfway, 'the order in which they are given is no matter');
  });
}

// Arguments, the exit code, the message. There are notices: jira@4.1.0 is suspended, jira@<4 has two advisories.
const refused: readonly [string[], number, RegExp][] = [
  [['suspend'], 2, /name one plugin/],
  [['suspend', 'jira', 'calls', ...WHY], 2, /name one plugin/],
  [['suspend', 'Jira', ...WHY], 1, /the catalog has no plugin "Jira": ids are case-sensitive/],
  [['suspend', 'jira@5.x', ...WHY], 1, /no release of the catalog is jira@5\.x: it has 4\.1\.0, /],
  // As of a variable that is empty.
  [['suspend', 'jira@', ...WHY], 2, /no versions behind jira@: write some, or jira for all/],
  [['suspend', 'jira@ ', '--undo'], 2, /no versions behind jira@/],
  [['suspend', 'jira@v?', ...WHY], 2, /RANGE "v\?" is not a range of versions/],
  [['suspend', 'jira'], 2, /--reason "" is empty/],
  [['suspend', 'jira', '--reason', 'javascript:alert(1)'], 2, /--reason .* is not a web address/],
  [['suspend', 'jira@=4.1.0', ...WHY], 1, /is suspended already: take that back with --undo/],
  [['suspend', 'jira', '--undo'], 1, /nothing to undo for jira: there is jira@4\.1\.0 \(https/],
  [['deprecate', 'jira@4.1.0', '--undo'], 1, /nothing to undo .*: jira has no such notice/],
  [['advise', 'jira', ...WHY], 2, /--severity .* is not a severity/],
  [['advise', 'jira', '--severity', 'bad', ...WHY], 2, /--severity "bad" is not a severity/],
  [['advise', 'jira@<4', '--undo'], 1, /several notices are meant, .*\/two\), .*\/why\)/],
  [
    ['advise', 'jira', '--severity', 'low', '--fixed-in', '4.1.0', ...WHY],
    2,
    /--fixed-in "4\.1\.0" is itself among the versions/,
  ],
];

test('what cannot be meant is refused, and changes nothing', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': ENTRIES });
  await succeed(cwd, 'suspend', 'jira@4.1.0', ...WHY);
  await succeed(cwd, 'advise', 'jira@<4', '--severity', 'low', ...WHY);
  const two = ['--reason', 'https://example.com/two'];
  await succeed(cwd, 'advise', 'jira@<4', '--severity', 'low', ...two);
  const before = await filesOf(cwd);
  for (const [args, code, message] of refused) {
    const ran = await run(cwd, ...args);
    assert.equal(ran.code, code, args.join(' '));
    assert.match(ran.stderr, message, args.join(' '));
  }
  assert.deepEqual(await filesOf(cwd), before);
  await succeed(cwd, 'advise', 'jira@<4', ...two, '--undo');
  assert.doesNotMatch(await read(cwd, 'notices.json'), /two/);
});

test('what stands there twice, as after a merge, is undone at once', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': ENTRIES });
  await succeed(cwd, 'suspend', 'jira@4.1.0', ...WHY);
  const [notice] = JSON.parse(await read(cwd, 'notices.json'));
  const merged = [notice, { ...notice, date: '2024-05-01T00:00:00Z' }];
  await writeFile(path.join(cwd, 'notices.json'), JSON.stringify(merged));
  await succeed(cwd, 'suspend', 'jira@4.1.0', '--undo');
  assert.deepEqual(await readdir(cwd), ['plugins.json']);
});

test('notices that cannot be read stop every command, those about nothing are errors of check', async (t) => {
  const notice = { plugin: 'nobody', kind: 'suspended', date: NOW.toISOString(), reason: 'x' };
  const cwd = await makeProject(t, { 'plugins.json': ENTRIES, 'notices.json': [notice] });
  for (const args of [['check'], ['suspend', 'jira', ...WHY]]) {
    const ran = await run(cwd, ...args);
    assert.equal(ran.code, 1, args[0]);
    assert.match(ran.stdout + ran.stderr, /notices\.json:6:15 \[0\]\.reason: "x" is not a web/);
  }
  const broken = await runCatalog(build, [], { cwd });
  assert.match(broken.stderr, /^error: the catalog cannot be used: 1 problem in 1 file\n.*reason/);
  const reason = 'https://example.com/';
  await writeFile(
    path.join(cwd, 'notices.json'),
    JSON.stringify([
      { ...notice, reason },
      { ...notice, plugin: 'jira', reason },
      { ...notice, plugin: 'jira', versions: '*', reason },
      {
        plugin: 'calls',
        kind: 'advisory',
        severity: 'low',
        versions: '<1',
        fixed_in: '1.0.0',
        reason,
        date: notice.date,
      },
    ]),
  );
  const checked = await run(cwd, 'check');
  assert.equal(checked.code, 1);
  const found = checked.stdout.split('\n').filter((line) => line.includes('notices.json'));
  assert.deepEqual(
    found.map((line) => line.replace(/ — .*\[/, ' [')),
    [
      'error: notices.json [0]: "nobody" is no release of the catalog [idle-notice]',
      'error: notices.json [2]: "jira@*" repeats notices.json [1] [repeated-notice]',
      'error: notices.json [3]: "calls@<1" is no release of the catalog [idle-notice]',
    ],
  );
});

test('a pack has what is offered, with its labels, whoever builds it and wherever', async (t) => {
  const { entries } = await startSource(t);
  const cwd = await makeProject(t, { 'plugins.json': entries, 'key.asc': KEY.publicKey });
  await succeed(cwd, 'suspend', 'abc@2.0.0', ...WHY);
  await succeed(cwd, 'deprecate', 'abc@<1.1', ...WHY);
  const mirrored = ['--to', 'pack', '--base-url', BASE_URL, '--key', 'key.asc'];
  await succeed(cwd, 'mirror', ...mirrored);
  const inside = await readCatalog(['pack/plugins.json'], { cwd });
  assert.deepEqual(inside.notices, [], 'the notices are not beside it');
  assert.deepEqual(
    inside.releases
      .filter(({ manifest }) => manifest.id === 'abc')
      .map(({ manifest, labels }) => [manifest.version, labels.map(({ name }) => name)]),
    [
      ['1.1.0', []],
      ['1.0.0', ['Deprecated']],
    ],
  );
  await succeed(cwd, 'suspend', 'abc@2.0.0', '--undo');
  await succeed(cwd, 'mirror', ...mirrored);
  const again = await readCatalog(['pack/plugins.json'], { cwd });
  assert.equal(again.releases.length, inside.releases.length + 1);
});

test('notices are in the folder of the catalog, and no file of it', async (t) => {
  const cwd = await makeProject(t, {
    'catalog/a.json': ENTRIES.slice(0, 1),
    'catalog/b.json': ENTRIES.slice(1),
    'plugins.json': ENTRIES,
  });
  const globs = ['--catalog', 'catalog/*.json'];
  await succeed(cwd, 'suspend', 'jira@4.1.0', ...WHY, ...globs);
  assert.deepEqual(await readdir(path.join(cwd, 'catalog')), ['a.json', 'b.json', 'notices.json']);
  await succeed(cwd, 'check', ...globs);
  const count = async (...patterns: string[]) =>
    (await readCatalog(patterns, { cwd })).releases.length;
  assert.equal(await count('catalog/*.json'), ENTRIES.length - 1);
  assert.equal(await count('plugins.json'), ENTRIES.length, 'another folder has others');
  const both = [...globs, '--catalog', 'plugins.json'];
  const unclear = await run(cwd, 'suspend', 'calls', ...WHY, ...both);
  assert.match(unclear.stderr, /the catalog is in several folders: name the files of one/);
  assert.equal(unclear.code, 1);
  await succeed(cwd, 'suspend', 'jira@4.1.0', '--undo', ...globs);
  assert.deepEqual(await readdir(path.join(cwd, 'catalog')), ['a.json', 'b.json']);
});
