import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import { askOrigin, routeAtEdge } from '../../test/aws/ask-site.ts';
import type { AwsState } from '../../test/aws/aws-state.ts';
import type { EdgeCode } from '../../test/aws/edge-code.ts';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../test/aws/start-fake-aws.ts';
import { PLAIN_SITE } from '../../test/sites/plain-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { digestOf } from '../lib/digests.ts';
import type { BuildSettings } from '../settings/build-settings.ts';
import { buildSite } from '../site/build-site.ts';
import { Bucket } from './aws/bucket.ts';
import { EdgeFunction } from './aws/edge-function.ts';
import type { Target } from './aws/target.ts';
import { type ViewerRequest, viewerRequests } from './aws/viewer-requests.ts';
import { type DeployOptions, deploy } from './deploy.ts';
import { askRouter, expectAnswer, type ViewerAnswer } from './probe/expect-answer.ts';
import type { ProbeOptions } from './probe/site-probe.ts';
import { type Build, readBuild } from './read-build.ts';
import { idOfRouter } from './records/object-keys.ts';

/** Names in the server. */
export const BUCKET = 'marketplace';
export const FUNCTION = 'router';
export const DISTRIBUTION = 'E1TEST';

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

/** Builds a catalog into a folder that is removed with the test. */
export async function makeBuild(
  t: TestContext,
  releases: readonly object[],
  compress: BuildSettings['compress'] = 'off',
): Promise<Build> {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-publish-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const out = path.join(folder, 'dist');
  await buildSite({
    releases: parseCatalog(JSON.stringify(releases), 'test.json').releases,
    out,
    compress,
    pageSizes: [100],
    search: false,
    everyPageSize: false,
    maxFiles: 1000,
    maxBytes: 1e9,
    routerBytes: 10_000,
    ...PLAIN_SITE,
    buildTag: '',
    buildHash: '',
  });
  return readBuild(out);
}

/** The builds of `CATALOGS`. */
export async function makeBuilds(t: TestContext) {
  const [first, second, third] = await Promise.all([
    makeBuild(t, CATALOGS.first),
    makeBuild(t, CATALOGS.second),
    makeBuild(t, CATALOGS.third),
  ]);
  return { first, second, third };
}

/** A server of AWS's that lives as long as the test; empty, or in a given state. */
export async function startAws(
  t: TestContext,
  options: Partial<FakeAwsOptions> & { readonly state?: AwsState } = {},
): Promise<FakeAws> {
  const setup = { bucket: BUCKET, function: FUNCTION, distribution: DISTRIBUTION };
  const aws = await startFakeAws({ ...setup, ...options });
  t.after(() => aws.close());
  return aws;
}

/** What a client publishes to. */
export function targetOf(aws: FakeAws, client = aws.credentials.accessKeyId): Target {
  const options = {
    endpoint: aws.url,
    region: aws.region,
    credentials: aws.credentialsOf(client),
    maxAttempts: 8,
  };
  return {
    bucket: new Bucket(new S3Client({ ...options, forcePathStyle: true }), BUCKET),
    edge: new EdgeFunction(new CloudFrontClient(options), FUNCTION),
  };
}

/** Asks the site of a server, without waiting between two looks. */
export function probeOf(aws: FakeAws): ProbeOptions {
  let nowMs = 0;
  return {
    siteUrl: aws.siteUrl,
    fetch,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    patienceMs: 60_000,
  };
}

/** Deploys a build with what tests want to be the rest. */
export function deployTo(aws: FakeAws, build: Build, more: Partial<DeployOptions> = {}) {
  return deploy({ target: targetOf(aws), build, concurrency: 4, isForced: false, ...more });
}

/** How often each operation was asked for, by name. */
export function countOperations(aws: FakeAws): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of aws.requests) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** The snapshot that is live in a state. */
export function liveIdOf(state: AwsState): string | null {
  return idOfRouter(state.function.stages.LIVE.code.source);
}

/** Checks that a site answers every kind of request from one of some builds, the one whose router is live. */
export class SiteWitness {
  readonly #requests: readonly ViewerRequest[];
  readonly #expected: ReadonlyMap<string | null, readonly ViewerAnswer[]>;
  readonly #routes = new Map<EdgeCode, ReturnType<typeof routeAtEdge>[]>();
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
    assert.ok(expected, `DESIGN.md, invariant 7: ${liveId} is live ${when}`);
    const routes = this.#route(state.function.stages.LIVE.code);
    for (const [i, { method, target }] of this.#requests.entries()) {
      const routed = routes[i] as ReturnType<typeof routeAtEdge>;
      const { status, body } = 'answer' in routed ? routed.answer : askOrigin(state, routed.uri);
      this.answers++;
      assert.deepEqual(
        { status, sha256: this.#digest(body) },
        expected[i],
        `DESIGN.md, invariant 7: ${method} ${target} ${when}, ${liveId} is live`,
      );
    }
  }

  /** A function is pure, so it is asked once for each request, and not again in every state. */
  #route(code: EdgeCode) {
    const known = this.#routes.get(code);
    if (known) return known;
    const routes = this.#requests.map((request) => routeAtEdge(code, request));
    this.#routes.set(code, routes);
    return routes;
  }

  #digest(body: Buffer): string {
    const digest = this.#digests.get(body) ?? digestOf(body);
    this.#digests.set(body, digest);
    return digest;
  }
}

/** What stands for all in each build, and every combination of what real servers send. */
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
