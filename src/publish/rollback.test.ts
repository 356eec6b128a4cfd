import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeAws } from '../../test/fakes/fake-aws.ts';
import type { Snapshot } from '../snapshot/parse-snapshot.ts';
import {
  countOperations,
  deployAll,
  deployTo,
  liveIdOf,
  makeBuilds,
  probeOf,
  putText,
} from './fixture-publish.ts';
import { listSnapshots } from './list-snapshots.ts';
import { OTHER_ROUTER } from './probe/check-router.ts';
import type { Build } from './read-build.ts';
import { manifestKey, routerKey } from './records/object-keys.ts';
import { rollback } from './rollback.ts';

const builds = await makeBuilds({ after });
const OTHER = '0123456789abcdef';

// The named snapshot, the error message.
const refusals: readonly [string, string | undefined, RegExp][] = [
  ['an unknown snapshot', OTHER, /there is no snapshot 0123456789abcdef in s3/],
  ['the previous snapshot without one', undefined, /no other snapshot was ever live/],
];

for (const [what, id, expected] of refusals) {
  test(`a rollback to ${what} is refused`, async () => {
    const aws = new FakeAws();
    await deployTo(aws, builds.first);
    const { state } = aws;
    const target = aws.target();
    await assert.rejects(rollback({ target, ...(id === undefined ? {} : { id }) }), expected);
    assert.equal(aws.state, state);
  });
}

for (const damage of ['is lost', 'has another size']) {
  test(`a rollback to a snapshot with a file that ${damage} is refused, and a deploy repairs it`, async () => {
    const { aws, ids, target } = await deployAll(builds);
    const key = `snapshots/${ids[0]}/api/labels.json`;
    if (damage === 'is lost') await target.bucket.remove([key]);
    else await putText(target, key, '[');
    await assert.rejects(
      rollback({ target, id: ids[0] }),
      /is incomplete: 1 of its \d+ files is missing in s3:\/\/marketplace.*deploy it again\n.*labels\.json: is missing/,
    );
    assert.equal(liveIdOf(aws.state), ids[2]);
    await deployTo(aws, builds.first, { isForced: true });
    assert.equal(liveIdOf(aws.state), ids[0]);
  });
}

// The change of a stored manifest, the error message.
const manifests: readonly (readonly [string, (manifest: Snapshot) => unknown, RegExp])[] = [
  [
    'of another snapshot',
    (it) => JSON.parse(JSON.stringify(it).replaceAll(it.id, OTHER)),
    /id: "0123456789abcdef" is not/,
  ],
  ['without a catalog', ({ catalog: _, ...it }) => it, /catalog: nothing invalid input/],
  [
    'with a wrong list of versions',
    (it) => ({ ...it, catalog: { ...it.catalog, versions: { jira: 1 } } }),
    /catalog\.versions\.jira: 1 is not a list of versions/,
  ],
  ['that is a list', () => [], /is not an object/],
  [
    'with a path that leads out of the snapshot',
    (it) => ({ ...it, files: [{ ...it.files[0], path: `snapshots/${it.id}/../x` }] }),
    /files\[0\]\.path: ".*" is not a path inside/,
  ],
];

for (const [what, change, expected] of manifests) {
  test(`an error names key and location in a stored manifest ${what}`, async () => {
    const { aws, ids, target } = await deployAll(builds);
    const key = manifestKey(ids[0]);
    await putText(target, key, JSON.stringify(change(builds.first.snapshot)));
    for (const attempt of [() => rollback({ target, id: ids[0] }), () => listSnapshots(target)]) {
      await assert.rejects(attempt, (error: Error) => {
        assert.equal(error.name, 'UserError', String(error));
        assert.ok(error.message.includes(`s3://marketplace/${key}`), error.message);
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.equal(liveIdOf(aws.state), ids[2]);
  });
}

test('a rollback reads at most 1 MiB of a router or of a prune record', async () => {
  const { ids, target } = await deployAll(builds);
  for (const key of [routerKey(ids[0]), 'prune.json']) {
    await putText(target, key, ' '.repeat(2 ** 20 + 1));
    await assert.rejects(
      rollback({ target, id: ids[0] }),
      new RegExp(`${key} has more than 1048576 bytes`),
    );
  }
});

const version = 'f'.repeat(16);

/** A bucket with two snapshots, of which the second is live, and what changes the record of the first. */
async function deployTwo() {
  const { first, second } = builds;
  const aws = new FakeAws();
  await deployTo(aws, first);
  await deployTo(aws, second);
  const target = aws.target();
  const putRecord = async (router: unknown, code: string) => {
    const { id } = first.snapshot;
    await putText(target, manifestKey(id), JSON.stringify({ ...first.snapshot, router }));
    await putText(target, routerKey(id), code);
  };
  const reported: string[] = [];
  const goBack = () =>
    rollback({ target, probe: probeOf(aws), report: (line) => void reported.push(line) });
  return { first, second, aws, putRecord, goBack, reported };
}

test('a router of this version is compared byte for byte, without a test on CloudFront', async () => {
  const { first, aws, goBack, reported } = await deployTwo();
  const { TestFunction } = countOperations(aws);
  await goBack();
  assert.equal(countOperations(aws)['TestFunction'], TestFunction);
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
  assert.deepEqual(reported, []);
});

test('a router of another version goes live after a test on CloudFront, with a notice', async () => {
  const { first, aws, putRecord, goBack, reported } = await deployTwo();
  await putRecord({ ...first.snapshot.router, version }, `/* other */ ${first.router}`);
  await goBack();
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
  assert.deepEqual(reported, [OTHER_ROUTER]);
});

// The stored record of a snapshot, the error message.
const refused: readonly (readonly [string, (first: Build) => [unknown, string], RegExp])[] = [
  [
    'a router of another version with other answers',
    ({ snapshot, router }) => [
      { ...snapshot.router, version },
      `${router.replace('function handler(', 'function right(')}
function handler(event) { event.request.uri = '/other.json'; return event.request; }`,
    ],
    /on CloudFront the new router fails \d+ of \d+ requests: nothing went live/,
  ],
  [
    'a router that does nothing',
    ({ snapshot }) => [snapshot.router, 'function handler(event) { return event.request; }'],
    /the router of snapshot [0-9a-f]{16} does not match its routing table/,
  ],
  [
    'a router with one character more',
    ({ snapshot, router }) => [snapshot.router, `${router} `],
    /does not match its routing table/,
  ],
  [
    'another routing table',
    ({ snapshot, router }) => [
      { ...snapshot.router, cloudFront: { ...snapshot.router.table, files: 9 } },
      router,
    ],
    /does not match its routing table/,
  ],
  [
    'the routing table of another snapshot',
    ({ snapshot, router }) => [
      { ...snapshot.router, table: { ...snapshot.router.table, root: '/snapshots/ab/' } },
      router,
    ],
    /s3:\/\/marketplace\/manifests\/[0-9a-f]+\/snapshot\.json router\.table\.root: /,
  ],
  [
    'no routing table',
    ({ router }) => [undefined, router],
    /s3:\/\/\S+snapshot\.json has no routing table, an older version wrote it: build again/,
  ],
];

for (const [what, change, expected] of refused) {
  test(`a snapshot with ${what} does not go live again`, async () => {
    const { first, second, aws, putRecord, goBack } = await deployTwo();
    await putRecord(...change(first));
    await assert.rejects(goBack(), expected);
    assert.equal(liveIdOf(aws.state), second.snapshot.id);
  });
}
