import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { toNodeArgs } from '../build/cli/fixture-command.ts';
import { formOf } from '../src/curation/requests/fixture-request.ts';
import { startGithub } from '../src/curation/update/github/fixture-github.ts';
import { makeFolder } from '../test/make-folder.ts';
import { readBlock } from '../test/read-block.ts';
import { makeBundle, makeManifest } from '../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../test/samples/signing-keys.ts';
import { gh, makeClone } from './fixture-clone.ts';
import { runScript, runStep } from './fixture-step.ts';

const WORKFLOW = 'plugin-request.yml';

/** Stands in for npm: runs these commands, in the folder of the test. */
const npm = `
shift; [ "$1" = --silent ] && shift
name=$1; shift; [ "$1" = -- ] && shift
echo "$name $*" >> "$ASKED"
case "$name" in
${['catalog', 'diff'].map((name) => `  ${name}) exec node ${toNodeArgs({ program: name }).join(' ')} "$@" ;;`).join('\n')}
esac`;

/** Would do something in a shell, in GitHub's logs and files of commands, in Markdown or in HTML. */
const HOSTILE = [
  '$(touch hacked) `touch hacked` "; touch hacked; \'',
  '::set-output name=added::yes',
  '::add-mask::a',
  'added=yes',
  'NODE_OPTIONS=--require=hacked',
  'Closes #1, fixes example/other#2. @all <img src=x onerror=alert(1)> ![](https://evil.example/x.png)',
  '</code></pre></details> [x](javascript:alert(1)) <!-- --> | a | b',
].join('\n');

/** A checkout of main, GitHub with a signed release whose manifest is hostile, and the steps of the first job. */
async function prepare(t: TestContext, keys: readonly string[] = []) {
  const name = `Abc ${HOSTILE.replaceAll('\n', ' ')}`;
  const manifest = makeManifest('abc', '1.0.0', { name, homepage_url: 'http://169.254.169.254/' });
  const bundle = await makeBundle(manifest);
  const key = await makeSigningKey();
  const assets = { 'abc.tar.gz': bundle, 'abc.tar.gz.sig': await key.sign(bundle) };
  const github = await startGithub(t, {
    'example/plugin-abc': [{ tag_name: 'v1.0.0', assets }],
  });
  const cwd = await makeFolder(t);
  const write = (file: string, text: string) => writeFile(path.join(cwd, file), text);
  await write('key.asc', key.publicKey);
  const config = { github: github.url, store: `${github.url}/store`, keys };
  await write('marketplace.config.json', JSON.stringify(config));
  await write('plugins.json', '[]\n');
  await write('.gitignore', '.runner\n.marketplace-cache\n');
  const git = 'git -c user.name=a -c user.email=a@example.com';
  const { code, stderr } = await runScript(
    `git init --quiet .; ${git} add .; ${git} commit --quiet -m first`,
    { cwd },
  );
  assert.equal(code, 0, stderr);
  const before = await readdir(cwd);
  const files = Object.fromEntries(
    ['GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_EVENT_PATH'].map((variable) => [
      variable,
      path.join(cwd, '.runner', variable),
    ]),
  );
  const step = (step: string, env: Record<string, string> = {}) =>
    runStep(WORKFLOW, step, { cwd, env: { ...files, ...env }, programs: { npm } });
  return {
    cwd,
    github,
    step,
    read: (file: string) => readFile(path.join(cwd, '.runner', file), 'utf8'),
    add: async (body: string | null) => {
      await write('.runner/GITHUB_EVENT_PATH', JSON.stringify({ issue: { body } }));
      return await step('Add');
    },
    /** That nothing of the issue was run, or got into the environment of a step. */
    assertQuiet: async (outputs: readonly string[]) => {
      assert.deepEqual(
        (await readdir(cwd)).filter((file) => file !== '.marketplace-cache'),
        before,
      );
      const written = await readdir(path.join(cwd, '.runner'));
      for (const file of ['GITHUB_ENV', 'GITHUB_PATH', 'hacked']) {
        assert.ok(!written.includes(file), file);
      }
      for (const output of outputs) assert.equal(output, '', 'nothing gets into the log');
    },
  };
}

test('a release that an issue asks for is judged, and whatever its manifest says is text', async (t) => {
  const { github, step, read, add, assertQuiet } = await prepare(t);
  const added = await add(formOf({ Repository: 'example/plugin-abc', 'Anything else?': HOSTILE }));
  assert.equal(added.code, 0, added.stderr);
  assert.equal(added.outputs, 'added=yes\n', await read('notes.txt'));
  assert.ok(github.asked.length > 0);
  const judged = await step('Judge');
  assert.equal(judged.code, 0, judged.stderr);
  await assertQuiet([added.stdout, added.stderr, judged.stdout, judged.stderr]);
  assert.equal(
    judged.asked.split('\n').slice(1).join('\n'),
    'catalog check --json\ncatalog verify --changed-since HEAD\ndiff HEAD plugins.json --format markdown\n',
    'nothing asks the addresses in the manifest',
  );
  const [entry, ...others] = JSON.parse(await read('proposal/plugins.json'));
  assert.equal(others.length, 0);
  assert.equal(entry.manifest.id, 'abc');

  const body = await read('proposal/body.md');
  assert.match(body, /^\*\*1 plugin changes: 1 release added\.\*\*\n/);
  assert.match(body, /^\| [\d.]+ and newer \| [a-z0-9, -]+ \| cannot: http-download \|$/m);
  assert.match(
    body,
    /^ {4}warning: abc@1\.0\.0 \[0\]\.download_url is not .* — .*\[http-download\]$/m,
  );
  assert.match(body, /^- \[x\] `npm run catalog -- check` reports no error\.$/m);
  assert.match(body, /^- \[ \] `npm run catalog -- verify` passes/m);
  assert.match(body, /^ {4}error: name the public keys/m);
  assert.match(body, /^- \[ \] The repository is public/m);
  // Beside code, there is nothing that others wrote.
  const live = body.replace(/^ {4}.*$/gm, '').replace(/<code>[^<]*<\/code>/g, '');
  for (const sign of ['@', 'Closes', '![', '<img', 'javascript', '169.254', 'hacked', '::']) {
    assert.ok(!live.includes(sign), `${sign}: ${live}`);
  }

  const answered = await step('Answer', { ADDED: 'yes' });
  assert.equal(answered.code, 0, answered.stderr);
  const [, delimiter = ''] = /^answer<<([0-9a-f]{32})$/m.exec(answered.outputs) ?? [];
  assert.ok(answered.outputs.endsWith(`\n${delimiter}\n`));
  assert.ok(answered.outputs.includes(body));
});

test('the box of verify is ticked for a bundle that one of our keys has signed', async (t) => {
  const { step, read, add } = await prepare(t, ['key.asc']);
  assert.equal((await add(formOf({ Repository: 'example/plugin-abc' }))).outputs, 'added=yes\n');
  assert.equal((await step('Judge')).code, 0);
  const body = await read('proposal/body.md');
  assert.match(body, /^- \[x\] `npm run catalog -- verify` passes/m);
  assert.match(body, /^ {4}1 bundle checked, 0 failed$/m);
});

test('a plugin that moved is added by hand, as the docs say', async (t) => {
  const { cwd } = await prepare(t);
  const moved = {
    download_url: 'https://github.com/example/old/releases/download/v0/a.tar.gz',
    manifest: { id: 'abc', version: '0.9.0' },
  };
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([moved]));
  const block = await readBlock('docs/curation.md', 'sh', 'gh issue view');
  const follow = (script: string) =>
    runScript(script.replaceAll('com.example.hello', 'abc'), {
      cwd,
      env: { ISSUE: formOf({ Repository: 'example/plugin-abc' }) },
      programs: { npm, gh: 'printf "%s" "$ISSUE"' },
    });
  const unsure = await follow(block.replace(/ --take-over \S+/, ''));
  assert.equal(unsure.code, 1);
  assert.match(unsure.stderr, /confirm it with --take-over abc/);
  const { code, stdout, stderr } = await follow(block);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'abc@1.0.0 is in plugins.json now\n');
});

test('what is found stays in its block of code', async (t) => {
  const cwd = await makeFolder(t);
  const found = {
    problems: [
      { release: 'abc@1.0.0', level: 'warning', message: 'a\r# @all\n\n# b\u001b\u0085c' },
    ],
    installable: [
      {
        release: 'abc@1.0.0',
        installable: [{ servers: '9.0 | @all\n# d', platforms: ['<b>'] }],
        obstacles: [],
      },
    ],
  };
  await mkdir(path.join(cwd, '.runner'));
  await writeFile(path.join(cwd, '.runner/added.txt'), 'abc@1.0.0 is in plugins.json now\n');
  await writeFile(path.join(cwd, '.runner/notes.txt'), 'a\r# e\n');
  await writeFile(path.join(cwd, 'plugins.json'), '[]');
  const { code, stderr } = await runStep(WORKFLOW, 'Judge', {
    cwd,
    env: { FOUND: JSON.stringify(found) },
    programs: { npm: 'case "$*" in *--json*) echo "$FOUND" ;; esac' },
  });
  assert.equal(code, 0, stderr);
  const body = await readFile(path.join(cwd, '.runner/proposal/body.md'), 'utf8');
  for (const sign of '\r\u001b\u0085') assert.ok(!body.includes(sign), JSON.stringify(sign));
  assert.match(body, /^\| 9\.0 \| \?all\?\? d \| \?b\? \| can \|$/m);
  assert.match(body, /\n\n {4}a\?# e\n {4}warning: .* a\?# @all\n {4}\n {4}# b\?\?c — {2}\[\]\n\n/);
});

// What the issue asks for, what is answered.
const refused: readonly (readonly [string, string | null, RegExp])[] = [
  ['nothing', null, /^ {4}error: the request cannot be used$/m],
  ['what no form made', HOSTILE, /^ {4}error: the request cannot be used$/m],
  [
    'hostile repositories',
    formOf({ Repository: HOSTILE }),
    /^ {6}Repository: "\$\(touch hacked\).* is not a repository/m,
  ],
  [
    'another server',
    formOf({ Repository: 'http://169.254.169.254/latest' }),
    /^ {6}Repository: .* is not a repository/m,
  ],
  ['hostile tags', formOf({ 'Tag of the release': HOSTILE }), /is not a tag of a release/],
  ['hostile options', formOf({ 'How mature is it?': HOSTILE }), /is not an answer of the form/],
  ['too much', formOf({ 'Anything else?': '\u{1F600}'.repeat(70_000) }), /may have 65536: shorten/],
];

for (const [what, body, message] of refused) {
  test(`an issue that asks for ${what} is answered, and nothing else happens`, async (t) => {
    const { github, step, read, add, assertQuiet } = await prepare(t);
    const added = await add(body);
    assert.deepEqual([added.code, added.outputs], [0, ''], added.stderr);
    const answered = await step('Answer', { ADDED: '' });
    assert.equal(answered.code, 0, answered.stderr);
    await assertQuiet([added.stdout, added.stderr, answered.stdout, answered.stderr]);
    assert.deepEqual(github.asked, []);
    const [first, , ...rest] = (await read('answer.md')).trimEnd().split('\n');
    assert.equal(first, 'This cannot be added as it is. Edit the issue, and it is tried again.');
    assert.match(rest.join('\n'), message);
    for (const line of rest) assert.match(line, /^ {4}/, 'a line of a block of code');
    assert.ok(Buffer.byteLength(answered.outputs) < 60_100);
  });
}

// The comments that are there, the request to GitHub.
const comments: readonly (readonly [string, string])[] = [
  ['', 'api --silent --method POST c --field body=@body.md'],
  ['42', 'api --silent --method PATCH r/42 --field body=@body.md'],
];

for (const [ids, expected] of comments) {
  test(`the answer is written by ${expected}`, async (t) => {
    const cwd = await makeFolder(t);
    const gh = 'echo "$*" >> "$ASKED"; case "$*" in *--paginate*) echo "$IDS" ;; esac';
    const { code, stderr, asked } = await runStep(WORKFLOW, 'Comment', {
      cwd,
      env: { COMMENTS: 'c', REPLACE: 'r', ANSWER: HOSTILE, IDS: ids },
      programs: { gh },
    });
    assert.equal(code, 0, stderr);
    assert.equal(asked.trimEnd().split('\n').at(-1), expected);
    const body = await readFile(path.join(cwd, 'body.md'), 'utf8');
    assert.equal(body, `<!-- plugin request -->\n\n${HOSTILE}\n`);
    assert.deepEqual((await readdir(cwd)).sort(), ['.runner', 'body.md']);
  });
}

const entryOf = (id: string, version = '1.0.0') => ({ manifest: { id, version } });
const KEPT = [entryOf('jira'), entryOf('zoom')];

/** A checkout of main, with a proposal of the first job. */
async function propose(t: TestContext, proposed: string) {
  const clone = await makeClone(t);
  const { cwd, git, write } = clone;
  await write('plugins.json', JSON.stringify(KEPT));
  await git('git add .; git commit --quiet -m kept; git push --quiet origin main');
  const proposal = path.join(cwd, '.runner/proposal');
  await mkdir(proposal, { recursive: true });
  await write('.runner/proposal/plugins.json', proposed);
  await write('.runner/proposal/body.md', `**1 release**\n${HOSTILE}\n- [x] one\n`);
  const step = (name: string, env: Record<string, string> = {}) =>
    runStep(WORKFLOW, name, { cwd, env: { NUMBER: '12', OPEN: '', ...env }, programs: { gh } });
  return { ...clone, proposal, step };
}

test('one entry more is proposed, with the text of the first job and the issue that it closes', async (t) => {
  const proposed = JSON.stringify([entryOf('abc', '1.0.0-rc.1+b'), ...KEPT]);
  const { cwd, git, log, show, proposal, step } = await propose(t, proposed);
  await writeFile(path.join(proposal, 'evil.yml'), 'on: push');
  const taken = await step('Take one entry');
  assert.equal(taken.code, 0, taken.stdout);
  assert.equal(taken.outputs, 'release=abc 1.0.0-rc.1+b\n');
  const { code, stderr, asked } = await step('Propose', { RELEASE: 'abc 1.0.0-rc.1+b' });
  assert.equal(code, 0, stderr);
  assert.match(
    asked,
    /\ngh pr create --base main --head plugin-request-12 --title feat\(catalog\): add abc 1\.0\.0-rc\.1\+b --body-file /,
  );
  assert.match(asked, /\n> Closes #12\. .*\n> \n> \*\*1 release\*\*\n/);
  assert.match(asked, /\n> - \[x\] one\n> - \[x\] The change is one entry more[^\n]*\n?$/);
  assert.equal(await log('plugin-request-12'), 'feat(catalog): add abc 1.0.0-rc.1+b\nkept\nfirst');
  assert.equal(await show('plugin-request-12', 'plugins.json'), proposed);
  const changed = await git('git --git-dir ../origin.git diff --name-only main plugin-request-12');
  assert.equal(changed, 'plugins.json');
  assert.ok(!(await readdir(cwd)).includes('hacked'));
});

// What the first job proposes, if somebody got hold of it.
const foreign: readonly (readonly [string, unknown])[] = [
  ['nothing new', KEPT],
  ['two entries', [...KEPT, entryOf('abc'), entryOf('abd')]],
  ['an entry twice', [...KEPT, entryOf('abc'), entryOf('abc')]],
  ['an old entry twice', [...KEPT, entryOf('jira'), entryOf('abc')]],
  ['an entry less', [entryOf('abc'), KEPT[0]]],
  ['an entry in place of another', [entryOf('abc'), KEPT[0], KEPT[0]]],
  ['another entry changed', [entryOf('jira', '9.9.9'), entryOf('abc'), KEPT[1]]],
  ['a title of two lines', [...KEPT, entryOf('abc\nrelease=x')]],
  ['a title of two lines in its version', [...KEPT, entryOf('abc', '1.0.0\nNODE_OPTIONS=x')]],
  ['a title that closes', [...KEPT, entryOf('fixes #1')]],
  ['no name', [...KEPT, {}]],
  ['no list', { ...KEPT }],
  ['a text', 'x'],
];

for (const [what, proposed] of foreign) {
  test(`a proposal of ${what} is refused`, async (t) => {
    const { show, step } = await propose(t, JSON.stringify(proposed));
    const { code, stdout, outputs } = await step('Take one entry');
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^::error::the proposal is not the catalog of main with one entry more/);
    assert.equal(outputs, '');
    assert.equal(await show('main', 'plugins.json'), JSON.stringify(KEPT));
  });
}

test('a proposal is files: a link, a missing file, or a change beside it is refused', async (t) => {
  const proposed = JSON.stringify([...KEPT, entryOf('abc')]);
  const { write, git, proposal, step } = await propose(t, proposed);
  await git('echo a > other.txt; git add other.txt; git commit --quiet -m other');
  await write('other.txt', 'changed\n');
  const more = await step('Take one entry');
  assert.equal(more.code, 1);
  assert.match(more.stdout, /changes more than plugins\.json/);
  await git(`rm ${proposal}/body.md`);
  await symlink('/etc/passwd', path.join(proposal, 'body.md'));
  const linked = await step('Take one entry');
  assert.equal(linked.code, 1);
  assert.match(linked.stdout, /^::error::the proposal has no file body\.md\n$/);
});
