import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import type { Bucket } from '../../src/publish/aws/target.ts';
import { buildInto, CATALOGS, liveIdOf, release } from '../../src/publish/fixture-publish.ts';
import { readBuild } from '../../src/publish/read-build.ts';
import { giveStore } from '../../src/publish/store/fixture-store.ts';
import { type Radosgw, skipWithoutRadosgw, startRadosgw } from '../../test/engines/radosgw.ts';
import { DISTRIBUTION, startCloudFrontStub } from '../../test/fakes/cloudfront-stub.ts';
import { FakeAws, FUNCTION } from '../../test/fakes/fake-aws.ts';
import { STORE } from '../../test/fakes/fake-store.ts';
import { startKeyValueStoreStub } from '../../test/fakes/key-value-store-stub.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { run } from '../cli/fixture-command.ts';
import { quietSdk } from './quiet-sdk.ts';

const TOKEN = 'a-session-token-that-nobody-may-see';

/** The site on loopback: the router in a fake, the files in a bucket. */
async function serveSite(t: TestContext, aws: FakeAws, bucket: Bucket): Promise<string> {
  const server = createServer(async ({ method = '', url = '' }, outgoing) => {
    const routed = aws.state.stages.LIVE.code.route(method, url);
    const stored = 'uri' in routed ? await bucket.get(routed.uri.slice(1)) : undefined;
    const { status, body } = 'uri' in routed ? { status: stored ? 200 : 403, ...stored } : routed;
    outgoing.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('Commands against a real S3 server and recorded answers of CloudFront', {
  skip: skipWithoutRadosgw,
}, () => {
  let radosgw: Radosgw;
  let s3: S3Client;
  let buckets = 0;
  before(async () => {
    radosgw = await startRadosgw();
    s3 = new S3Client({ ...radosgw, forcePathStyle: true });
  });
  after(() => radosgw?.stop());

  /** A folder with a build, a bucket and a function to publish it to, and what runs commands. */
  async function prepare(t: TestContext) {
    const cwd = await makeFolder(t);
    const name = `bucket-${++buckets}`;
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    const aws = new FakeAws();
    const stub = await startCloudFrontStub(aws.target().edge);
    t.after(() => stub.close());
    const siteUrl = await serveSite(t, aws, new S3Bucket(s3, name));
    const { endpoint, region, credentials } = radosgw;
    const env = {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_CLOUDFRONT: stub.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      MARKETPLACE_BUCKET: name,
      MARKETPLACE_FUNCTION: FUNCTION,
      MARKETPLACE_SITE_URL: siteUrl,
      MARKETPLACE_REGION: region,
      MARKETPLACE_PATH_STYLE: 'on',
    };
    const build = (releases: readonly object[]) => buildInto(path.join(cwd, 'dist'), releases);
    const command = async (
      program: string,
      args: readonly string[] = [],
      more: Record<string, string> = {},
    ) => {
      const ran = await run(t, { program, args, cwd, env: { ...env, ...more } });
      const output = ran.stdout + ran.stderr;
      for (const secret of [credentials.secretAccessKey, credentials.accessKeyId, TOKEN]) {
        assert.ok(!output.includes(secret), `${program} shows a secret: ${output}`);
      }
      assert.doesNotMatch(output, /NodeVersionSupportWarning/);
      return ran;
    };
    await build(CATALOGS.first);
    return { cwd, aws, env, build, command };
  }

  test('an operator deploys twice, lists snapshots, rolls back and prunes', async (t) => {
    const { aws, build, command } = await prepare(t);
    const firstRun = await command('deploy');
    assert.equal(firstRun.code, 0, firstRun.stderr);
    assert.match(
      firstRun.stdout,
      /^Snapshot [0-9a-f]{16} is live, in place of a router without a snapshot\n/,
    );
    assert.match(firstRun.stdout, /\d+ requests on CloudFront, at most 20 % of the time/);
    const firstId = liveIdOf(aws.state);

    const again = await command('deploy', ['--json']);
    assert.equal(JSON.parse(again.stdout).isLive, true);

    await build(CATALOGS.second);
    const dry = await command('deploy', ['--dry-run']);
    assert.match(dry.stdout, /[0-9a-f]{16}\n {2}upload +\d+ files of .*\n {2}copy +\d+ files/);
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

    await build([release('jira', '1.0.0')]);
    const refused = await command('deploy');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /3 of 4 plugins are gone: calls, todo, zoom/);
    assert.equal(liveIdOf(aws.state), firstId);
    assert.equal((await command('deploy', ['--force'])).code, 0);
    assert.notEqual(liveIdOf(aws.state), firstId);
  });

  test('a dry run of a build with a store asks the store, and lists the keys', async (t) => {
    const { cwd, aws, env } = await prepare(t);
    const { store } = await giveStore(await readBuild(path.join(cwd, 'dist')));
    const [one = '', other = ''] = store?.keys.keys() ?? [];
    const target = aws.target();
    const changes = [one, other].map((key) => [key, store?.keys.get(key) ?? ''] as const);
    await target.store.update(changes, (await target.store.describe()).etag);
    const stub = await startKeyValueStoreStub(target.store, env.AWS_ACCESS_KEY_ID);
    t.after(() => stub.close());
    const dry = await run(t, {
      program: 'deploy',
      args: ['--dry-run', '--key-value-store', STORE],
      cwd,
      env: { ...env, AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE: stub.endpoint },
      // The client puts the account before the name of the endpoint.
      preload: `import dns from 'node:dns';
        const { lookup } = dns;
        dns.lookup = (name, ...rest) => lookup(name.endsWith('.stub') ? '127.0.0.1' : name, ...rest);`,
    });
    assert.equal(dry.code, 0, dry.stderr);
    const left = (store?.keys.size ?? 0) - 2;
    assert.match(dry.stdout, new RegExp(` keys +${left} to write, 2 are in the KeyValueStore\n`));
    assert.equal(aws.state.store.keys.size, 2);
    assert.equal(liveIdOf(aws.state), null);
  });

  test('settings come from a file, too', async (t) => {
    const { cwd, aws, env, command } = await prepare(t);
    const { MARKETPLACE_BUCKET: bucket } = env;
    const settings = { bucket, function: FUNCTION, pathStyle: true };
    await writeFile(path.join(cwd, 'publish.json'), JSON.stringify(settings));
    const unset = { MARKETPLACE_BUCKET: '', MARKETPLACE_FUNCTION: '', MARKETPLACE_PATH_STYLE: '' };
    const ran = await command('deploy', ['--config', 'publish.json', '--no-probe'], unset);
    assert.equal(ran.code, 0, ran.stderr);
    assert.notEqual(liveIdOf(aws.state), null);
  });

  const noSite = { MARKETPLACE_SITE_URL: '' };

  // What is wrong, the environment, exit code, the error message.
  const failures: readonly [string, Record<string, string>, 1 | 2, RegExp][] = [
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 1, /the secret does not match/],
    [
      'unknown credentials',
      { AWS_ACCESS_KEY_ID: 'NOBODY' },
      1,
      /AWS does not know these credentials/,
    ],
    [
      'a missing bucket',
      { MARKETPLACE_BUCKET: 'other' },
      1,
      /the bucket does not exist: check --bucket/,
    ],
    [
      'a missing function',
      { MARKETPLACE_FUNCTION: 'other' },
      1,
      /the function other does not exist: check --f/,
    ],
    ['no bucket', { MARKETPLACE_BUCKET: '' }, 2, /--bucket, MARKETPLACE_BUCKET/],
    ['no site', noSite, 2, /--site-url or --distribution, or .*--no-probe/],
    [
      'an unreachable distribution',
      { ...noSite, MARKETPLACE_DISTRIBUTION: DISTRIBUTION },
      1,
      /https:\/\/127\.0\.0\.1:1 cannot be reached/,
    ],
    [
      'a missing distribution',
      { ...noSite, MARKETPLACE_DISTRIBUTION: 'E2OTHER' },
      1,
      /the distribution does not exist: check --distribution/,
    ],
    ['a wrong address', { MARKETPLACE_SITE_URL: 'plugins' }, 1, /MARKETPLACE_SITE_URL .*address/],
    [
      'an unreachable server',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      1,
      /AWS cannot be reached, ECONNREFUSED/,
    ],
    [
      'an unreachable site',
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

  test('a deploy that fails exits with 1 or 2, gives a remedy, and shows no secret', async (t) => {
    const { aws, command } = await prepare(t);
    for (const [what, env, code, expected] of failures) {
      await t.test(what, async () => {
        const ran = await command('deploy', [], { AWS_SESSION_TOKEN: TOKEN, ...env });
        assert.equal(ran.code, code, ran.stderr);
        assert.match(ran.stderr, /^error: /m);
        assert.match(ran.stderr, expected);
        assert.doesNotMatch(ran.stderr, /\n {4}at /, 'stack traces are for our own bugs');
        assert.equal(liveIdOf(aws.state), null);
      });
    }
  });
});

// The command, its arguments, the error message.
const usages: readonly [string, readonly string[], RegExp][] = [
  ['rollback', ['nonsense'], /"nonsense" is .* snapshot: it has 16 hex digits/],
  ['rollback', ['0123456789abcdef', 'f0123456789abcde'], /./],
  ['prune', ['--keep', '0'], /--keep takes a whole number of snapshots above 0, not "0"/],
  ['deploy', ['--concurrency', 'x'], /--concurrency takes a whole number of objects/],
  ['snapshots', ['--nope'], /nknown option '--nope'/],
];

for (const [program, args, expected] of usages) {
  test(`${program} ${args.join(' ')} is wrong usage`, async (t) => {
    const cwd = await makeFolder(t);
    const env = { MARKETPLACE_BUCKET: 'b', MARKETPLACE_FUNCTION: FUNCTION };
    const ran = await run(t, { program, args, cwd, env });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, expected);
  });
}

test('the notice of the SDK on later versions of Node is off unless the operator sets its variable', () => {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  for (const [before, expected] of [
    [{}, 'true'],
    [{ [name]: 'false' }, 'false'],
  ] as const) {
    const environment: Record<string, string | undefined> = { ...before };
    quietSdk(environment);
    assert.equal(environment[name], expected);
  }
});
