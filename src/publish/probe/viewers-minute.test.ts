import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EdgeCache } from '../../../test/aws/edge-cache.ts';
import { ViewerCache } from '../../../test/aws/viewer-cache.ts';
import { digestOf } from '../../lib/digests.ts';
import { deployTo, makeBuilds, startAws, targetOf } from '../fixture-publish.ts';
import type { Build } from '../read-build.ts';
import { rollback } from '../rollback.ts';
import { askRouter, expectAnswer } from './expect-answer.ts';

const request = {
  method: 'GET',
  target: '/api/v1/plugins?plugin_id=jira&server_version=9.9.9&platform=linux-amd64&cloud=true',
};

/** The digest of what a build answers. */
function answerOf({ snapshot }: Build): string {
  const [outcome] = askRouter(snapshot, [request]);
  assert.ok(outcome);
  return expectAnswer(outcome, snapshot).sha256;
}

test('a viewer sees the new site a minute after the flip at the latest, though the edge keeps the old one for a year and nothing is invalidated', async (t) => {
  const builds = await makeBuilds(t);
  const { first, third } = builds;
  const old = answerOf(first);
  const next = answerOf(third);
  assert.notEqual(old, next, 'the two snapshots answer this request differently');
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = await startAws(t, { now: () => now });
  const edge = new EdgeCache(() => now);
  const ask = (viewer: ViewerCache) =>
    digestOf(viewer.ask(request, (asked) => edge.ask(aws.state, asked)).body);
  const waitSeconds = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000);
  };

  await deployTo(aws, first);
  const early = new ViewerCache(() => now);
  assert.equal(ask(early), old);
  await deployTo(aws, third);
  assert.equal(ask(new ViewerCache(() => now)), next, 'a viewer that kept nothing sees it at once');
  waitSeconds(59);
  assert.equal(ask(early), old, 'one that kept the old answer may go on with it');
  waitSeconds(1);
  assert.equal(ask(early), next, 'but for a minute only');
  await rollback({ target: targetOf(aws) });
  waitSeconds(60);
  assert.equal(ask(early), old, 'and as soon is it taken back');
  assert.equal(edge.requests, 2, 'for which the edge asks the bucket nothing: it still has both');
});

test('an edge that still runs the router before answers whole, out of the snapshot before', async (t) => {
  const { first, third } = await makeBuilds(t);
  const aws = await startAws(t);
  await deployTo(aws, first);
  const { code } = aws.state.function.stages.LIVE;
  await deployTo(aws, third);
  const edge = new EdgeCache(() => new Date());
  const { status, body } = edge.ask(aws.state, request, code);
  assert.deepEqual([status, digestOf(body)], [200, answerOf(first)]);
});
