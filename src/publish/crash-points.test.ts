import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AwsState } from '../../test/aws/aws-state.ts';
import type { FakeAws } from '../../test/aws/start-fake-aws.ts';
import {
  BUCKET,
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

/** An operator's command, which may die at any moment. */
interface Scenario {
  readonly name: string;
  /** What came before. */
  readonly prepare: (aws: FakeAws, builds: Builds) => Promise<unknown>;
  readonly run: (aws: FakeAws, builds: Builds) => Promise<unknown>;
  /** Effects that it has at the least. */
  readonly effects: number;
  /** What a second run of the command does after the first died; for a rollback, whose meaning depends on what is live, by name. */
  readonly again?: (aws: FakeAws, builds: Builds) => Promise<unknown>;
}

type Builds = Readonly<Record<'first' | 'second' | 'third', Build>>;

const later = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const pruneTo = (aws: FakeAws, keep: number) =>
  prune({ target: targetOf(aws), keep, edgeMs: 3_600_000, now: later(48) });

const scenarios: readonly Scenario[] = [
  {
    name: 'a first deploy',
    prepare: async () => {},
    run: (aws, { first }) => deployTo(aws, first),
    effects: 20,
  },
  {
    name: 'a deploy over another snapshot',
    prepare: (aws, { first }) => deployTo(aws, first),
    run: (aws, { second }) => deployTo(aws, second),
    effects: 20,
  },
  {
    name: 'a rollback',
    prepare: async (aws, { first, second }) => {
      await deployTo(aws, first);
      await deployTo(aws, second);
    },
    run: (aws) => rollback({ target: targetOf(aws) }),
    again: (aws, { first }) => rollback({ target: targetOf(aws), id: first.snapshot.id }),
    effects: 3,
  },
  {
    name: 'a prune',
    prepare: async (aws, { first, second, third }) => {
      await deployTo(aws, first);
      await deployTo(aws, second);
      await deployTo(aws, third);
    },
    run: (aws) => pruneTo(aws, 1),
    effects: 40,
  },
];

/** What is stored, but for what tells when it happened. */
function contentsOf(state: AwsState): Record<string, string | undefined> {
  const objects = state.buckets.get(BUCKET);
  const contents = (objects?.keys() ?? []).map((key): [string, string | undefined] =>
    /^(deployments\/|prune\.json)/.test(key)
      ? [key.replace(/^deployments\/.*-/, 'deployments/'), 'dated']
      : [key, objects?.get(key)?.etag],
  );
  return { ...Object.fromEntries(contents), live: state.function.stages.LIVE.code.source };
}

for (const { name, prepare, run, effects: least, again = run } of scenarios) {
  test(`${name} that dies after any of its effects leaves the old site or the new one, and the next one ends as if it had not`, async (t: TestContext) => {
    const builds = await makeBuilds(t);
    const witness = new SiteWitness(Object.values(builds));
    const aws = await startAws(t);
    await prepare(aws, builds);
    const before = aws.state;
    const begun = aws.effects.length;
    await run(aws, builds);
    const states = [before, ...aws.effects.slice(begun).map(({ state }) => state)];
    assert.ok(states.length > least, `only ${states.length - 1} effects were recorded`);
    const ended = contentsOf(aws.state);

    const [oldId, newId] = [liveIdOf(before), liveIdOf(aws.state)];
    for (const [i, state] of states.entries()) {
      const when = `after effect ${i} of ${states.length - 1}`;
      const liveId = liveIdOf(state);
      assert.ok(liveId === oldId || liveId === newId, `invariant 7: ${liveId} is live ${when}`);
      if (liveId !== null) witness.check(state, when);

      const resumed = await startAws(t, { state });
      await again(resumed, builds);
      assert.deepEqual(contentsOf(resumed.state), ended, `resumed ${when}`);
      for (const { state } of resumed.effects) {
        if (liveIdOf(state) !== null) witness.check(state, `resumed ${when}`);
      }
      await resumed.close();
    }
    t.diagnostic(
      `${states.length} crash points, ${witness.answers} answers compared, none of them wrong`,
    );
  });
}
