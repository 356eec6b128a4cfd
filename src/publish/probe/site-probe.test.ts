import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeAws } from '../../../test/fakes/fake-aws.ts';
import {
  deployTo,
  liveIdOf,
  makeBuilds,
  probeOf,
  type SiteOptions,
  SiteWitness,
} from '../fixture-publish.ts';
import { rollback } from '../rollback.ts';

const { first, second } = await makeBuilds({ after });

test('a deploy waits for the edges that still run the router before', async () => {
  const aws = new FakeAws();
  const probe = probeOf(aws, { lagRequests: 25 });
  await deployTo(aws, first, { probe });
  const { probes } = await deployTo(aws, second, { probe });
  assert.ok(probes > 25, `${probes} requests`);
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

const spoilt = (status: number): SiteOptions['distort'] => {
  return (_, answer) => ({ ...answer, status, body: Buffer.from('spoilt') });
};
/** Leads to another address, where the right answer is. */
const lead: SiteOptions['distort'] = (target, answer) => {
  if (target.includes('elsewhere')) return answer;
  const location = `${target}${target.includes('?') ? '&' : '?'}elsewhere`;
  return { status: 302, headers: { location }, body: Buffer.alloc(0) };
};

// How the site answers after the router went live, how it distorts answers, the error message.
const failures: readonly [string, SiteOptions['distort'], RegExp][] = [
  ['200 with another body', spoilt(200), /200 .* is the answer, expected 200/],
  ['403', spoilt(403), /403 .* is the answer, expected 200/],
  ['503', spoilt(503), /503 .* is the answer, expected 200/],
  [
    'what it must refuse',
    (_, answer) => (answer.status >= 400 ? { ...answer, status: 200 } : answer),
    /200 [0-9a-f]+ is the answer, expected 4\d\d/,
  ],
  ['with a redirect', lead, /302 [0-9a-f]+ is the answer, expected 200/],
];

for (const [what, wrong, expected] of failures) {
  test(`after the site answers ${what}, the deploy fails and the old snapshot is live again`, async () => {
    const aws = new FakeAws();
    let isLive = false;
    const probe = probeOf(aws, {
      distort: (target, answer) => (isLive && wrong ? wrong(target, answer) : answer),
    });
    await deployTo(aws, first, { probe });
    const report = (line: string) => {
      isLive ||= line.startsWith('Live');
    };
    await assert.rejects(deployTo(aws, second, { probe, report }), (error: Error) => {
      assert.equal(error.name, 'UserError', String(error));
      assert.match(error.message, /the site does not answer like snapshot .*: .* is live again/);
      assert.match(error.message, expected);
      return true;
    });
    assert.equal(liveIdOf(aws.state), first.snapshot.id);
    new SiteWitness([first]).check(aws.state, 'after the deploy rolled back');
  });
}

test('if the edges never switch over, the old router is live again', async () => {
  const aws = new FakeAws();
  const probe = probeOf(aws, { lagRequests: 1e9 });
  await assert.rejects(deployTo(aws, first, { probe }), /is live again/);
  assert.equal(liveIdOf(aws.state), null, 'the placeholder of the stack');
  await deployTo(aws, second);
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

test('an unreachable site stops a deploy before it uploads anything', async () => {
  const aws = new FakeAws();
  const probe = { ...probeOf(aws), fetch, siteUrl: 'http://127.0.0.1:1' };
  await assert.rejects(
    deployTo(aws, first, { probe }),
    /127\.0\.0\.1:1 cannot be reached, .*: nothing/,
  );
  assert.equal(aws.effects.length, 0);
});

test('a deploy of the live snapshot reports wrong answers of the site and changes nothing', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first, { probe: probeOf(aws) });
  const probe = probeOf(aws, { distort: (_, answer) => ({ ...answer, status: 500 }) });
  await assert.rejects(
    deployTo(aws, first, { probe }),
    /is live already, but the site does not answer like it: nothing was changed/,
  );
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});

test('a rollback asks the site, too', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  await deployTo(aws, second);
  const { probes } = await rollback({
    target: aws.target(),
    probe: probeOf(aws, { lagRequests: 5 }),
  });
  assert.ok(probes > 5);
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});
