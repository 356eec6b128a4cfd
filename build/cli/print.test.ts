import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import glob from 'fast-glob';
import { spellOut } from '../../src/lib/spell-out.ts';
import { startLoopback } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { release, run, writeCatalog } from './fixture-command.ts';

const ATTACK = '\x1b[2J\x9b1m\u202e\u200b\u2028\n::error::forged\n##[error]forged';

/** What no output may have: but for the line feed, nothing that steers or hides, and nothing that GitHub takes for a command. */
const FORBIDDEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^\s*::|##\[|^forged/mu;

test('commands write by the printers alone', () => {
  const cwd = path.join(import.meta.dirname, '..');
  const files = glob.sync(['{cli,site,serve,publish,diff,catalog}/**/*.ts'], {
    cwd,
    ignore: ['**/*.test.ts', '**/fixture-*.ts', 'cli/print.ts'],
  });
  assert.ok(files.length > 30);
  const writing = files.filter((file) =>
    /\b(stdout|stderr)\.write|\bconsole\./.test(readFileSync(path.join(cwd, file), 'utf8')),
  );
  assert.deepEqual(writing, []);
});

const entry = release('jira', '1.0.0');
const named = (name: string) => ({ ...entry, manifest: { ...entry.manifest, name } });

// Program, its arguments, files of its folder, variables of the environment: the attack in a place of each kind.
const attacks: readonly (readonly [
  string,
  string[],
  Record<string, string>,
  Record<string, string>,
])[] = [
  ['build', ['--catalog', `${ATTACK}.json`], {}, {}],
  ['build', ['--upstream', `https://127.0.0.1:1/${ATTACK}`], {}, {}],
  ['build', ['--page-sizes', ATTACK], {}, {}],
  ['build', [`--${ATTACK}`], {}, {}],
  ['build', [], {}, { BUILD_TAG: ATTACK, BUILD_MAX_FILES: ATTACK, BUILD_UPSTREAM_URL: ATTACK }],
  ['build', [], { 'plugins.json': `[{ "a": ${ATTACK} }]` }, {}],
  ['build', ['--json'], { 'plugins.json': JSON.stringify([named(ATTACK)]) }, {}],
  ['build', [], { 'plugins.json': JSON.stringify([{ ...entry, [ATTACK]: 1 }]) }, {}],
  ['build', [], { 'marketplace.config.json': `{ "${ATTACK}": 1 }` }, {}],
  ['build', [], { 'marketplace.config.json': JSON.stringify({ logo: ATTACK }) }, {}],
  ['build', ['--upstream', 'http://127.0.0.1:1'], { 'marketplace.upstream.json': ATTACK }, {}],
  ['catalog', ['check'], { 'plugins.json': JSON.stringify([release(ATTACK, ATTACK)]) }, {}],
  [
    'catalog',
    ['check', '--json'],
    { 'plugins.json': JSON.stringify([release(ATTACK, ATTACK)]) },
    {},
  ],
  ['catalog', [ATTACK], {}, {}],
  ['catalog', ['mirror', '--check', 'pack'], { 'pack/pack.json': ATTACK }, {}],
  ['diff', ['plugins.json', 'new.json'], { 'new.json': JSON.stringify([named(ATTACK)]) }, {}],
  [
    'diff',
    ['plugins.json', 'new.json', '--json'],
    { 'new.json': JSON.stringify([named(ATTACK)]) },
    {},
  ],
  [
    'diff',
    ['plugins.json', 'new.json', '--format', 'markdown'],
    { 'new.json': JSON.stringify([named(ATTACK)]) },
    {},
  ],
  ['diff', ['plugins.json', ATTACK], {}, {}],
  ['serve', ['--dir', 'dist'], { 'dist/snapshot.json': ATTACK }, {}],
  ['nginx', ['--stop', '--root', ATTACK], {}, {}],
  ['rollback', ['--', ATTACK], {}, {}],
];

for (const [program, args, files, env] of attacks) {
  const places = [...args, ...Object.keys(files), ...Object.keys(env)].map((text) =>
    spellOut(JSON.stringify(text)),
  );
  test(`${program} ${places.join(' ')} shows what others wrote and does not obey it`, async (t) => {
    const cwd = await makeFolder(t);
    await writeCatalog(path.join(cwd, 'plugins.json'), [entry]);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
      await writeFile(path.join(cwd, file), text);
    }
    const { stdout, stderr } = await run(t, { program, args, cwd, env });
    assert.doesNotMatch(stdout, FORBIDDEN);
    assert.doesNotMatch(stderr, FORBIDDEN);
    if (args.includes('--json') && stdout !== '') JSON.parse(stdout);
  });
}

test('what an upstream answers does not steer the terminal', async (t) => {
  const cwd = await makeFolder(t);
  const odd = release(`jira${ATTACK}`, `1.0.0${ATTACK}`);
  // What it answers: no JSON, what is no list, what is no release, a refusal.
  const answers = [ATTACK, JSON.stringify({ [ATTACK]: ATTACK }), JSON.stringify([odd]), ''];
  for (const answer of answers) {
    const { url } = await startLoopback(t, (_, response) => {
      response.statusCode = answer === '' ? 404 : 200;
      response.statusMessage = 'odd \x9b2J';
      response.end(answer || ATTACK);
    });
    const { stdout, stderr, code } = await run(t, {
      program: 'catalog',
      args: ['import', url],
      cwd,
    });
    assert.equal(code, 1, stdout);
    assert.doesNotMatch(stdout + stderr, FORBIDDEN);
  }
});
