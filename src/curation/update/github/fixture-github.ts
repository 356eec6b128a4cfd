import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import {
  type LoopbackServer,
  serveFiles,
  startLoopback,
} from '../../../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest } from '../../../../test/samples/plugin-bundles.ts';
import { type GithubRelease, listGithubReleases } from './list-github-releases.ts';

/** A release as GitHub's API has it, as far as it is read. */
export interface FakeRelease {
  readonly tag_name: string;
  readonly draft?: boolean;
  readonly prerelease?: boolean;
  readonly html_url?: string;
  readonly published_at?: string;
  /** When the files were uploaded. */
  readonly uploaded_at?: string;
  /** Keyed by name. */
  readonly assets?: Readonly<Record<string, Buffer>>;
}

export interface FakeGithub extends LoopbackServer {
  /** Keyed by `owner/name`; a test may change them. */
  readonly repositories: Record<string, readonly FakeRelease[]>;
  /** The files of the plugin store, which is at `/store` of the same server, keyed by name. */
  readonly store: Record<string, string | Buffer>;
  /** Called before a request to the API is answered; true where it has been. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How many answers were 304. */
  unchanged: number;
}

/** The signature of the bundles of `releaseOf`, and its form in an entry. */
export const SIGNATURE = Buffer.from('signed');
export const BASE64 = SIGNATURE.toString('base64');

/** A release with a signed bundle of the plugin `abc`, named as a plugin's own pipeline names it. */
export async function releaseOf(
  version: string,
  more: Partial<FakeRelease> = {},
): Promise<FakeRelease> {
  const bundle = await makeBundle(makeManifest('abc', version));
  const name = `plugin-abc-v${version}.tar.gz`;
  return {
    tag_name: `v${version}`,
    assets: { [name]: bundle, [`${name}.sig`]: SIGNATURE },
    ...more,
  };
}

/** The releases of a repository, asked for without a cache. */
export async function listFrom(github: FakeGithub, repo: string): Promise<GithubRelease[]> {
  return await listGithubReleases(repo, {
    github: github.url,
    token: '',
    fetch: (url, { headers }) => fetch(url, { headers }),
  });
}

/** Smaller than GitHub's, so that tests have pages. */
const PAGE_SIZE = 3;

/** A server like api.github.com for releases: pages by Link, ETags, and the assets themselves. */
export async function startGithub(
  t: TestContext,
  repositories: Record<string, readonly FakeRelease[]>,
): Promise<FakeGithub> {
  const server = await startLoopback(t, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, kind, owner, name, , asset] = url.pathname.split('/').map(decodeURIComponent);
    const releases = github.repositories[`${owner}/${name}`];
    if (kind === 'assets') {
      const files = releases?.flatMap(({ assets = {} }) => Object.entries(assets)) ?? [];
      const content = files.find(([file]) => file === asset)?.[1];
      response.writeHead(content ? 200 : 404).end(content);
      return;
    }
    if (kind === 'store') {
      const files = Object.entries(github.store).map(([file, body]) => [`/store/${file}`, body]);
      serveFiles(Object.fromEntries(files))(request, response);
      return;
    }
    if (github.intercept(request, response)) return;
    if (kind !== 'repos' || releases === undefined) {
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"message":"Not Found"}');
      return;
    }
    sendPage(request, response, url, toJson(releases, `${owner}/${name}`), github);
  });
  const github: FakeGithub = Object.assign(server, {
    repositories,
    store: {},
    intercept: () => false,
    unchanged: 0,
  });
  const toJson = (releases: readonly FakeRelease[], repo: string) =>
    releases.map(({ assets = {}, uploaded_at, ...release }) => ({
      draft: false,
      prerelease: false,
      ...release,
      assets: Object.keys(assets).map((name) => ({
        name,
        updated_at: uploaded_at,
        browser_download_url: `${github.url}/assets/${repo}/download/${encodeURIComponent(name)}`,
      })),
    }));
  return github;
}

function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  releases: readonly object[],
  github: FakeGithub,
) {
  const page = Number(url.searchParams.get('page') ?? '1');
  const body = JSON.stringify(releases.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE));
  const etag = `W/"${Buffer.from(body).toString('base64url').slice(-40)}-${body.length}"`;
  if (request.headers['if-none-match'] === etag) {
    github.unchanged++;
    response.writeHead(304, { etag }).end();
    return;
  }
  url.searchParams.set('page', String(page + 1));
  const next = `<${github.url}${url.pathname}${url.search}>; rel="next"`;
  const hasNext = page * PAGE_SIZE < releases.length;
  response
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      etag,
      ...(hasNext ? { link: next } : {}),
    })
    .end(body);
}
