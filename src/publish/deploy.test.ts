import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { FakeAws } from '../../test/fakes/fake-aws.ts';
import { servedFiles } from '../snapshot/parse-snapshot.ts';
import { planDeploy } from './deploy.ts';
import {
  CATALOGS,
  countOperations,
  deployTo,
  liveIdOf,
  makeBuild,
  makeBuilds,
  probeOf,
  putText,
  release,
  SiteWitness,
} from './fixture-publish.ts';
import { readBuild } from './read-build.ts';
import { PREFIXES } from './records/object-keys.ts';

const { first, second } = await makeBuilds({ after });

test('a first deploy brings every file into the bucket and makes the router live', async () => {
  const aws = new FakeAws();
  const result = await deployTo(aws, first, { probe: probeOf(aws) });
  const files = servedFiles(first.snapshot);
  assert.deepEqual(
    [result.upload.transfers.length, result.upload.present, result.liveId],
    [files.length, 0, null],
  );
  assert.ok((result.router?.requests ?? 0) > 20);
  assert.equal(result.router?.computeUtilization, 20);
  for (const { path: key, sha256, contentType } of files) {
    const object = aws.state.objects.get(key);
    assert.equal(object?.sha256, sha256, key);
    assert.equal(object?.headers['content-type'], contentType, key);
  }
  new SiteWitness([first]).check(aws.state, 'after a deploy');
});

test('a deploy of the live snapshot sends at most ten requests and changes nothing', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first, { probe: probeOf(aws) });
  const before = aws.requests.length;
  const result = await deployTo(aws, first, { probe: probeOf(aws) });
  const sent = aws.requests.length - before;
  assert.ok(result.isLive);
  assert.ok(sent + result.probes <= 10, `${sent} to AWS, ${result.probes} to the site`);
  const changed = aws.requests.slice(before).map(({ operation }) => operation);
  assert.ok(!changed.includes('PublishFunction') && !changed.includes('UpdateFunction'));
});

test('a deploy of the live snapshot restores a lost deployment record', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const { bucket } = aws.target();
  const records = (await bucket.list(PREFIXES.deployments)).map(({ key }) => key);
  assert.equal(records.length, 1);
  await bucket.remove(records);
  await deployTo(aws, first);
  assert.deepEqual(
    (await bucket.list(PREFIXES.deployments)).map(({ key }) => key),
    records,
  );
});

test('a deploy after one release was added copies unchanged files inside the bucket', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const before = countOperations(aws);
  const { upload, liveId } = await deployTo(aws, second);
  const after = countOperations(aws);
  const copies = upload.transfers.filter(({ from }) => from !== undefined);
  const known = new Set(servedFiles(first.snapshot).map(({ sha256 }) => sha256));
  assert.equal(
    copies.length,
    servedFiles(second.snapshot).filter(({ sha256 }) => known.has(sha256)).length,
  );
  assert.ok(copies.length > 0 && copies.length < upload.transfers.length);
  assert.equal(after['CopyObject'], copies.length);
  // Beside the files: what is signed, router, manifest, and the records that the old and the new snapshot went live.
  const puts = (after['PutObject'] ?? 0) - (before['PutObject'] ?? 0);
  assert.equal(puts, upload.transfers.length - copies.length + 5);
  assert.equal(liveId, first.snapshot.id);
  new SiteWitness([first, second]).check(aws.state, 'after the second deploy');
});

test('a file is uploaded after its copy inside the bucket turned out damaged', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const shared = new Set(servedFiles(second.snapshot).map(({ sha256 }) => sha256));
  const file = servedFiles(first.snapshot).find(
    ({ sha256, size }) => size > 9 && shared.has(sha256),
  );
  assert.ok(file);
  const key = file.path;
  await putText(aws.target(), key, 'x'.repeat(file.size));
  const { upload } = await deployTo(aws, second);
  assert.ok(upload.transfers.some(({ from }) => from === key));
  new SiteWitness([second]).check(aws.state, 'after a deploy beside a damaged snapshot');
});

test('a plan lists what a deploy then does, and changes nothing', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const { state } = aws;
  const options = { target: aws.target(), build: second, concurrency: 4, isForced: false };
  const plan = await planDeploy(options);
  assert.equal(aws.state, state, 'no request had an effect');
  const { upload } = await deployTo(aws, second);
  assert.deepEqual(plan.upload, upload, 'the deploy does the same');
});

test('a build of gzip files is published uncompressed', async (t) => {
  const gzip = await makeBuild(t, CATALOGS.first, 'gzip');
  assert.ok(servedFiles(gzip.snapshot).some((file) => file.gzip));
  assert.equal(gzip.snapshot.id, first.snapshot.id);
  const aws = new FakeAws();
  await deployTo(aws, gzip);
  new SiteWitness([first]).check(aws.state, 'after a deploy of a compressed build');
  const stored = [...aws.state.objects.keys()];
  assert.ok(!stored.some((key) => key.endsWith('.gz')), 'CloudFront compresses by itself');
});

test('an object of another size is replaced', async () => {
  const aws = new FakeAws();
  const file = servedFiles(first.snapshot).find(({ size }) => size > 10);
  assert.ok(file);
  await putText(aws.target(), file.path, 'cut');
  const { upload } = await deployTo(aws, first);
  assert.ok(upload.transfers.some((transfer) => transfer.file.path === file.path));
  new SiteWitness([first]).check(aws.state, 'after a deploy over a damaged object');
});

test('a catalog that lost a third of its plugins is deployed only with --force', async (t) => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => release(id, '1.0.0'));
  const aws = new FakeAws();
  await deployTo(aws, await makeBuild(t, six));
  const { state } = aws;
  const next = await makeBuild(t, six.slice(2));
  await assert.rejects(deployTo(aws, next), {
    name: 'UserError',
    message: /--force\n.*2 of 6 plugins are gone: a, b\n.*2 of 6 releases/,
  });
  assert.equal(aws.state, state, 'nothing was uploaded');
  await deployTo(aws, next, { isForced: true });
  assert.equal(liveIdOf(aws.state), next.snapshot.id);
});

test('without the manifest of the live snapshot a deploy needs --force', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  await aws.target().bucket.remove([`manifests/${first.snapshot.id}/snapshot.json`]);
  await assert.rejects(deployTo(aws, second), /is not in the bucket, .*--force/);
  await deployTo(aws, second, { isForced: true });
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

// The damage to a build, the error message.
const damages: readonly [string, (dir: string, file: string) => Promise<unknown>, RegExp][] = [
  ['lacks a file', (dir, file) => rm(path.join(dir, file)), /empty\.json: is missing/],
  [
    'has a cut file',
    (dir, file) => writeFile(path.join(dir, file), '['),
    /has 1 bytes, the manifest lists 3/,
  ],
  [
    'has a file too many',
    (dir) => writeFile(path.join(dir, 'snapshots/more.json'), ''),
    /snapshots\/more\.json: is not in the manifest/,
  ],
  ['has no manifest', (dir) => rm(path.join(dir, 'snapshot.json')), /run npm run build first/],
  [
    'has an incomplete manifest',
    (dir) => writeFile(path.join(dir, 'snapshot.json'), '{"id": "ab", "files": []}'),
    /has no routing table, an older version wrote it: build again/,
  ],
];

for (const [what, damage, expected] of damages) {
  test(`a build that ${what} is refused before anything is sent`, async (t) => {
    const build = await makeBuild(t, CATALOGS.first);
    await damage(build.dir, `snapshots/${build.snapshot.id}/api/empty.json`);
    await assert.rejects(readBuild(build.dir), { name: 'UserError', message: expected });
  });
}

test('a file that changed since the build is not published', async (t) => {
  const build = await makeBuild(t, CATALOGS.first);
  const aws = new FakeAws();
  const file = path.join(build.dir, `snapshots/${build.snapshot.id}/api/labels.json`);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('Beta', 'Alfa'));
  await assert.rejects(
    deployTo(aws, build),
    /labels\.json does not have the digest in snapshot\.json: build again/,
  );
  assert.equal(liveIdOf(aws.state), null);
});
