import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeAws } from '../../../test/fakes/fake-aws.ts';
import type { SigningKey } from '../../../test/samples/signing-keys.ts';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import {
  EXPIRED,
  inDays,
  NOW,
  PUBLISHER,
  pinned,
  STRANGER,
  signText,
  statementOf,
} from '../../signatures/fixture-statement.ts';
import type { Statement } from '../../signatures/statement.ts';
import { signedFile } from '../../snapshot/parse-snapshot.ts';
import { deployTo, liveIdOf, makeBuilds, probeOf, putText } from '../fixture-publish.ts';
import type { Build } from '../read-build.ts';
import { rollback } from '../rollback.ts';
import { describeBuild, type SnapshotPin } from './signed.ts';

const PIN: SnapshotPin = {
  keys: [...pinned(PUBLISHER), ...pinned(EXPIRED)],
  now: NOW,
  site: 'https://m.example.com',
};

/** The build with a statement about it. */
async function signed(
  build: Build,
  counter: number,
  more: Partial<Statement> = {},
  key: SigningKey = PUBLISHER,
): Promise<Build> {
  const own = { site: 'https://m.example.com', ...describeBuild(build), counter, ...more };
  return { ...build, signed: Buffer.from(await signText(statementOf('', own), key)) };
}

/** What is stored about a snapshot. */
const storedOf = (aws: FakeAws, { snapshot }: Build) =>
  aws.state.objects.get(signedFile(snapshot.id))?.body.toString();

const textOf = ({ signed = Buffer.of() }: Build) => signed.toString();

async function start(t: TestContext) {
  const { first, second } = await makeBuilds(t);
  const aws = new FakeAws();
  const deploy = (build: Build, pin: SnapshotPin | undefined = PIN) =>
    deployTo(aws, build, { pin });
  return { aws, first, second, deploy };
}

test('what is signed goes live with its snapshot, and one that was signed anew in its place', async (t) => {
  const { aws, first, deploy } = await start(t);
  const one = await signed(first, 5);
  await deploy(one);
  assert.equal(storedOf(aws, first), textOf(one));
  const before = aws.requests.length;
  const two = await signed(first, 6);
  const { isLive } = await deploy(two);
  assert.ok(isLive);
  assert.equal(storedOf(aws, first), textOf(two));
  const changes = aws.requests.slice(before).filter(({ operation }) => /Put|Pub/.test(operation));
  // The other is the record of the deployment, as it was.
  assert.equal(changes.length, 2, 'one object');
  await deploy(two);
  assert.equal(storedOf(aws, first), textOf(two));
});

test('an unsigned build says so, and takes no signature away', async (t) => {
  const { aws, first, second } = await start(t);
  await deployTo(aws, first);
  assert.equal(storedOf(aws, first), '{"signed":null}\n');
  const one = await signed(first, 5);
  await deployTo(aws, one);
  assert.equal(storedOf(aws, first), textOf(one), 'without a key it is published, too');
  await deployTo(aws, first);
  await deployTo(aws, second);
  await deployTo(aws, first);
  assert.equal(storedOf(aws, first), textOf(one));
});

// The attack or mistake, the build, the reason.
const refused: readonly (readonly [
  string,
  (first: Build, second: Build) => Build | Promise<Build>,
  RegExp,
])[] = [
  ['is not signed', (_, second) => second, /not signed.*-- sign BUILD/],
  ['has no statement', (_, { signed: _signed, ...second }) => second, /not signed/],
  [
    'is signed by somebody else',
    (_, second) => signed(second, 6, {}, STRANGER),
    /is not one of the given keys/,
  ],
  [
    'is signed with a key that has expired',
    (_, second) => signed(second, 6, {}, EXPIRED),
    /expired on/,
  ],
  [
    'has the statement of another build',
    async (first, second) => ({ ...second, signed: (await signed(first, 6)).signed as Buffer }),
    /is about another build — sign this one/,
  ],
  [
    'was changed since',
    async (_, second) => signed(second, 6, { manifest: digestOf('x') }),
    /is about another build/,
  ],
  [
    'is signed for another marketplace',
    (_, second) => signed(second, 6, { site: 'https://staging.example.com' }),
    /is about https:\/\/staging/,
  ],
  [
    'was signed too long ago',
    (_, second) => signed(second, 6, { expires: inDays(-1).toISOString() }),
    /expired on/,
  ],
  [
    'was signed before the live one',
    (_, second) => signed(second, 4),
    /has the counter 4, and that of the live snapshot [0-9a-f]{16} is 5.*--counter 6/,
  ],
  ['has the counter of the live one', (_, second) => signed(second, 5), /has the counter 5/],
];

for (const [what, make, reason] of refused) {
  test(`a build that ${what} does not go live where a key is pinned, and does where not`, async (t) => {
    const { aws, first, second, deploy } = await start(t);
    await deploy(await signed(first, 5));
    const build = await make(first, second);
    const before = new Map(aws.state.objects);
    await assert.rejects(deploy(build), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, reason);
      return true;
    });
    assert.equal(liveIdOf(aws.state), first.snapshot.id);
    assert.deepEqual([...aws.state.objects.keys()], [...before.keys()], 'nothing is uploaded');
    await deployTo(aws, build);
    assert.equal(liveIdOf(aws.state), second.snapshot.id);
  });
}

test('whoever can only write into the bucket keeps nobody from publishing', async (t) => {
  const { aws, first, second, deploy } = await start(t);
  await deploy(await signed(first, 5));
  const planted = await signed(first, 9_000_000_000, {}, STRANGER);
  for (const text of [textOf(planted), 'x', '{"signed":null}']) {
    await putText(aws.target(), signedFile(first.snapshot.id), text);
    await deploy(await signed(second, 6));
    assert.equal(liveIdOf(aws.state), second.snapshot.id);
    await deployTo(aws, first);
  }
});

test('a rollback says that those who pin the key do not follow', async (t) => {
  const { aws, first, second, deploy } = await start(t);
  await deploy(await signed(first, 5));
  await deploy(await signed(second, 6));
  const lines: string[] = [];
  await rollback({ target: aws.target(), probe: probeOf(aws), report: (line) => lines.push(line) });
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
  assert.match(lines.join('\n'), /pin your key keep what they have, until .* signed and deployed/);
  await deploy(await signed(first, 7));
  assert.match(storedOf(aws, first) ?? '', /counter\\": 7/);
});

test('of two that sign the live snapshot at once, one is told', async (t) => {
  const { aws, first, deploy } = await start(t);
  await deploy(await signed(first, 5));
  const target = aws.target();
  const { bucket } = target;
  const meanwhile = await signed(first, 7);
  const slow = {
    ...target,
    bucket: Object.assign(Object.create(bucket) as typeof bucket, {
      put: async (...args: Parameters<typeof bucket.put>) => {
        if (args[0].key === signedFile(first.snapshot.id)) {
          await putText(target, args[0].key, textOf(meanwhile));
        }
        return await bucket.put(...args);
      },
    }),
  };
  const late = deployTo(aws, await signed(first, 6), { target: slow, pin: PIN });
  await assert.rejects(late, /somebody else replaced .*signed\.json since this began/);
  assert.equal(storedOf(aws, first), textOf(meanwhile));
});
