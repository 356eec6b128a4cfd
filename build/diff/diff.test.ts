import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { release, runHere, writeCatalog } from '../cli/fixture-command.ts';
import { build } from '../site/build.ts';
import { diff } from './diff.ts';

const old = [release('jira', '4.1.0', {}, 'Jira')];
const now = [
  ...old,
  release('jira', '4.2.0', { release_notes_url: 'https://example.com/4.2' }, 'Jira'),
];

const TOLD = `\
1 plugin changes: 1 release added.

Jira (jira)
  4.1.0 -> 4.2.0
    every server
`;

const NOTHING = 'Nothing changes for any server.\n';

function git(cwd: string, ...args: string[]) {
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
    cwd,
  });
}

/** A repository of two commits, the old catalog and the new one, each in `plugins.json` and in `catalog/a.json`. */
async function makeRepository(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  git(cwd, 'init', '--quiet', '--initial-branch=main');
  await mkdir(path.join(cwd, 'catalog'));
  for (const releases of [old, now]) {
    await writeCatalog(path.join(cwd, 'plugins.json'), releases);
    await writeCatalog(path.join(cwd, 'catalog/a.json'), releases);
    git(cwd, 'add', '.');
    git(cwd, 'commit', '--quiet', '--message=catalog');
  }
  git(cwd, 'tag', 'v1', 'HEAD~1');
  await writeCatalog(path.join(cwd, 'old.json'), old);
  return cwd;
}

// Arguments, stdout.
const sides: readonly [string[], string][] = [
  [['old.json', 'plugins.json'], TOLD],
  [['HEAD~1', 'HEAD'], TOLD],
  [['v1', 'plugins.json'], TOLD],
  [['HEAD~1:plugins.json', 'main:plugins.json'], TOLD],
  [['HEAD@{1}', 'HEAD'], TOLD],
  [['old.json', 'catalog/*.json'], TOLD],
  [['HEAD~1', 'HEAD', '--catalog', 'catalog/*.json'], TOLD],
  [['HEAD~1', 'old.json'], NOTHING],
  [['HEAD', 'HEAD'], NOTHING],
];

test('sides are files, globs and revisions', async (t) => {
  const cwd = await makeRepository(t);
  for (const [args, expected] of sides) {
    const { code, stdout, stderr } = await runHere(diff, args, { cwd });
    assert.equal(stdout, expected, `${args.join(' ')}: ${stderr}`);
    assert.equal(code, 0);
  }
});

test('a side is a build, and means what its catalog means', async (t) => {
  const cwd = await makeFolder(t);
  const releases = [
    ...now,
    release('jira', '4.2.0', { hosting: 'cloud', author_type: 'partner' }),
    release('jira', '4.2.0', {
      hosting: 'on-prem',
      labels: [{ name: 'Partner' }],
      enterprise: true,
    }),
    release('zoom', '1.0.0', {
      platforms: { 'linux-arm64': { download_url: 'https://example.com/z', signature: 'c2ln' } },
    }),
  ];
  await writeCatalog(path.join(cwd, 'plugins.json'), releases);
  await writeCatalog(path.join(cwd, 'old.json'), releases.slice(1));
  const built = await runHere(build, [], { cwd });
  assert.equal(built.code, 0, built.stderr);
  const same = await runHere(diff, ['dist', 'plugins.json'], { cwd });
  assert.equal(same.stdout, NOTHING, same.stderr);
  const [byFile, byBuild] = [
    await runHere(diff, ['old.json', 'plugins.json'], { cwd }),
    await runHere(diff, ['old.json', 'dist'], { cwd }),
  ];
  assert.match(byFile.stdout, /4\.1\.0 can be installed/);
  assert.equal(byBuild.stdout, byFile.stdout, byBuild.stderr);
});

test('it reports in Markdown, in JSON and as a message', async (t) => {
  const cwd = await makeRepository(t);
  const sides = ['HEAD~1', 'HEAD'];
  const report = async (...args: string[]) =>
    (await runHere(diff, [...sides, ...args], { cwd })).stdout;
  assert.match(await report('--format', 'markdown'), /\| 4\.1\.0 -> 4\.2\.0 \| every server \|/);
  assert.deepEqual(JSON.parse(await report('--json')), {
    old: 'HEAD~1',
    new: 'HEAD',
    added: [{ id: 'jira', version: '4.2.0' }],
    removed: [],
    noticed: [],
    lifted: [],
    plugins: [
      {
        id: 'jira',
        name: 'Jira',
        newest: [
          {
            from: '4.1.0',
            to: '4.2.0',
            fields: [],
            audiences: [
              {
                servers: { from: null, before: null },
                unspecified: true,
                editions: ['team', 'enterprise'],
                hostings: ['on-prem', 'cloud'],
                platforms: { except: [] },
              },
            ],
          },
        ],
        byVersion: [],
      },
    ],
  });
  assert.deepEqual(JSON.parse(await report('--announce')), {
    text: '#### New on the plugin marketplace: 1 release\n\n- **Jira** 4.2.0 for every server: [release notes](https://example.com/4.2)',
  });
  const { stdout } = await runHere(diff, ['HEAD', 'HEAD', '--announce'], { cwd });
  assert.equal(stdout, '', 'there is nothing to announce');
});

test('a revision is read as committed, whatever its git attributes', async (t) => {
  // The attributes of a revision, each of which would make `git archive` or a checkout show another file.
  const attributes = [
    'plugins.json export-ignore',
    'plugins.json export-subst',
    'plugins.json text eol=crlf',
    'plugins.json ident',
    'plugins.json working-tree-encoding=UTF-16',
    '* export-ignore',
  ];
  for (const line of attributes) {
    const cwd = await makeFolder(t);
    git(cwd, 'init', '--quiet', '--initial-branch=main');
    const reported = [release('jira', '4.1.0', {}, '$Format:%H$ $Id$')];
    await writeCatalog(path.join(cwd, 'plugins.json'), reported);
    git(cwd, 'add', '.');
    git(cwd, 'commit', '--quiet', '--message=catalog');
    await writeFile(path.join(cwd, '.gitattributes'), `${line}\n`);
    git(cwd, 'add', '.gitattributes');
    git(cwd, 'commit', '--quiet', '--message=attributes');
    const { stdout, stderr } = await runHere(diff, ['HEAD~1', 'HEAD'], { cwd });
    assert.equal(stdout, NOTHING, `${line}: ${stderr}`);
    const { stdout: same } = await runHere(diff, ['HEAD', 'plugins.json'], { cwd });
    assert.equal(same, NOTHING, line);
  }
});

test('a link in a revision is not followed', async (t) => {
  const cwd = await makeFolder(t);
  const outside = path.join(await makeFolder(t), 'secret.json');
  await writeCatalog(outside, now);
  git(cwd, 'init', '--quiet', '--initial-branch=main');
  await symlink(outside, path.join(cwd, 'plugins.json'));
  await writeCatalog(path.join(cwd, 'old.json'), old);
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message=catalog');
  const { code, stderr } = await runHere(diff, ['HEAD', 'old.json'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /HEAD:plugins\.json: does not exist/);
});

// Arguments, exit code, stderr.
const endings: readonly [string[], number, RegExp][] = [
  [['old.json', 'plugins.json', '--exit-code'], 1, /^$/],
  [['HEAD', 'plugins.json', '--exit-code'], 0, /^$/],
  [['HEAD'], 2, /OLD and NEW/],
  [['HEAD', 'HEAD', 'HEAD'], 2, /OLD and NEW/],
  [['HEAD', 'HEAD', '--format', 'html'], 2, /--format takes text or markdown, not "html"/],
  [['HEAD', 'HEAD', '--json', '--announce'], 2, /--json and --announce contradict each other/],
  [['HEAD', 'nope'], 1, /^error: "nope" is neither a catalog, nor a build, nor a git revision/],
  [['HEAD', '--', '--output=x'], 1, /"--output=x" is neither/],
  [['HEAD', 'catalog'], 1, /"catalog" is neither/],
  [['HEAD', 'HEAD:nope.json'], 1, /^error: HEAD:nope\.json is not a file at that revision/],
  [['HEAD', 'broken.json'], 1, /^error: the catalog cannot be used.*\n.*broken\.json:1:/],
  [['HEAD', 'broken', '--catalog', 'broken.json'], 1, /\n {2}HEAD:broken\.json: does not exist/],
];

test('the exit code and stderr', async (t) => {
  const cwd = await makeRepository(t);
  await writeFile(path.join(cwd, 'broken.json'), '[{');
  for (const [args, code, stderr] of endings) {
    const ran = await runHere(diff, args, { cwd });
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.stderr}`);
    assert.match(ran.stderr, stderr);
  }
});

test('notices count as they were at a revision or in a build, beside each catalog', async (t) => {
  const cwd = await makeRepository(t);
  const reason = 'https://example.com/why';
  const notice = { plugin: 'jira', versions: '4.2.0', kind: 'suspended', reason };
  const notices = JSON.stringify([{ ...notice, date: '2024-05-17T12:00:00Z' }]);
  await writeFile(path.join(cwd, 'notices.json'), notices);
  await mkdir(path.join(cwd, 'live'));
  await writeCatalog(path.join(cwd, 'live/plugins.json'), now);
  git(cwd, 'add', 'notices.json');
  git(cwd, 'commit', '--quiet', '--message=notices');
  const built = await runHere(build, ['--search', 'off', '--hosts', 'nginx'], { cwd });
  assert.equal(built.code, 0, built.stderr);
  const told =
    /^1 plugin changes: 1 notice given\.\n\njira: 4\.2\.0 is suspended.*why\n\n.*\n {2}4\.2\.0 -> 4\.1\.0/;
  for (const args of [
    ['HEAD~1', 'HEAD'],
    ['HEAD~1:plugins.json', 'HEAD:plugins.json'],
    ['HEAD~1:./plugins.json', 'HEAD:./plugins.json'],
    ['live/plugins.json', 'plugins.json'],
    ['live/plugins.json', 'dist'],
    ['HEAD~1', 'dist'],
  ]) {
    const { stdout, stderr } = await runHere(diff, args, { cwd });
    assert.match(stdout, told, `${args.join(' ')} ${stderr}`);
  }
  const lifted = await runHere(diff, ['dist', 'live/plugins.json'], { cwd });
  assert.match(lifted.stdout, /: 1 notice taken back\.\n\njira: Taken back: 4\.2\.0 is suspended/);
  for (const same of [
    ['HEAD', 'plugins.json'],
    ['dist', 'plugins.json'],
    ['HEAD', 'dist'],
  ]) {
    const { stdout } = await runHere(diff, same, { cwd });
    assert.equal(stdout, NOTHING, same.join(' '));
  }
  const message = await runHere(diff, ['live/plugins.json', 'dist', '--announce'], { cwd });
  assert.match(JSON.parse(message.stdout).text, /^#### Notices on the plugin marketplace: 1\n/);
});
