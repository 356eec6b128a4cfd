import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findPlatformBundles } from '../../src/curation/plugin-store.ts';
import { formOf } from '../../src/curation/requests/fixture-request.ts';
import { parseRequest } from '../../src/curation/requests/parse-request.ts';
import { githubFetch } from '../../src/curation/update/github/github-fetch.ts';
import { listGithubReleases } from '../../src/curation/update/github/list-github-releases.ts';
import { pickAssets } from '../../src/curation/update/pick-assets.ts';
import { sortReleases } from '../../src/curation/update/sort-releases.ts';
import { digestOf } from '../../src/lib/digests.ts';
import { formatProblem } from '../../src/lib/errors.ts';
import type { Web } from '../../src/lib/http/web.ts';
import { readMarketplace } from '../../src/upstream/marketplace/read-marketplace.ts';
import type { Random } from '../random.ts';
import { review } from './catalog-targets.ts';
import { accepted, type FuzzTarget, targetFolder } from './fuzz-target.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { CATALOGS, FULL_ENTRY, fixture, NOW } from './samples.ts';

/** An input is what a server answers: a line of JSON with status and headers, and the body. */
function answer(status: number, headers: object, body: Buffer | string): Buffer {
  return join(Buffer.from(JSON.stringify({ status, headers })), Buffer.from(body));
}

const join = (head: Buffer, body: Buffer) => Buffer.concat([head, Buffer.from('\n'), body]);

function split(input: Buffer) {
  const end = input.indexOf(0x0a);
  return { head: input.subarray(0, end), body: input.subarray(end + 1) };
}

function mutateAnswer(random: Random, sample: Buffer): Buffer {
  const { head, body } = split(sample);
  const isHead = random.chance(0.3);
  const mutated = body[0] === 0x5b ? mutateJson(random, body) : mutateBytes(random, body);
  return join(
    isHead ? mutateJson(random, head) : head,
    isHead && random.chance(0.7) ? body : mutated,
  );
}

/** Secrets that only their own server may receive. */
const TOKEN = 'secret-token';

/** A reader that asks more often never ends: a hundred pages, each requested twice. */
const MOST_REQUESTS = { github: 250, upstream: 2100, store: 20 };

/** A network where everybody gives the same answer, and nobody but `origin` may be shown the token. */
function fakeWeb(input: Buffer, origin: string, mostRequests: number) {
  let asked = 0;
  let breach: string | undefined;
  const web: Web = {
    fetch: async (url, init) => {
      if (++asked > mostRequests) breach = `more than ${mostRequests} requests are made`;
      const isSentSecret = JSON.stringify([url, init?.headers]).includes(TOKEN);
      if (isSentSecret && new URL(url).origin !== origin) breach = `${url} is sent the token`;
      // Readers take what is thrown here for trouble of the network.
      return breach === undefined ? toResponse(input) : new Response('', { status: 404 });
    },
    sleep: async () => {},
    waitsMs: [1],
    stallMs: 5000,
    limitMs: 10_000,
  };
  return { web, assertKept: () => assert.equal(breach, undefined) };
}

/** An answer without anything that no server could send. */
function toResponse(input: Buffer): Response {
  const { head, body } = split(input);
  const { status, headers = {} } = attempt(() => JSON.parse(head.toString())) ?? {};
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers ?? {})) {
    attempt(() => sent.append(name, String(value)));
  }
  const isStatus = Number.isInteger(Number(status)) && status >= 200 && status <= 599;
  const hasBody = ![204, 205, 304].includes(Number(status));
  return new Response(hasBody ? new Uint8Array(body) : null, {
    status: isStatus ? Number(status) : 200,
    headers: sent,
  });
}

function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

const GITHUB = 'https://github.example';
const RELEASES_URL = `${GITHUB}/repos/example/calls/releases?per_page=100`;
const AT = '2024-05-17T14:42:33Z';
const RELEASES = JSON.stringify([
  {
    tag_name: 'v1.2.0',
    draft: false,
    prerelease: false,
    html_url: 'https://github.com/example/calls/releases/tag/v1.2.0',
    published_at: AT,
    assets: ['.tar.gz', '.tar.gz.sig', '-linux-amd64.tar.gz', '-linux-amd64.tar.gz.sig'].map(
      (end) => ({
        name: `calls-1.2.0${end}`,
        browser_download_url: `https://github.com/example/calls/calls${end}`,
        updated_at: AT,
      }),
    ),
  },
]);
const NEXT = `<${GITHUB}/repositories/1/releases?page=2>; rel="next"`;

/** The releases of a repository, from GitHub or a cached answer. */
export async function github(list = listGithubReleases): Promise<FuzzTarget> {
  const { folder: cacheFolder, stop } = await targetFolder();
  const name = digestOf(RELEASES_URL);
  const cached = { url: RELEASES_URL, etag: '"x"', headers: JSON_TYPE, link: null, body: '[]' };
  return {
    samples: [
      answer(200, JSON_TYPE, RELEASES),
      answer(200, { ...JSON_TYPE, link: NEXT, etag: '"x"' }, RELEASES),
      answer(200, { ...JSON_TYPE, link: NEXT.replace(GITHUB, 'https://evil.example') }, RELEASES),
      answer(200, JSON_TYPE, fixture('cases/github-dates/releases.json')),
      answer(429, { 'retry-after': '1' }, '[]'),
      answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767323046' }, '[]'),
      // The body is what an earlier run has kept.
      answer(304, {}, JSON.stringify([cached])),
      answer(304, {}, JSON.stringify([{ ...cached, body: RELEASES }])),
    ],
    mutate: mutateAnswer,
    check: async ([input = Buffer.alloc(0)]) => {
      const { body } = split(input);
      await writeFile(path.join(cacheFolder, `github-${name}.json`), body.subarray(1, -1));
      const { web, assertKept } = fakeWeb(input, GITHUB, MOST_REQUESTS.github);
      const silent = { now: () => NOW, report: () => {} };
      const fetch = githubFetch({ web, origin: GITHUB, cacheFolder, ...silent });
      const connection = { github: GITHUB, token: TOKEN, fetch };
      const releases = await accepted(() => list('example/calls', connection));
      assertKept();
      const repository = { repo: 'example/calls', author: 'community', ignore: ['v0*'] } as const;
      const options = { isKnown: () => false, withPrereleases: true };
      for (const release of sortReleases(repository, releases ?? [], options).lacking) {
        pickAssets(release.assets, release);
        pickAssets(release.assets, { ...release, pattern: '*{version}*.tar.gz' });
      }
    },
    stop,
  };
}

/** A running marketplace that a catalog is laid over. */
export function upstreams(read = readMarketplace): FuzzTarget {
  const url = 'https://marketplace.example';
  return {
    samples: [
      answer(200, JSON_TYPE, JSON.stringify([FULL_ENTRY])),
      ...CATALOGS.slice(1, 3).map((body) => answer(200, JSON_TYPE, body)),
      answer(400, JSON_TYPE, '[]'),
    ],
    mutate: mutateAnswer,
    check: async ([input = Buffer.alloc(0)]) => {
      for (const hasCatalog of [true, false]) {
        const { web, assertKept } = fakeWeb(input, url, MOST_REQUESTS.upstream);
        const fetch: Web['fetch'] = async (asked, init) =>
          hasCatalog || asked.includes('/api/')
            ? await web.fetch(asked, init)
            : new Response('', { status: 404 });
        const taken = await accepted(() => read({ url, web: { ...web, fetch } }));
        assertKept();
        if (taken === undefined) continue;
        taken.warnings.map(formatProblem);
        review(taken.releases);
      }
    },
  };
}

/** The store of bundles and their signatures. */
export function stores(find = findPlatformBundles): FuzzTarget {
  const store = 'https://store.example';
  const release = { store, repo: 'calls', tag: 'v1.2.0' };
  return {
    samples: [
      answer(200, { 'content-length': '4' }, 'sign'),
      answer(200, { 'content-type': 'text/html' }, '<html>'),
      answer(503, { 'retry-after': '1' }, 'later'),
    ],
    mutate: mutateAnswer,
    check: async ([input = Buffer.alloc(0)]) => {
      const platforms = ['linux-amd64', 'darwin-arm64'];
      const { web, assertKept } = fakeWeb(input, store, MOST_REQUESTS.store);
      const bundles = await accepted(() => find(web, release, platforms));
      assertKept();
      for (const { download_url, signature } of Object.values(bundles ?? {})) {
        assert.equal(new URL(download_url).origin, store, 'a bundle lies elsewhere');
        assert.notEqual(signature, '', 'a bundle without a signature is offered');
      }
    },
  };
}

/** Issues that the form made. */
export function requests(parse = parseRequest): FuzzTarget {
  const address = 'https://github.com/Example/plugin.abc.git';
  return {
    samples: [formOf(), formOf({ Repository: address })].map((form) => Buffer.from(form)),
    mutate: mutateBytes,
    check: async ([input]) => {
      const request = await accepted(() => parse(String(input), 'github.com'));
      if (request === undefined) return;
      assert.match(
        request.repository.repo,
        /^[\w-]+\/(?!\.\.?$)[\w.-]+$/,
        'no repository is asked for',
      );
      assert.match(request.tag, /^[!-~]+$/, 'a tag is no word');
    },
  };
}
