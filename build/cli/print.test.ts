import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import glob from 'fast-glob';
import { spellOut } from '../../src/lib/spell-out.ts';
import { startLoopback } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { catalog } from '../catalog/catalog.ts';
import { diff } from '../diff/diff.ts';
import { rollbackCommand } from '../publish/rollback.ts';
import { nginx } from '../serve/nginx.ts';
import { serve } from '../serve/serve.ts';
import { build } from '../site/build.ts';
import type { Command } from './command.ts';
import { release, run, runHere, writeCatalog } from './fixture-command.ts';

const ATTACK = '\x1b[2J\x9b1m\u202e\u200b\u2028\n::error::forged\n##[error]forged';

/** Forbidden in output: invisible or control characters except the line feed, and anything that GitHub takes for a command. */
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
const catalogOf = (...releases: object[]) => JSON.stringify(releases);
const named = catalogOf({ ...entry, manifest: { ...entry.manifest, name: ATTACK } });
const odd = catalogOf(release(ATTACK, ATTACK));
const toNew = ['plugins.json', 'new.json'];

type Texts = Readonly<Record<string, string>>;

// A command, its arguments, files of its folder, variables of the environment: with the attack in each of them.
const attacks: readonly (readonly [Command, readonly string[], Texts?, Texts?])[] = [
  [build, ['--catalog', `${ATTACK}.json`]],
  [build, ['--upstream', `https://127.0.0.1:1/${ATTACK}`]],
  [build, ['--page-sizes', ATTACK]],
  [build, [`--${ATTACK}`]],
  [build, [ATTACK]],
  [build, [], {}, { BUILD_TAG: ATTACK, MARKETPLACE_MAX_FILES: ATTACK }],
  [build, [], {}, { BUILD_UPSTREAM_URL: ATTACK }],
  [build, [], { 'plugins.json': `[{ "a": ${ATTACK} }]` }],
  [build, ['--json'], { 'plugins.json': named }],
  [build, [], { 'plugins.json': catalogOf({ ...entry, [ATTACK]: 1 }) }],
  [build, [], { 'marketplace.config.json': `{ "${ATTACK}": 1 }` }],
  [build, [], { 'marketplace.config.json': JSON.stringify({ logo: ATTACK }) }],
  [build, ['--upstream', 'http://127.0.0.1:1'], { 'marketplace.upstream.json': ATTACK }],
  [catalog, ['check'], { 'plugins.json': odd }],
  [catalog, ['check', '--json'], { 'plugins.json': odd }],
  [catalog, [ATTACK]],
  [catalog, ['mirror', '--check', 'pack'], { 'pack/pack.json': ATTACK }],
  [diff, toNew, { 'new.json': named }],
  [diff, [...toNew, '--json'], { 'new.json': named }],
  [diff, [...toNew, '--format', 'markdown'], { 'new.json': named }],
  [diff, ['plugins.json', ATTACK]],
  [serve, ['--dir', 'dist'], { 'dist/snapshot.json': ATTACK }],
  [nginx, ['--stop', '--root', ATTACK]],
  [rollbackCommand, ['--bucket', 'b', '--function', 'f', '--', ATTACK]],
];

async function makeProject(t: TestContext, files: Texts): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), [entry]);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
    await writeFile(path.join(cwd, file), text);
  }
  return cwd;
}

for (const [command, args, files = {}, env = {}] of attacks) {
  const inputs = [...args, ...Object.keys(files), ...Object.keys(env)].map((text) =>
    spellOut(JSON.stringify(text)),
  );
  test(`${command.call} ${inputs.join(' ')} shows foreign text and does not obey it`, async (t) => {
    const cwd = await makeProject(t, files);
    const { stdout, stderr } = await runHere(command, args, { cwd, env });
    assert.doesNotMatch(stdout, FORBIDDEN);
    assert.doesNotMatch(stderr, FORBIDDEN);
    assert.notEqual(stdout + stderr, '');
    if (args.includes('--json') && stdout !== '') JSON.parse(stdout);
  });
}

// A program that writes the attack: as an error, as a warning, as a result, as JSON.
const programs: readonly (readonly [string, readonly string[], Texts])[] = [
  ['build', ['--catalog', `${ATTACK}.json`], {}],
  ['build', ['--plan'], { 'plugins.json': catalogOf({ ...entry, [ATTACK]: 1 }) }],
  ['diff', toNew, { 'new.json': named }],
  ['catalog', ['check', '--json'], { 'plugins.json': odd }],
];

for (const [program, args, files] of programs) {
  test(`${program} ${spellOut(args.join(' '))} as a process writes as in a test`, async (t) => {
    const cwd = await makeProject(t, files);
    const { stdout, stderr } = await run(t, { program, args, cwd });
    assert.doesNotMatch(stdout, FORBIDDEN);
    assert.doesNotMatch(stderr, FORBIDDEN);
    const command = { build, diff, catalog }[program];
    const here = await runHere(command ?? assert.fail(), args, { cwd, now: new Date() });
    assert.deepEqual([stdout, stderr], [here.stdout, here.stderr]);
  });
}

test('what an upstream answers does not steer the terminal', async (t) => {
  const cwd = await makeFolder(t);
  const odd = release(`jira${ATTACK}`, `1.0.0${ATTACK}`);
  // Its answers: invalid JSON, not a list, not a release, a refusal.
  for (const answer of [ATTACK, JSON.stringify({ [ATTACK]: ATTACK }), catalogOf(odd), '']) {
    const { url } = await startLoopback(t, (_, response) => {
      response.statusCode = answer === '' ? 404 : 200;
      response.statusMessage = 'odd \x9b2J';
      response.end(answer || ATTACK);
    });
    const { stdout, stderr, code } = await runHere(catalog, ['import', url], { cwd });
    assert.equal(code, 1, stdout);
    assert.doesNotMatch(stdout + stderr, FORBIDDEN);
  }
});
