import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { z } from 'zod';
import { DATE_TIME } from '../../../catalog/problems/date-time.ts';
import { formatProblem, UserError } from '../../../lib/errors.ts';
import { CHECK_NETWORK, isHtml } from '../../../lib/http/unexpected-answer.ts';
import { WebError } from '../../../lib/http/web-error.ts';
import { describeIssues } from '../../../lib/json/describe-issues.ts';
import type { ReleaseAsset } from '../pick-assets.ts';
import type { GithubRequest } from './github-fetch.ts';

/** A release on GitHub that is published. */
export interface GithubRelease {
  readonly tag: string;
  /** GitHub's flag; the tag may mark it, too. */
  readonly isPrerelease: boolean;
  /** The page of the release; empty if GitHub names none. */
  readonly url: string;
  /** As in RFC 3339; empty if GitHub gives none. */
  readonly publishedAt: string;
  readonly assets: readonly ReleaseAsset[];
}

export interface GithubOptions {
  /** The address of the API. */
  readonly github: string;
  /** Empty: GitHub answers, but seldom. */
  readonly token: string;
  readonly fetch: (url: string, request: GithubRequest) => Promise<Response>;
}

/** GitHub itself lists no more than 10,000 releases, a hundred a page. */
const MOST_PAGES = 100;
/** Limit for all pages of a repository. */
const MOST_BYTES = 256 * 1024 ** 2;

/** The fields of GitHub's API that are read. Those that only add detail may be missing. */
const answeredRelease = z.object({
  tag_name: z.string(),
  draft: z.boolean().optional(),
  prerelease: z.boolean().optional(),
  html_url: z.string().nullish(),
  published_at: z.string().nullish(),
  assets: z.array(
    z.object({
      name: z.string(),
      browser_download_url: z.string(),
      updated_at: z.string().nullish(),
    }),
  ),
});

/**
 * The releases of a repository, without drafts.
 *
 * @param repo `owner/name`
 * @throws {UserError} if GitHub does not list them
 */
export async function listGithubReleases(
  repo: string,
  { github, token, fetch }: GithubOptions,
): Promise<GithubRelease[]> {
  let page = '';
  let pages = 0;
  let mostBytes = MOST_BYTES;
  const fetchPage = async (url: string, { headers }: Pick<GithubRequest, 'headers'>) => {
    page = url;
    if (++pages > MOST_PAGES)
      throw new WebError(url, `is a page more than the ${MOST_PAGES} allowed`);
    const response = await fetch(url, { headers, mostBytes });
    mostBytes -= Number(response.headers.get('content-length'));
    return response;
  };
  const octokit = new (Octokit.plugin(paginateRest))({
    baseUrl: github.replace(/\/+$/, ''),
    request: { fetch: fetchPage },
    ...(token === '' ? {} : { auth: token }),
  });
  const [owner = '', name = ''] = repo.split('/');
  try {
    const answers = octokit.paginate.iterator('GET /repos/{owner}/{repo}/releases', {
      owner,
      repo: name,
      per_page: 100,
    });
    const releases: z.infer<typeof answeredRelease>[] = [];
    for await (const { data } of answers) releases.push(...readReleases(data, page));
    return releases
      .filter(({ draft }) => !draft)
      .map((release) => ({
        tag: release.tag_name,
        isPrerelease: release.prerelease ?? false,
        url: webAddressOf(release.html_url),
        publishedAt: momentOf(release.published_at),
        assets: release.assets.map((asset) => ({
          name: asset.name,
          url: asset.browser_download_url,
          updatedAt: momentOf(asset.updated_at),
        })),
      }));
  } catch (error) {
    throw explain(error, repo, token !== '');
  }
}

/** @throws {UserError} where something else is in the list */
function readReleases(answered: unknown, url: string) {
  const parsed = z.array(answeredRelease).safeParse(answered, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [problem] = describeIssues(parsed.error, '');
  throw new WebError(
    url,
    `answers with a list of something else than releases: ${problem && formatProblem(problem)} — check the address of GitHub's API`,
  );
}

function webAddressOf(url: string | null | undefined): string {
  return url && /^https?:\/\//.test(url) && URL.canParse(url) ? url : '';
}

function momentOf(text: string | null | undefined): string {
  return text && DATE_TIME.test(text) ? text : '';
}

function explain(error: unknown, repo: string, hasToken: boolean): unknown {
  const cause = error instanceof Error && error.cause instanceof WebError ? error.cause : undefined;
  if (cause === undefined) return error;
  // A page for people, from a sign-in or a proxy, is not an answer of GitHub.
  const { status = 0, headers } = cause;
  if (headers && isHtml(headers) && ((status >= 400 && status < 500) || status === 511)) {
    return new UserError(`${cause.message}, with a web page — ${CHECK_NETWORK}`);
  }
  switch (cause.status) {
    case 401:
      return new UserError('GitHub refuses the token: put a valid one into GITHUB_TOKEN');
    case 403:
    case 429:
      return new UserError(
        `GitHub refuses to list ${repo} now: ${hasToken ? 'try later, or with another GITHUB_TOKEN' : 'put a token into GITHUB_TOKEN'}`,
      );
    case 404:
      return new UserError(
        `GitHub knows no repository ${repo}: correct it in the settings, or use a GITHUB_TOKEN that may see it`,
      );
    default:
      return cause;
  }
}
