import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { digestOf } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import { planDeploy } from './deploy.ts';
import {
  BUCKET,
  CATALOGS,
  countOperations,
  deployTo,
  liveIdOf,
  makeBuild,
  makeBuilds,
  probeOf,
  release,
  SiteWitness,
  startAws,
  targetOf,
} from './fixture-publish.ts';
import { servedFiles } from './plan-upload.ts';
import { readBuild } from './read-build.ts';
import { PREFIXES } from './records/object-keys.ts';

test('a first deploy brings every file into the bucket and makes the router live', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  const result = await deployTo(aws, first, { probe: probeOf(aws) });
  const files = servedFiles(first.snapshot);
  assert.deepEqual(
    [result.upload.transfers.length, result.upload.present, result.liveId],
    [files.length, 0, null],
  );
  assert.ok((result.router?.requests ?? 0) > 20);
  assert.equal(result.router?.computeUtilization, 20);
  const objects = aws.state.buckets.get(BUCKET);
  for (const { path: key, size, contentType } of files) {
    const object = objects?.get(key);
    assert.equal(object?.body.length, size, key);
    assert.equal(object?.headers['content-type'], contentType, key);
    assert.equal(
      object?.headers['cache-control'],
      'public, max-age=60',
      'viewers keep it for a minute; no s-maxage, which every shared cache would obey',
    );
    assert.ok(object?.checksums['x-amz-checksum-sha256'], `the server checked ${key}`);
  }
  new SiteWitness([first]).check(aws.state, 'after a deploy');
});

test('a deploy of what is live sends at most ten requests and changes nothing', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first, { probe: probeOf(aws) });
  const before = aws.requests.length;
  const result = await deployTo(aws, first, { probe: probeOf(aws) });
  const sent = aws.requests.length - before;
  assert.ok(result.isLive);
  assert.ok(sent + result.probes <= 10, `${sent} to AWS, ${result.probes} to the site`);
  const changed = aws.requests.slice(before).map(({ operation }) => operation);
  assert.ok(!changed.includes('PublishFunction') && !changed.includes('UpdateFunction'));
});

test('a deploy of what is live puts on record that it went live, where that is missing', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  const { bucket } = targetOf(aws);
  const records = (await bucket.list(PREFIXES.deployments)).map(({ key }) => key);
  assert.equal(records.length, 1);
  await bucket.remove(records, async () => true);
  await deployTo(aws, first);
  assert.deepEqual(
    (await bucket.list(PREFIXES.deployments)).map(({ key }) => key),
    records,
  );
});

test('a deploy after one release was added copies what stayed the same inside the bucket', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t);
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
  // Beside the files: router, manifest, and the records that the old and the new snapshot went live.
  const puts = (after['PutObject'] ?? 0) - (before['PutObject'] ?? 0);
  assert.equal(puts, upload.transfers.length - copies.length + 4);
  assert.equal(liveId, first.snapshot.id);
  new SiteWitness([first, second]).check(aws.state, 'after the second deploy');
});

test('what is copied inside the bucket and turns out to be something else is sent instead', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  const shared = new Set(servedFiles(second.snapshot).map(({ sha256 }) => sha256));
  const file = servedFiles(first.snapshot).find(
    ({ sha256, size }) => size > 9 && shared.has(sha256),
  );
  assert.ok(file);
  const other = Buffer.alloc(file.size, 'x');
  const { path: key, contentType } = file;
  await targetOf(aws).bucket.put({ key, contentType, sha256: digestOf(other) }, other);
  const { upload } = await deployTo(aws, second);
  assert.ok(upload.transfers.some(({ from }) => from === key));
  new SiteWitness([second]).check(aws.state, 'after a deploy beside a damaged snapshot');
});

test('nothing is invalidated', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  await deployTo(aws, second);
  assert.equal(countOperations(aws)['CreateInvalidation'], undefined);
});

test('a plan tells what would be done, and does nothing', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  const { state } = aws;
  const options = { target: targetOf(aws), build: second, concurrency: 4, isForced: false };
  const plan = await planDeploy(options);
  assert.equal(aws.state, state, 'no request had an effect');
  const { upload } = await deployTo(aws, second);
  assert.deepEqual(plan.upload, upload, 'it is what the deploy then does');
});

test('a build that holds gzip files only is published as what they hold', async (t) => {
  const plain = await makeBuild(t, CATALOGS.first);
  const gzip = await makeBuild(t, CATALOGS.first, 'gzip');
  assert.ok(servedFiles(gzip.snapshot).some((file) => file.gzip));
  assert.equal(gzip.snapshot.id, plain.snapshot.id);
  const aws = await startAws(t);
  await deployTo(aws, gzip);
  new SiteWitness([plain]).check(aws.state, 'after a deploy of a compressed build');
  const keys = aws.state.buckets.get(BUCKET)?.keys() ?? [];
  assert.deepEqual(
    keys.filter((key) => key.endsWith('.gz')),
    [],
    'CloudFront compresses by itself',
  );
});

test('an object of another size is replaced', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  const file = servedFiles(first.snapshot).find(({ size }) => size > 10);
  assert.ok(file);
  const { bucket } = targetOf(aws);
  const cut = Buffer.from('cut');
  await bucket.put({ key: file.path, contentType: 'text/plain', sha256: digestOf(cut) }, cut);
  const { upload } = await deployTo(aws, first);
  assert.ok(upload.transfers.some((transfer) => transfer.file.path === file.path));
  new SiteWitness([first]).check(aws.state, 'after a deploy over a damaged object');
});

// What the new catalog is, what is said to be lost; null: it is published.
const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => release(id, '1.0.0'));
const losses: readonly [string, readonly object[], RegExp | null][] = [
  ['a sixth of the plugins', six.slice(1), null],
  ['a third of the plugins', six.slice(2), /2 of 6 plugins are gone: a, b\n.*2 of 6 releases/],
  [
    'a third of the plugins for others',
    [...six.slice(2), release('x', '1.0.0'), release('y', '1.0.0')],
    /2 of 6 plugins are gone: a, b/,
  ],
  ['everything', [], /6 of 6 plugins are gone: a, b, c, d, e, f/],
  [
    'a third of the releases, replaced by newer ones',
    [...six.slice(2), release('a', '2.0.0'), release('b', '2.0.0')],
    /2 of 6 releases are gone: a 1\.0\.0, b 1\.0\.0/,
  ],
];

for (const [what, releases, expected] of losses) {
  test(`a catalog that lost ${what} is ${expected ? 'refused unless forced' : 'published'}`, async (t) => {
    const aws = await startAws(t);
    await deployTo(aws, await makeBuild(t, six));
    const { state } = aws;
    const next = await makeBuild(t, releases);
    if (expected) {
      await assert.rejects(deployTo(aws, next), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, expected);
        assert.match(error.message, /--force/);
        return true;
      });
      assert.equal(aws.state, state, 'nothing was uploaded');
    }
    await deployTo(aws, next, { isForced: expected !== null });
    assert.equal(liveIdOf(aws.state), next.snapshot.id);
  });
}

test('where the manifest of the live snapshot is gone, nobody can tell what is lost', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  const { bucket } = targetOf(aws);
  await bucket.remove([`manifests/${first.snapshot.id}/snapshot.json`], async () => true);
  await assert.rejects(deployTo(aws, second), /is not in the bucket, so that nobody can tell/);
  await deployTo(aws, second, { isForced: true });
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

// What is done to a build, what the refusal says.
const damages: readonly [string, (dir: string, file: string) => Promise<unknown>, RegExp][] = [
  ['lacks a file', (dir, file) => rm(path.join(dir, file)), /empty\.json: is missing/],
  [
    'has a cut file',
    (dir, file) => writeFile(path.join(dir, file), '['),
    /has 1 bytes, the manifest says 3/,
  ],
  [
    'has a file too many',
    (dir) => writeFile(path.join(dir, 'snapshots/more.json'), ''),
    /snapshots\/more\.json: is not in the manifest/,
  ],
  ['has no manifest', (dir) => rm(path.join(dir, 'snapshot.json')), /run npm run build first/],
  [
    'has a manifest that says little',
    (dir) => writeFile(path.join(dir, 'snapshot.json'), '{"id": "ab", "files": []}'),
    /is not the manifest of a build[\s\S]* catalog: /,
  ],
];

for (const [what, damage, expected] of damages) {
  test(`a build that ${what} is refused before anything is sent`, async (t) => {
    const build = await makeBuild(t, CATALOGS.first);
    await damage(build.dir, `snapshots/${build.snapshot.id}/api/empty.json`);
    await assert.rejects(readBuild(build.dir), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('a file that changed since the build is not published', async (t) => {
  const build = await makeBuild(t, CATALOGS.first);
  const aws = await startAws(t);
  const file = path.join(build.dir, `snapshots/${build.snapshot.id}/api/labels.json`);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('Beta', 'Alfa'));
  await assert.rejects(
    deployTo(aws, build),
    /labels\.json has not the digest that snapshot\.json says: build again/,
  );
  assert.equal(liveIdOf(aws.state), null);
});
