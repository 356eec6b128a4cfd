import assert from 'node:assert/strict';
import path from 'node:path';
import type { Routed } from '../../test/fakes/edge-code.ts';
import {
  type AwsState,
  askEdge,
  askOrigin,
  FakeAws,
  type FakeStage,
  type SiteAnswer,
} from '../../test/fakes/fake-aws.ts';
import { type Cleanup, makeFolder } from '../../test/make-folder.ts';
import { buildPlainSite } from '../../test/sites/plain-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { digestOf } from '../lib/digests.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import { newObject, type Target } from './aws/target.ts';
import { type DeployOptions, deploy } from './deploy.ts';
import { askRouter, expectAnswer, type ViewerAnswer } from './probe/expect-answer.ts';
import type { ProbeOptions } from './probe/site-probe.ts';
import { type ViewerRequest, viewerRequests } from './probe/viewer-requests.ts';
import { type Build, readBuild } from './read-build.ts';
import { idOfRouter } from './records/object-keys.ts';

/** A release of a small catalog. */
export function release(id: string, version: string, more: object = {}, manifest: object = {}) {
  const url = `https://example.com/${id}-${version}`;
  return {
    download_url: `${url}.tar.gz`,
    ...more,
    platforms: { 'linux-amd64': { download_url: `${url}-linux.tar.gz`, signature: 'c2ln' } },
    manifest: { id, version, name: `Plugin ${id}`, min_server_version: '9.0.0', ...manifest },
  };
}

const BASE = [
  release('calls', '0.9.0', { release_stage: 'beta' }, { min_server_version: '8.0.0' }),
  release('calls', '1.0.0'),
  release('jira', '1.0.0'),
  release('todo', '2.0.0', { hosting: 'on-prem' }),
  release('zoom', '1.0.0', { enterprise: true }),
];
const NEWER = release('jira', '1.1.0', {}, { min_server_version: '9.5.0' });
const NEWEST = release('jira', '1.2.0', { hosting: 'cloud' }, { min_server_version: '9.5.0' });

/** Catalogs that follow each other, each with a release more. */
export const CATALOGS = {
  first: BASE,
  second: [...BASE, NEWER],
  third: [...BASE, NEWER, NEWEST],
} as const;

/** Builds a catalog into a folder. */
export async function buildInto(
  out: string,
  releases: readonly object[],
  compress: BuildSettings['compress'] = 'off',
): Promise<Build> {
  await buildPlainSite({
    releases: parseCatalog(JSON.stringify(releases), 'test.json').releases,
    out,
    compress,
    pageSizes: [100],
    search: false,
    everyPageSize: false,
    allLists: true,
    hosts: ['cloudfront'],
    maxFiles: 1000,
    maxBytes: 1e9,
    routerBytes: 10_000,
  });
  return await readBuild(out);
}

/** Builds a catalog into a folder that is removed with the test. */
export async function makeBuild(
  t: Cleanup,
  releases: readonly object[],
  compress?: BuildSettings['compress'],
): Promise<Build> {
  return await buildInto(path.join(await makeFolder(t), 'dist'), releases, compress);
}

/** The builds of `CATALOGS`. */
export async function makeBuilds(t: Cleanup) {
  const [first, second, third] = await Promise.all([
    makeBuild(t, CATALOGS.first),
    makeBuild(t, CATALOGS.second),
    makeBuild(t, CATALOGS.third),
  ]);
  return { first, second, third };
}

/** A layer between the site and a probe. */
export interface SiteOptions {
  /** After the live code changed, so many requests still meet an edge that runs the code before. */
  readonly lagRequests?: number;
  /** Changes answers on their way to the viewer. */
  readonly distort?: (target: string, answer: SiteAnswer) => SiteAnswer;
}

/** Asks the site of a fake, without waiting between two attempts. */
export function probeOf(aws: FakeAws, options: SiteOptions = {}): ProbeOptions {
  const { lagRequests = 0, distort = (_, answer) => answer } = options;
  const siteUrl = 'https://plugins.example.com';
  let nowMs = 0;
  let lagged = 0;
  let atEdge = aws.state.stages.LIVE;
  const answer = (target: string): SiteAnswer => {
    const { LIVE } = aws.state.stages;
    if (LIVE.code !== atEdge.code && lagged++ >= lagRequests) [atEdge, lagged] = [LIVE, 0];
    const routed = askEdge(aws.state, atEdge, 'GET', target);
    return distort(target, 'uri' in routed ? askOrigin(aws.state, routed.uri) : routed);
  };
  const fetchSite = async (
    target: string,
    redirect: RequestInit['redirect'],
  ): Promise<Response> => {
    const { status, headers, body } = answer(target);
    const location = headers['location'];
    if (location !== undefined && redirect !== 'manual') return fetchSite(location, redirect);
    return new Response(new Uint8Array(body), { status, headers });
  };
  return {
    siteUrl,
    fetch: async (url, init) => fetchSite(String(url).slice(siteUrl.length), init?.redirect),
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    patienceMs: 60_000,
  };
}

/** Deploys a build with what tests want to be the rest. */
export function deployTo(aws: FakeAws, build: Build, more: Partial<DeployOptions> = {}) {
  return deploy({ target: aws.target(), build, concurrency: 4, isForced: false, ...more });
}

/** A bucket and a function with all three builds, the third one live; two hours between two deploys. */
export async function deployAll(builds: Awaited<ReturnType<typeof makeBuilds>>) {
  let now = new Date('2026-01-01T00:00:00Z');
  const aws = new FakeAws({ now: () => now });
  const wait = (hours: number) => {
    now = new Date(now.getTime() + hours * 3_600_000);
  };
  for (const build of Object.values(builds)) {
    await deployTo(aws, build);
    wait(2);
  }
  const [first, second, third] = Object.values(builds).map(({ snapshot }) => snapshot.id);
  assert.ok(first && second && third);
  return {
    aws,
    ids: [first, second, third] as const,
    wait,
    target: aws.target(),
    now: () => now,
  };
}

/** Stores any text in the bucket. */
export function putText({ bucket }: Target, key: string, text: string): Promise<string> {
  const body = Buffer.from(text);
  return bucket.put(newObject(key, 'application/json', body), body);
}

/** How often each operation was requested, by name. */
export function countOperations(aws: FakeAws): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of aws.requests) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** The snapshot that is live in a state. */
export function liveIdOf({ stages }: AwsState): string | null {
  return idOfRouter(stages.LIVE.code.source);
}

/** Stands for the store of a function that has none. */
const NO_STORE = {};

/** Checks that a site answers every kind of request from one of some builds, the one whose router is live. */
export class SiteWitness {
  readonly #requests: readonly ViewerRequest[];
  readonly #expected: ReadonlyMap<string | null, readonly ViewerAnswer[]>;
  readonly #routes = new WeakMap<FakeStage, WeakMap<object, Routed[]>>();
  readonly #digests = new WeakMap<Buffer, string>();
  /** How many answers were compared. */
  answers = 0;

  constructor(builds: readonly Build[]) {
    this.#requests = allRequests(builds);
    this.#expected = new Map(
      builds.map(({ snapshot }) => [
        snapshot.id,
        askRouter(snapshot, this.#requests).map((outcome) => expectAnswer(outcome, snapshot)),
      ]),
    );
  }

  /** @param when for messages */
  check(state: AwsState, when: string): void {
    const liveId = liveIdOf(state);
    const expected = this.#expected.get(liveId);
    assert.ok(expected, `docs/design.md, invariant 7: ${liveId} is live ${when}`);
    const routes = this.#route(state);
    for (const [i, { method, target }] of this.#requests.entries()) {
      const routed = routes[i] as Routed;
      const { status, body } = 'uri' in routed ? askOrigin(state, routed.uri) : routed;
      this.answers++;
      const { status: wanted, sha256 } = expected[i] as ViewerAnswer;
      if (status === wanted && this.#digest(body) === sha256) continue;
      assert.fail(
        `docs/design.md, invariant 7: ${method} ${target} gets ${status} ${body.subarray(0, 200)} ${when}, ${liveId} is live`,
      );
    }
  }

  /** A function that has no store is pure: it runs once for each request, not again in every state. */
  #route(state: AwsState): Routed[] {
    const stage = state.stages.LIVE;
    const seen = stage.storeArn === undefined ? NO_STORE : state.store;
    const ofStage = this.#routes.get(stage) ?? new WeakMap<object, Routed[]>();
    const known = ofStage.get(seen);
    if (known) return known;
    const routes = this.#requests.map(({ method, target }) =>
      askEdge(state, stage, method, target),
    );
    this.#routes.set(stage, ofStage.set(seen, routes));
    return routes;
  }

  #digest(body: Buffer): string {
    const digest = this.#digests.get(body) ?? digestOf(body);
    this.#digests.set(body, digest);
    return digest;
  }
}

/** A sample of each build's answers, and every combination of what real servers send. */
function allRequests(builds: readonly Build[]): ViewerRequest[] {
  const versions = builds.flatMap(({ snapshot }) => snapshot.published.steps);
  const ids = builds.flatMap(({ snapshot }) => Object.keys(snapshot.catalog.versions));
  const requests: ViewerRequest[] = builds.flatMap(({ snapshot }) => viewerRequests(snapshot));
  for (const version of new Set(['', '0.0.0', ...versions, '99.0.0'])) {
    for (const platform of ['linux-amd64', 'windows-amd64']) {
      for (const row of ['', '&enterprise_plugins=true', '&cloud=true']) {
        for (const id of new Set(['', ...ids])) {
          for (const all of ['false', 'true']) {
            const target = `/api/v1/plugins?plugin_id=${id}&server_version=${version}&platform=${platform}&return_all_versions=${all}${row}`;
            requests.push({ method: 'GET', target });
          }
        }
      }
    }
  }
  return [...new Map(requests.map((r) => [`${r.method} ${r.target}`, r])).values()];
}
