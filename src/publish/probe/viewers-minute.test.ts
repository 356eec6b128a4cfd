import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { askOrigin, FakeAws, type SiteAnswer } from '../../../test/fakes/fake-aws.ts';
import { digestOf } from '../../lib/digests.ts';
import { deployTo, makeBuilds } from '../fixture-publish.ts';
import type { Build } from '../read-build.ts';
import { rollback } from '../rollback.ts';
import { askRouter, expectAnswer } from './expect-answer.ts';

const { first, third } = await makeBuilds({ after });
const target =
  '/api/v1/plugins?plugin_id=jira&server_version=9.9.9&platform=linux-amd64&cloud=true';

/** The digest of the answer in a build. */
function answerOf({ snapshot }: Build): string {
  const [outcome] = askRouter(snapshot, [{ method: 'GET', target }]);
  assert.ok(outcome);
  return expectAnswer(outcome, snapshot).sha256;
}

/** The minimum TTL of the cache policy overrides a shorter `max-age` at the edge, and only there. */
const EDGE_SECONDS = 365 * 24 * 3600;

/** Keeps answers by key. `secondsOf` gives how long an answer may be kept. */
class Cache {
  readonly #kept = new Map<string, { readonly answer: SiteAnswer; readonly since: number }>();
  readonly #secondsOf: (answer: SiteAnswer) => number;
  readonly #now: () => number;
  requests = 0;

  constructor(secondsOf: (answer: SiteAnswer) => number, now: () => number) {
    this.#secondsOf = secondsOf;
    this.#now = now;
  }

  /** A cached answer states its age (RFC 9111, 4.2.3). */
  ask(key: string, ask: () => SiteAnswer): SiteAnswer {
    const kept = this.#kept.get(key);
    const age = kept ? this.#now() - kept.since : 0;
    if (kept && age < this.#secondsOf(kept.answer)) {
      return { ...kept.answer, headers: { ...kept.answer.headers, age: String(age) } };
    }
    this.requests++;
    const answer = ask();
    this.#kept.set(key, { answer, since: this.#now() });
    return answer;
  }
}

/** How long a viewer may keep an answer, less the time that the edge kept it. */
function viewerSeconds({ headers }: SiteAnswer): number {
  const [, maxAge = '0'] = /\bmax-age=(\d+)/.exec(headers['cache-control'] ?? '') ?? [];
  return Number(maxAge) - Number(headers['age'] ?? 0);
}

test('a viewer sees a new site within a minute, though the edge keeps the old one for a year and nothing is invalidated', async () => {
  const [old, next] = [answerOf(first), answerOf(third)];
  assert.notEqual(old, next, 'the snapshots answer this request differently');
  let seconds = 0;
  const aws = new FakeAws({ now: () => new Date(Date.UTC(2026) + seconds * 1000) });
  const newViewer = () => new Cache(viewerSeconds, () => seconds);
  const edge = new Cache(
    () => EDGE_SECONDS,
    () => seconds,
  );
  const ask = (viewer: Cache) => {
    const atEdge = () => {
      const routed = aws.state.stages.LIVE.code.route('GET', target);
      if (!('uri' in routed)) return routed;
      return edge.ask(routed.uri, () => askOrigin(aws.state, routed.uri));
    };
    return digestOf(viewer.ask(target, atEdge).body);
  };

  await deployTo(aws, first);
  const early = newViewer();
  assert.equal(ask(early), old);
  await deployTo(aws, third);
  assert.equal(ask(newViewer()), next, 'a viewer without the old answer sees it at once');
  seconds += 59;
  assert.equal(ask(early), old, 'a viewer with the old answer may use it');
  seconds += 1;
  assert.equal(ask(early), next, 'but only for a minute');
  await rollback({ target: aws.target() });
  seconds += 60;
  assert.equal(ask(early), old, 'a rollback arrives as soon');
  assert.equal(edge.requests, 2, 'without a request to the bucket: the edge still has both');
});

test('an edge that still runs the old router answers from the whole old snapshot', async () => {
  const aws = new FakeAws();
  await deployTo(aws, first);
  const { code } = aws.state.stages.LIVE;
  await deployTo(aws, third);
  const routed = code.route('GET', target);
  assert.ok('uri' in routed);
  const { status, body } = askOrigin(aws.state, routed.uri);
  assert.deepEqual([status, digestOf(body)], [200, answerOf(first)]);
});
