import { digestOf } from '../../lib/digests.ts';
import { cutToLine } from '../../lib/json/finding.ts';
import { askRouter, expectAnswer, type ViewerAnswer } from '../../publish/probe/expect-answer.ts';
import { viewerRequests } from '../../publish/probe/viewer-requests.ts';
import { parseFilter } from '../../router/request/parse-filter.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { makeRouter } from '../../snapshot/table/make-router.ts';
import { type Answer, digestOfAnswer, parseBody } from '../ask/answer.ts';
import type { Asked } from '../ask/asker.ts';
import { isRedirect, typeOf } from './check-answer.ts';
import type { Probing } from './probing.ts';

/**
 * Asks what a deploy asks, and compares each answer with that of a build.
 *
 * @param label how findings name the build
 * @returns how many requests were compared
 */
export async function checkBuild(
  probing: Probing,
  snapshot: Snapshot,
  label: string,
): Promise<number> {
  const requests = viewerRequests(snapshot);
  const route = makeRouter(snapshot.router.table);
  const ofCloudFront = askCloudFront(snapshot, requests);
  const checks = requests.map(async ({ method, target }, i) => {
    const routed = route(method, target);
    const outcomes = [
      'path' in routed ? { ...routed, parameters: 0 } : routed,
      ...(ofCloudFront?.slice(i, i + 1) ?? []),
    ];
    const expected = outcomes.map((outcome) => expectAnswer(outcome, snapshot));
    const asked = { method: method as 'GET' | 'HEAD' | 'POST', target };
    const answer = await probing.asker.ask(asked);
    if (answer !== null) compareWithBuild(probing, { asked, answer, expected, label });
  });
  await Promise.all(checks);
  return checks.length;
}

interface Compared {
  readonly asked: Asked;
  readonly answer: Answer;
  /** What the hosts of the build answer. */
  readonly expected: readonly ViewerAnswer[];
  readonly label: string;
}

function compareWithBuild(
  { findings }: Probing,
  { asked, answer, expected, label }: Compared,
): void {
  const { method = 'GET', target } = asked;
  const name = `${method} ${target}`;
  const { status } = answer;
  const statuses = [...new Set(expected.map((one) => one.status))];
  const isRefused = status === 400 && isJson(answer) && !isFromServers(target);
  if (isRefused) return;
  if (!statuses.includes(status)) {
    const what = isRedirect(answer) ? `a redirect, ${status}` : `${status}`;
    const message = `answers ${what}, expected ${statuses.join(' or ')} as by ${label}`;
    findings.add({ check: 'status', message }, name);
    return;
  }
  // Hosts refuse in their own words.
  if (status !== 200 || method === 'HEAD') return;
  const digest = answer.miscoded === '' ? digestOfAnswer(answer) : digestOf('');
  if (expected.some((one) => one.status === 200 && one.sha256 === digest)) return;
  const isHealth = target === '/api/v1/health';
  const what = isHealth ? `: it is ${describeHealth(answer)}` : '';
  findings.add(
    {
      check: isHealth ? 'other-health' : 'other-build',
      message: `${describeTarget(target)} is not that of ${label}${what}`,
      remedy: `deploy ${label}, or name the build that is meant to be there with --dir`,
    },
    name,
  );
}

/** What CloudFront answers, which may have room for less; undefined where that is in a store of keys. */
function askCloudFront(snapshot: Snapshot, requests: ReturnType<typeof viewerRequests>) {
  const table = snapshot.router.cloudFront;
  return table === undefined || table.blocks ? undefined : askRouter(snapshot, requests);
}

function describeTarget(target: string): string {
  return target.startsWith('/api/v1/plugins') ? 'a list of plugins' : target;
}

function describeHealth({ body }: Answer): string {
  const { releaseID, details } = Object(parseBody(body));
  return cutToLine(JSON.stringify({ releaseID, buildHash: details?.buildInfo?.buildHash }));
}

/** Whether every host must answer, also those by rules, which refuse what no server sends (docs/hosting.md). */
function isFromServers(target: string): boolean {
  const [path, query = ''] = target.split('?');
  const filter = parseFilter(query);
  if (path !== '/api/v1/plugins' || 'error' in filter) return path !== '/api/v1/plugins';
  const isList = filter.text === '' && filter.page === 0 && filter.perPage === 100;
  return isList && !(filter.allVersions && filter.pluginId === '') && !/[;%]/.test(query);
}

function isJson(answer: Answer): boolean {
  return typeOf(answer) === 'application/json';
}
