import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type AwsState, FakeAws } from '../../test/fakes/fake-aws.ts';
import { THOROUGH } from '../../test/random.ts';
import { deployTo, liveIdOf, type makeBuilds, SiteWitness } from './fixture-publish.ts';
import { prune } from './prune.ts';
import { rollback } from './rollback.ts';
import { makeBothBuilds } from './store/fixture-store.ts';

type Builds = Awaited<ReturnType<typeof makeBuilds>>;

/** An operator's command, which may die at any moment. */
interface Scenario {
  readonly name: string;
  /** The snapshots deployed before, in this order. */
  readonly before: readonly (keyof Builds)[];
  readonly run: (aws: FakeAws) => Promise<unknown>;
  /** How many effects it has at least. */
  readonly effects: number;
  /** The second run, after the first died. A rollback means another snapshot then, so it is named. */
  readonly again?: (aws: FakeAws) => Promise<unknown>;
}

const later = (hours: number) => new Date(Date.now() + hours * 3_600_000);

const scenariosOf = ({ first, second }: Builds): readonly Scenario[] => [
  { name: 'a first deploy', before: [], run: (aws) => deployTo(aws, first), effects: 20 },
  {
    name: 'a deploy over another snapshot',
    before: ['first'],
    run: (aws) => deployTo(aws, second),
    effects: 20,
  },
  {
    name: 'a rollback',
    before: ['first', 'second'],
    run: (aws) => rollback({ target: aws.target() }),
    again: (aws) => rollback({ target: aws.target(), id: first.snapshot.id }),
    effects: 3,
  },
  {
    name: 'a prune',
    before: ['first', 'second', 'third'],
    run: (aws) => prune({ target: aws.target(), keep: 1, edgeMs: 3_600_000, now: later(48) }),
    effects: 40,
  },
];

/** The stored state, without times. */
function contentsOf({ objects, stages, store }: AwsState): Record<string, string> {
  const contents = [...objects].map(([key, { etag }]) =>
    /^(deployments\/|prune\.json)/.test(key)
      ? [key.replace(/^deployments\/.*-/, 'deployments/'), 'dated']
      : [key, etag],
  );
  const keys = [...store.keys].map(([key, { value }]) => [`store/${key}`, value]);
  return { ...Object.fromEntries([...contents, ...keys]), live: stages.LIVE.code.source };
}

for (const [kind, builds] of await makeBothBuilds({ after })) {
  for (const { name, before, run, effects: least, again = run } of scenariosOf(builds)) {
    test(`${name} ${kind} that dies after any effect leaves the old site or the new one, and the next run completes it`, async (t) => {
      const witness = new SiteWitness(Object.values(builds));
      const aws = new FakeAws();
      for (const each of before) await deployTo(aws, builds[each]);
      const begin = aws.state;
      const begun = aws.effects.length;
      await run(aws);
      const states = [begin, ...aws.effects.slice(begun).map(({ state }) => state)];
      assert.ok(states.length > least, `only ${states.length - 1} effects were recorded`);
      const ended = contentsOf(aws.state);

      let resumptions = 0;
      const allowed = [liveIdOf(begin), liveIdOf(aws.state)];
      for (const [i, state] of states.entries()) {
        const when = `after effect ${i} of ${states.length - 1}`;
        const liveId = liveIdOf(state);
        assert.ok(allowed.includes(liveId), `invariant 7: ${liveId} is live ${when}`);
        if (liveId !== null) witness.check(state, when);

        // Unless tests are thorough, only every fifth crash is resumed.
        if (!THOROUGH && i % 5 > 0) continue;
        resumptions++;
        const resumed = new FakeAws({ state });
        await again(resumed);
        assert.deepEqual(contentsOf(resumed.state), ended, `resumed ${when}`);
        for (const { state } of resumed.effects) {
          if (liveIdOf(state) !== null) witness.check(state, `resumed ${when}`);
        }
      }
      t.diagnostic(
        `${states.length} crash points, ${resumptions} resumed, ${witness.answers} answers compared`,
      );
    });
  }
}
