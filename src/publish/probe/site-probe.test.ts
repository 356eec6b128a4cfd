import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteFrontOptions } from '../../../test/aws/site-front.ts';
import { UserError } from '../../lib/errors.ts';
import {
  deployTo,
  liveIdOf,
  makeBuilds,
  probeOf,
  SiteWitness,
  startAws,
  targetOf,
} from '../fixture-publish.ts';
import { rollback } from '../rollback.ts';

/** Answers of one snapshot are spoilt, those of others arrive as they are. */
function spoil(id: string, status: number): NonNullable<SiteFrontOptions['distort']> {
  return ({ target }, answer) =>
    answer.body.includes(id) || target.includes('labels')
      ? { ...answer, status, body: Buffer.from('spoilt') }
      : answer;
}

test('a deploy waits for the edges that still run the router before', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t, { site: { lagRequests: 25 } });
  await deployTo(aws, first, { probe: probeOf(aws) });
  const { probes } = await deployTo(aws, second, { probe: probeOf(aws) });
  assert.ok(probes > 25, `${probes} requests`);
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

// What the site answers after the flip.
for (const status of [200, 403, 503]) {
  test(`where the site answers ${status} with another body, the old snapshot is live again and the deploy fails`, async (t) => {
    const { first, second } = await makeBuilds(t);
    let isSpoilt = false;
    const aws = await startAws(t, {
      site: {
        distort: (request, answer) => (isSpoilt ? spoil('', status)(request, answer) : answer),
      },
    });
    await deployTo(aws, first, { probe: probeOf(aws) });
    const say = (line: string) => {
      if (line.startsWith('Live')) isSpoilt = true;
    };
    await assert.rejects(deployTo(aws, second, { probe: probeOf(aws), say }), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /does not answer as snapshot .* must: .* is live again/);
      assert.match(error.message, new RegExp(`${status} .* is the answer, expected 200`));
      return true;
    });
    assert.equal(liveIdOf(aws.state), first.snapshot.id);
    new SiteWitness([first]).check(aws.state, 'after the deploy rolled back');
  });
}

test('where the site answers what it must refuse, the old snapshot is live again', async (t) => {
  const { first, second } = await makeBuilds(t);
  let isSpoilt = false;
  const aws = await startAws(t, {
    site: {
      distort: (_, answer) =>
        isSpoilt && answer.status >= 400 ? { ...answer, status: 200 } : answer,
    },
  });
  await deployTo(aws, first, { probe: probeOf(aws) });
  const say = (line: string) => {
    if (line.startsWith('Live')) isSpoilt = true;
  };
  await assert.rejects(
    deployTo(aws, second, { probe: probeOf(aws), say }),
    /200 [0-9a-f]+ is the answer, expected 4\d\d/,
  );
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});

test('a site that leads elsewhere does not answer, even where the right answer lies there', async (t) => {
  const { first, second } = await makeBuilds(t);
  let leadsElsewhere = false;
  const aws = await startAws(t, {
    site: {
      distort: ({ target }, answer) => {
        if (!leadsElsewhere || target.includes('elsewhere')) return answer;
        const location = `${target}${target.includes('?') ? '&' : '?'}elsewhere`;
        return { status: 302, headers: { location }, body: Buffer.alloc(0) };
      },
    },
  });
  await deployTo(aws, first, { probe: probeOf(aws) });
  const say = (line: string) => {
    if (line.startsWith('Live')) leadsElsewhere = true;
  };
  await assert.rejects(
    deployTo(aws, second, { probe: probeOf(aws), say }),
    /302 [0-9a-f]+ is the answer, expected 200/,
  );
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});

test('where the edges never switch over, the old snapshot is live again', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t, { site: { lagRequests: 1e9 } });
  // The lag begins with the first change, so the first deploy is not probed either.
  await assert.rejects(deployTo(aws, first, { probe: probeOf(aws) }), /is live again/);
  assert.equal(liveIdOf(aws.state), null, 'the placeholder of the stack');
  await deployTo(aws, second);
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
});

test('a site that cannot be reached stops a deploy before anything is sent', async (t) => {
  const { first } = await makeBuilds(t);
  const aws = await startAws(t);
  const probe = { ...probeOf(aws), siteUrl: 'http://127.0.0.1:1' };
  await assert.rejects(
    deployTo(aws, first, { probe }),
    /127\.0\.0\.1:1 cannot be reached, .*: nothing/,
  );
  assert.equal(aws.effects.length, 0);
});

test('what is live already and does not answer as it must is told, and left as it is', async (t) => {
  const { first } = await makeBuilds(t);
  let isSpoilt = false;
  const aws = await startAws(t, {
    site: { distort: (_, answer) => (isSpoilt ? { ...answer, status: 500 } : answer) },
  });
  await deployTo(aws, first, { probe: probeOf(aws) });
  isSpoilt = true;
  await assert.rejects(
    deployTo(aws, first, { probe: probeOf(aws) }),
    /is live already, but the site does not answer as it must: nothing was changed/,
  );
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});

test('a rollback is probed as well', async (t) => {
  const { first, second } = await makeBuilds(t);
  const aws = await startAws(t, { site: { lagRequests: 5 } });
  await deployTo(aws, first);
  await deployTo(aws, second);
  const { probes } = await rollback({ target: targetOf(aws), probe: probeOf(aws) });
  assert.ok(probes > 5);
  assert.equal(liveIdOf(aws.state), first.snapshot.id);
});
