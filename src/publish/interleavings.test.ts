import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeAws } from '../../test/fakes/fake-aws.ts';
import type { Schedule } from '../../test/fakes/scheduler.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { UserError } from '../lib/errors.ts';
import { deployTo, liveIdOf, type makeBuilds, SiteWitness } from './fixture-publish.ts';
import { prune } from './prune.ts';
import { rollback } from './rollback.ts';
import { makeBothBuilds } from './store/fixture-store.ts';

type Builds = Awaited<ReturnType<typeof makeBuilds>>;
type Name = keyof Builds;
type Command = (aws: FakeAws, client: string, builds: Builds) => Promise<unknown>;

const deployOf =
  (name: Name): Command =>
  (aws, client, builds) =>
    deployTo(aws, builds[name], { target: aws.target(client), concurrency: 1, isForced: true });

const rollbackTo =
  (name: Name): Command =>
  (aws, client, builds) =>
    rollback({ target: aws.target(client), id: builds[name].snapshot.id });

/** Two days later, when every snapshot but the live one may go. */
const pruneAll: Command = (aws, client) =>
  prune({
    target: aws.target(client),
    keep: 1,
    edgeMs: 3_600_000,
    now: new Date(Date.now() + 48 * 3_600_000),
  });

// The two commands, the snapshots deployed before in this order, how many interleavings are tried.
const pairs: readonly (readonly [string, readonly [Command, Command], readonly Name[], number])[] =
  [
    ['two deploys', [deployOf('second'), deployOf('third')], ['first'], 12],
    ['two deploys of the same build', [deployOf('second'), deployOf('second')], ['first'], 6],
    ['a deploy and a rollback', [deployOf('third'), rollbackTo('first')], ['first', 'second'], 12],
    [
      'two rollbacks',
      [rollbackTo('first'), rollbackTo('second')],
      ['first', 'second', 'third'],
      60,
    ],
    [
      'a rollback and a prune of its snapshot',
      [rollbackTo('first'), pruneAll],
      ['first', 'second'],
      60,
    ],
    [
      'a deploy and a prune of its snapshot',
      [deployOf('first'), pruneAll],
      ['first', 'second'],
      24,
    ],
    ['two prunes', [pruneAll, pruneAll], ['first', 'second', 'third'], 30],
  ];

/** A random order; each seed lets the same client continue more or less often. */
function randomSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const patience = random.below(100) / 100;
  let last = '';
  return (waiting) => {
    const same = waiting.findIndex(({ client }) => client === last);
    const chosen = same >= 0 && random.chance(patience) ? same : random.below(waiting.length);
    last = waiting[chosen]?.client ?? '';
    return chosen;
  };
}

const CLIENTS = ['ALICE', 'BOB'] as const;

for (const [kind, builds] of await makeBothBuilds({ after })) {
  for (const [name, commands, before, tries] of pairs) {
    test(`${name} ${kind} at once: the site is always one whole snapshot, and the loser gets an error`, async (t) => {
      const witness = new SiteWitness(Object.values(builds));
      const prepared = new FakeAws();
      for (const each of before) await deployTo(prepared, builds[each]);
      let losers = 0;
      let effects = 0;
      for (const seed of seeds(tries)) {
        const aws = new FakeAws({
          state: prepared.state,
          clients: CLIENTS,
          schedule: randomSchedule(seed),
        });
        const ended = await Promise.allSettled(
          commands.map((command, i) => {
            const client = CLIENTS[i] ?? '';
            return command(aws, client, builds).finally(() => aws.leave(client));
          }),
        );
        for (const [i, { state }] of aws.effects.entries()) {
          witness.check(state, `after effect ${i}, SEED=${seed}`);
        }
        effects += aws.effects.length;
        const failed = ended.filter((end) => end.status === 'rejected');
        assert.ok(failed.length < 2, `both lost, SEED=${seed}: ${failed.map((end) => end.reason)}`);
        for (const { reason } of failed) {
          assert.ok(reason instanceof UserError, `SEED=${seed}: ${reason?.stack}`);
        }
        losers += failed.length;
        if (failed.length === 0) checkWinners(aws, seed);
      }
      t.diagnostic(
        `${seeds(tries).length} interleavings of ${effects} effects, ${losers} with a loser, ${witness.answers} answers compared`,
      );
    });
  }
}

/** If both changed the router, the second had seen the change of the first. */
function checkWinners(aws: FakeAws, seed: number): void {
  const published = aws.effects.filter(({ operation }) => operation === 'PublishFunction');
  const [one, other] = published.map(({ client }) => client);
  assert.ok(published.length <= 2, `SEED=${seed}`);
  if (one === undefined || other === undefined) return;
  const first = aws.requests.findIndex(({ client }) => client === other);
  const last = aws.requests.findIndex(
    ({ client, operation }) => client === one && operation === 'PublishFunction',
  );
  const sawIt = aws.requests.some(
    ({ client, operation }, i) => i > last && client === other && operation === 'GetFunction',
  );
  assert.ok(first > last || sawIt, `invariant 7: both won, SEED=${seed}`);
  assert.equal(liveIdOf(aws.state), liveIdOf(published[1]?.state ?? aws.state));
}
