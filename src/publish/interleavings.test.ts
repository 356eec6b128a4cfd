import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schedule } from '../../test/aws/scheduler.ts';
import type { FakeAws } from '../../test/aws/start-fake-aws.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { UserError } from '../lib/errors.ts';
import {
  deployTo,
  liveIdOf,
  makeBuilds,
  SiteWitness,
  startAws,
  targetOf,
} from './fixture-publish.ts';
import { prune } from './prune.ts';
import type { Build } from './read-build.ts';
import { rollback } from './rollback.ts';

type Builds = Readonly<Record<'first' | 'second' | 'third', Build>>;
type Command = (aws: FakeAws, client: string, builds: Builds) => Promise<unknown>;

const deployOf =
  (name: keyof Builds): Command =>
  (aws, client, builds) =>
    deployTo(aws, builds[name], { target: targetOf(aws, client), concurrency: 1, isForced: true });

const rollbackTo =
  (name: keyof Builds): Command =>
  (aws, client, builds) =>
    rollback({ target: targetOf(aws, client), id: builds[name].snapshot.id });

/** Two days later, when every snapshot but the live one may go. */
const pruneAll: Command = (aws, client) =>
  prune({
    target: targetOf(aws, client),
    keep: 1,
    edgeMs: 3_600_000,
    now: new Date(Date.now() + 48 * 3_600_000),
  });

// What the two do, which snapshots were deployed before in this order, how many interleavings are tried.
const pairs: readonly {
  readonly name: string;
  readonly commands: readonly [Command, Command];
  readonly before: readonly (keyof Builds)[];
  readonly tries: number;
}[] = [
  {
    name: 'two deploys',
    commands: [deployOf('second'), deployOf('third')],
    before: ['first'],
    tries: 12,
  },
  {
    name: 'two deploys of the same build',
    commands: [deployOf('second'), deployOf('second')],
    before: ['first'],
    tries: 6,
  },
  {
    name: 'a deploy and a rollback',
    commands: [deployOf('third'), rollbackTo('first')],
    before: ['first', 'second'],
    tries: 12,
  },
  {
    name: 'two rollbacks',
    commands: [rollbackTo('first'), rollbackTo('second')],
    before: ['first', 'second', 'third'],
    tries: 60,
  },
  {
    name: 'a rollback and a prune of what it goes back to',
    commands: [rollbackTo('first'), pruneAll],
    before: ['first', 'second'],
    tries: 60,
  },
  {
    name: 'a deploy and a prune of the same snapshot',
    commands: [deployOf('first'), pruneAll],
    before: ['first', 'second'],
    tries: 24,
  },
  {
    name: 'two prunes',
    commands: [pruneAll, pruneAll],
    before: ['first', 'second', 'third'],
    tries: 30,
  },
];

/** At random, each seed with another inclination to let the same client go on. */
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

for (const { name, commands, before, tries } of pairs) {
  test(`${name} at once: the site is always one whole snapshot, and who loses is told`, async (t) => {
    const builds = await makeBuilds(t);
    const witness = new SiteWitness(Object.values(builds));
    const prepared = await startAws(t);
    for (const each of before) await deployTo(prepared, builds[each]);
    let losers = 0;
    let effects = 0;
    for (const seed of seeds(tries)) {
      const aws = await startAws(t, {
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
      const when = (effect: number) => `after effect ${effect}, SEED=${seed}`;
      for (const [i, { state }] of aws.effects.entries()) witness.check(state, when(i));
      effects += aws.effects.length;
      const failed = ended.filter((end) => end.status === 'rejected');
      assert.ok(failed.length < 2, `both lost, SEED=${seed}: ${failed.map((end) => end.reason)}`);
      for (const { reason } of failed) {
        assert.ok(reason instanceof UserError, `SEED=${seed}: ${reason?.stack}`);
      }
      losers += failed.length;
      checkWinners(aws, failed.length, seed);
      await aws.close();
    }
    t.diagnostic(
      `${seeds(tries).length} interleavings of ${effects} effects, ${losers} with a loser, ${witness.answers} answers compared, none of them wrong`,
    );
  });
}

/** Where both changed the router, one must have begun after the other had ended: neither overwrote what it had not seen. */
function checkWinners(aws: FakeAws, losers: number, seed: number): void {
  const published = aws.effects.filter(({ kind }) => kind === 'PublishFunction');
  const [one, other] = published.map(({ client }) => client);
  assert.ok(published.length <= 2, `SEED=${seed}`);
  if (losers > 0 || one === undefined || other === undefined) return;
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
