import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SETTINGS } from '../../src/settings/config-file.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { mirror } from '../catalog/bundles/mirror.ts';
import { sign } from '../catalog/bundles/sign.ts';
import { verify } from '../catalog/bundles/verify.ts';
import { catalog } from '../catalog/catalog.ts';
import { check } from '../catalog/check.ts';
import { importCatalog } from '../catalog/import.ts';
import { migrate } from '../catalog/migrate.ts';
import { advise } from '../catalog/notices/advise.ts';
import { deprecate } from '../catalog/notices/deprecate.ts';
import { suspend } from '../catalog/notices/suspend.ts';
import { add } from '../catalog/releases/add.ts';
import { request } from '../catalog/releases/request.ts';
import { update } from '../catalog/releases/update.ts';
import { diff } from '../diff/diff.ts';
import { probe } from '../probe/probe.ts';
import { deployCommand } from '../publish/deploy.ts';
import { pruneCommand } from '../publish/prune.ts';
import { rollbackCommand } from '../publish/rollback.ts';
import { snapshotsCommand } from '../publish/snapshots.ts';
import { hosts } from '../serve/hosts.ts';
import { nginx } from '../serve/nginx.ts';
import { serve } from '../serve/serve.ts';
import { users } from '../serve/users.ts';
import { build } from '../site/build.ts';
import { start } from '../site/start.ts';
import type { Command } from './command.ts';
import { release, runHere, writeCatalog } from './fixture-command.ts';

const BUILD =
  'catalog users upstream upstream-key upstream-reserved upstream-allow upstream-deny upstream-min-age-days verified require-verified dir out page-sizes search every-page-size all-lists hosts max-files max-bytes router-bytes compress site-title introduction accent-color logo footer-link request-url site-url build-tag build-hash config everything refresh strict';
const SERVE = 'bundles host port log max-connections max-unread-bytes';
const TARGET = 'to bucket endpoint function key-value-store region path-style json config';
const PROBE = 'after site-url distribution probe-seconds no-probe';

// Each command of operators, and its flags.
const COMMANDS: readonly (readonly [Command, string])[] = [
  [build, `${BUILD} plan json`],
  [start, `${BUILD} ${SERVE} watch`],
  [serve, `dir out users ${SERVE} config`],
  [nginx, 'dir out users bundles host port root daemon reload stop config'],
  [hosts, 'dir out json config'],
  [users, 'users config'],
  [diff, 'catalog format json announce exit-code config'],
  [
    probe,
    'dir catalog key snapshot-key bundles max-age warn-days slow max-seconds max-requests concurrency address ca strict json',
  ],
  [deployCommand, `dir out ${TARGET} ${PROBE} snapshot-key concurrency dry-run force`],
  [rollbackCommand, `${TARGET} ${PROBE}`],
  [snapshotsCommand, TARGET],
  [pruneCommand, `${TARGET} keep edge-minutes dry-run`],
  [check, 'catalog online strict json config'],
  [
    add,
    'catalog store key official partner community beta experimental enterprise cloud on-prem replace take-over bundle signature download-url config',
  ],
  [request, 'catalog store github cache take-over config'],
  [suspend, 'catalog reason undo config'],
  [deprecate, 'catalog reason undo config'],
  [advise, 'catalog severity fixed-in title reason undo config'],
  [sign, 'key public-key replace expires counter site-url config'],
  [update, 'catalog store github cache pre-releases replace take-over json config'],
  [migrate, 'catalog store offline config'],
  [importCatalog, 'out snapshot-key'],
  [verify, 'catalog key cache verified plugin changed-since record json config'],
  [
    mirror,
    'catalog key cache to base-url server-version plugin newest platform limit-rate prune prepackaged tar check pack-key json config',
  ],
];

/** Commands that only developers run. */
const FOR_DEVELOPERS = 'test check format docs schema package screenshots bench fuzz'.split(' ');

test('every command of package.json and of npm run catalog is known here', () => {
  const file = path.join(import.meta.dirname, '../../package.json');
  const { scripts } = JSON.parse(readFileSync(file, 'utf8'));
  const calls = Object.keys(scripts)
    .filter((name) => name !== 'catalog' && !FOR_DEVELOPERS.includes(name))
    .map((name) => (name === 'start' ? 'npm start' : `npm run ${name}`));
  const ofCatalog = [...catalog.help().matchAll(/^ {2}([a-z]+) {2,}/gm)].map(
    ([, name]) => `npm run catalog -- ${name}`,
  );
  const known = COMMANDS.map(([{ call }]) => call);
  assert.deepEqual([...calls, ...ofCatalog].sort(), known.sort());
});

test('every setting with a flag is one of some command', () => {
  const taken = new Set(COMMANDS.flatMap(([{ flags }]) => flags));
  const idle = Object.values(SETTINGS).filter((row) => 'flag' in row && !taken.has(row.flag));
  assert.deepEqual(idle, []);
});

for (const [command, flags] of COMMANDS) {
  const { call } = command;
  test(`${call} has its flags, and --help names each of them and shows an example`, async (t) => {
    assert.deepEqual([...command.flags].sort(), flags.split(' ').sort());
    const { code, stdout, stderr } = await runHere(command, ['--help'], {
      cwd: await makeFolder(t),
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Usage: ${call} .*\\[flags\\]\n`));
    assert.match(stdout, new RegExp(`^Example:\\s[^]*${call}`, 'm'));
    for (const flag of command.flags) {
      assert.match(stdout, new RegExp(`^ {2}--${flag} `, 'm'), `--help leaves out --${flag}`);
    }
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    assert.ok(widest <= 130, `a line has ${widest} characters`);
  });

  if (!command.flags.includes('config')) continue;
  test(`${call} reads the configuration file`, async (t) => {
    const args = [...operandsOf(command), '--config', 'missing.json'];
    const { code, stderr } = await runHere(command, args, { cwd: await makeFolder(t) });
    assert.match(stderr, /missing\.json: does not exist/);
    assert.equal(code, 1);
  });
}

/** As many operands as a command needs. */
function operandsOf({ call }: Command): string[] {
  if (call.endsWith(' diff')) return ['a', 'b'];
  if (call.endsWith(' sign')) return ['dist'];
  if (call.endsWith(' users')) return ['servers'];
  if (call.endsWith(' request')) return ['issue.md'];
  if (/ (suspend|deprecate|advise)$/.test(call)) return ['jira'];
  return call.endsWith(' add') ? ['mattermost-plugin-a', 'v1.0.0'] : [];
}

let project = '';

before(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'commands-'));
  await writeCatalog(path.join(project, 'plugins.json'), [release('jira', '1.0.0')]);
});

after(() => rm(project, { recursive: true }));

const publish = ['--bucket', 'b', '--function', 'f'];
const env = { MARKETPLACE_DIR: 'elsewhere' };

// A command that obeys a setting: its arguments, the variables, its output.
const obedience: readonly (readonly [Command, string[], Record<string, string>, RegExp])[] = [
  [build, [], env, /^Built elsewhere\/ in /],
  [build, ['--dir', 'flag'], env, /^Built flag\/ in /],
  [serve, ['--dir', 'nowhere'], {}, /nowhere\/? does not exist/],
  [deployCommand, [...publish, '--dir', 'nowhere'], {}, /nowhere\/ holds no snapshot\.json/],
  [start, ['--bundles', 'no-pack'], {}, /no-pack/],
  [serve, ['--bundles', 'no-pack'], env, /no-pack/],
  [nginx, ['--stop', '--root', 'root'], {}, /no nginx runs in .*\/root:/],
  [nginx, ['--stop'], { MARKETPLACE_NGINX_ROOT: 'root' }, /no nginx runs in .*\/root:/],
];

for (const [command, args, env, output] of obedience) {
  test(`${command.call} ${args.join(' ')} with ${JSON.stringify(env)} prints ${output}`, async () => {
    const { stdout, stderr } = await runHere(command, args, { cwd: project, env });
    assert.match(stdout + stderr, output);
  });
}

for (const command of [start, serve]) {
  test(`${command.call} listens on the host and the port that are set`, async (t) => {
    const holder = createServer().listen(0, '127.0.0.2');
    await once(holder, 'listening');
    t.after(() => holder.close());
    const { port } = holder.address() as { port: number };
    const env = { MARKETPLACE_HOST: '127.0.0.2', MARKETPLACE_DIR: 'elsewhere' };
    const { code, stderr } = await runHere(command, ['--port', `${port}`], { cwd: project, env });
    assert.match(stderr, new RegExp(`Port ${port} on 127\\.0\\.0\\.2 is taken`));
    assert.equal(code, 1);
  });
}
