import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  BUCKET,
  CATALOGS,
  countOperations,
  FUNCTION,
  liveIdOf,
  release,
  startAws,
} from '../../src/publish/fixture-publish.ts';
import type { FaultPlan } from '../../test/aws/faults.ts';
import type { FakeAws } from '../../test/aws/start-fake-aws.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { run } from '../cli/fixture-command.ts';

const TOKEN = 'a-session-token-that-nobody-may-see';

/** What an operator sets, in the environment. */
function environmentOf(aws: FakeAws): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: aws.url,
    AWS_ENDPOINT_URL_CLOUDFRONT: aws.url,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    MARKETPLACE_BUCKET: BUCKET,
    MARKETPLACE_FUNCTION: FUNCTION,
    MARKETPLACE_SITE_URL: aws.siteUrl,
    MARKETPLACE_REGION: aws.region,
    MARKETPLACE_PATH_STYLE: 'on',
  };
}

/** A folder with a catalog and its build, and a server to publish it to. */
async function prepare(t: TestContext, faults?: FaultPlan) {
  const cwd = await makeFolder(t);
  const aws = await startAws(t, faults ? { faults } : {});
  const env = environmentOf(aws);
  const build = async (releases: readonly object[]) => {
    await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify(releases));
    const { code, stderr } = await run(t, { program: 'build', args: ['--search', 'off'], cwd });
    assert.equal(code, 0, stderr);
  };
  const command = async (
    program: string,
    args: readonly string[] = [],
    more: Record<string, string> = {},
  ) => {
    const ran = await run(t, { program, args, cwd, env: { ...env, ...more } });
    const told = ran.stdout + ran.stderr;
    for (const secret of [env['AWS_SECRET_ACCESS_KEY'], env['AWS_ACCESS_KEY_ID'], TOKEN]) {
      assert.ok(secret && !told.includes(secret), `${program} tells a secret: ${told}`);
    }
    assert.doesNotMatch(told, /NodeVersionSupportWarning/, `${program} tells of the SDK's plans`);
    return ran;
  };
  await build(CATALOGS.first);
  return { cwd, aws, build, command };
}

test('an operator deploys, deploys again, looks, rolls back and prunes', async (t) => {
  const { aws, build, command } = await prepare(t);
  const firstRun = await command('deploy');
  assert.equal(firstRun.code, 0, firstRun.stderr);
  assert.match(
    firstRun.stdout,
    /^Snapshot [0-9a-f]{16} is live, in place of a router without a snapshot\n/,
  );
  assert.match(firstRun.stdout, /checked {2}\d+ requests on CloudFront, at most 20 % of the time/);
  const firstId = liveIdOf(aws.state);

  const again = await command('deploy', ['--json']);
  assert.equal(JSON.parse(again.stdout).isLive, true);

  await build(CATALOGS.second);
  const dry = await command('deploy', ['--dry-run']);
  assert.match(
    dry.stdout,
    /would take the place of [0-9a-f]{16}\n {2}upload +\d+ files of .*\n {2}copy +\d+ files/,
  );
  assert.equal(liveIdOf(aws.state), firstId);
  const second = JSON.parse((await command('deploy', ['--json'])).stdout);
  assert.deepEqual([second.liveId, second.id], [firstId, liveIdOf(aws.state)]);
  assert.ok(second.copied > 0 && second.uploaded > 0 && second.probes > 0);

  const listed = await command('snapshots');
  assert.match(
    listed.stdout,
    new RegExp(`${second.id} +live .*\\+ jira 1\\.1\\.0\\n.*${firstId} `),
  );
  const [, below] = JSON.parse((await command('snapshots', ['--json'])).stdout);
  assert.equal(below.id, firstId);

  const back = await command('rollback');
  assert.equal(back.stdout, `Snapshot ${firstId} is live again, in place of ${second.id}\n`);
  assert.equal(liveIdOf(aws.state), firstId);

  const pruned = await command('prune', ['--keep', '1']);
  assert.equal(pruned.code, 0, pruned.stderr);
  assert.match(pruned.stdout, new RegExp(`${second.id} {2}kept\n`), 'the edges may still use it');
});

/** The SDK tells this of Node 20 only; on a newer one there is nothing to keep quiet. */
const isOldNode = Number(process.versions.node.split('.')[0]) < 22;

// What the operator sets, whether the SDK tells which Node it will need.
const notices: readonly (readonly [Record<string, string>, boolean])[] = [
  [{}, false],
  [{ AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }, false],
  [{ AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'false' }, isOldNode],
];

for (const [set, isTold] of notices) {
  test(`with ${JSON.stringify(set)} set, the SDK ${isTold ? 'tells' : 'does not tell'} which Node it will need`, async (t) => {
    const cwd = await makeFolder(t);
    const aws = await startAws(t);
    const env = { ...environmentOf(aws), ...set };
    for (const program of ['deploy', 'rollback', 'snapshots', 'prune']) {
      const { stderr } = await run(t, { program, cwd, env });
      assert.equal(/NodeVersionSupportWarning/.test(stderr), isTold, `${program}: ${stderr}`);
    }
  });
}

test('settings come from a file as well', async (t) => {
  const { cwd, aws, command } = await prepare(t);
  const settings = { bucket: BUCKET, function: FUNCTION, siteUrl: aws.siteUrl, pathStyle: true };
  await writeFile(path.join(cwd, 'publish.json'), JSON.stringify(settings));
  const unset = { MARKETPLACE_BUCKET: '', MARKETPLACE_FUNCTION: '', MARKETPLACE_SITE_URL: '' };
  const ran = await command('deploy', ['--config', 'publish.json', '--no-probe'], unset);
  assert.equal(ran.code, 0, ran.stderr);
  assert.notEqual(liveIdOf(aws.state), null);
});

// What is wrong, what is set, exit code, what is said.
const failures: readonly [string, Record<string, string>, 1 | 2, RegExp][] = [
  [
    'a wrong secret',
    { AWS_SECRET_ACCESS_KEY: 'wrong' },
    1,
    /the secret does not fit the access key/,
  ],
  ['unknown credentials', { AWS_ACCESS_KEY_ID: 'NOBODY' }, 1, /there are no such credentials/],
  [
    'a bucket that is not there',
    { MARKETPLACE_BUCKET: 'other' },
    1,
    /there is no such bucket: check --bucket/,
  ],
  [
    'a function that is not there',
    { MARKETPLACE_FUNCTION: 'other' },
    1,
    /there is no function other: check --function/,
  ],
  ['no bucket', { MARKETPLACE_BUCKET: '' }, 2, /name the bucket with --bucket, MARKETPLACE_BUCKET/],
  [
    'no address of the site',
    { MARKETPLACE_SITE_URL: '' },
    2,
    /--site-url or --distribution, or say --no-probe/,
  ],
  [
    'an address that is none',
    { MARKETPLACE_SITE_URL: 'plugins' },
    1,
    /MARKETPLACE_SITE_URL takes a web address, such as/,
  ],
  [
    'a server that is not there',
    { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
    1,
    /AWS cannot be reached, ECONNREFUSED/,
  ],
  [
    'a site that is not there',
    { MARKETPLACE_SITE_URL: 'http://127.0.0.1:1' },
    1,
    /cannot be reached, .*nothing went live/,
  ],
  [
    'no build',
    { MARKETPLACE_DIR: 'nothing' },
    1,
    /nothing\/ holds no snapshot\.json: run npm run build first/,
  ],
];

for (const [what, env, code, expected] of failures) {
  test(`a deploy with ${what} exits with ${code}, says what to do, and no secret`, async (t) => {
    const { aws, command } = await prepare(t);
    const ran = await command('deploy', [], { AWS_SESSION_TOKEN: TOKEN, ...env });
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, /^error: /m);
    assert.match(ran.stderr, expected);
    assert.doesNotMatch(ran.stderr, /\n {4}at /, 'a stack trace is for bugs of ours');
    assert.equal(liveIdOf(aws.state), null);
  });
}

// What AWS answers whatever is asked, what is said.
const refusals = [
  ['AccessDenied', /AWS refused: AccessDenied.* the deploy role in infra\/template\.yaml lists/],
  ['SlowDown', /AWS asks to slow down, also after several tries/],
] as const;

for (const [error, expected] of refusals) {
  test(`a deploy to which S3 always says ${error} tells what to do, and no secret`, async (t) => {
    const { command } = await prepare(t, ({ operation }) =>
      operation === 'PutObject' ? { kind: 'error', code: error } : undefined,
    );
    const ran = await command('deploy', ['--concurrency', '2']);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, expected);
  });
}

test('a catalog that lost most of its plugins is published only by force', async (t) => {
  const { aws, build, command } = await prepare(t);
  await command('deploy');
  const before = liveIdOf(aws.state);
  await build([release('jira', '1.0.0')]);
  const refused = await command('deploy');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /3 of 4 plugins are gone: calls, todo, zoom/);
  assert.equal(liveIdOf(aws.state), before);
  assert.equal((await command('deploy', ['--force'])).code, 0);
  assert.notEqual(liveIdOf(aws.state), before);
});

// The command, its arguments, what is said.
const usages: readonly [string, readonly string[], RegExp][] = [
  ['rollback', ['nonsense'], /"nonsense" is no id of a snapshot: it has 16 hex digits/],
  ['rollback', ['0123456789abcdef', 'f0123456789abcde'], /one snapshot at a time/],
  ['prune', ['--keep', '0'], /--keep takes a whole number of snapshots, not "0"/],
  ['deploy', ['--concurrency', 'x'], /--concurrency takes a whole number of objects/],
  ['snapshots', ['--nope'], /Unknown option '--nope'/],
];

for (const [program, args, expected] of usages) {
  test(`${program} ${args.join(' ')} is wrong usage`, async (t) => {
    const cwd = await makeFolder(t);
    const env = { MARKETPLACE_BUCKET: BUCKET, MARKETPLACE_FUNCTION: FUNCTION };
    const ran = await run(t, { program, args, cwd, env });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, expected);
  });
}

test('a first deploy, one of what is live and one after a release was added send as few requests as they can', async (t) => {
  const { aws, build, command } = await prepare(t);
  const figures: Record<string, unknown> = {};
  const count = async (name: string) => {
    const before = countOperations(aws);
    const { probes } = JSON.parse((await command('deploy', ['--json'])).stdout);
    const after = Object.entries(countOperations(aws)).map(([operation, total]) => [
      operation,
      total - (before[operation] ?? 0),
    ]);
    const sent = after.filter(([, total]) => total !== 0);
    figures[name] = { ...Object.fromEntries(sent), site: probes };
    return sent.reduce((sum, [, total]) => sum + Number(total), probes);
  };
  const first = await count('first');
  const unchanged = await count('unchanged');
  await build(CATALOGS.second);
  const added = await count('added');
  t.diagnostic(JSON.stringify(figures));
  assert.ok(unchanged <= 10, `${unchanged} requests where nothing changed`);
  assert.ok(first > unchanged && added > unchanged);
});
