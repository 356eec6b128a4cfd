import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { UserError } from '../../errors.ts';
import { WebError } from '../../web/web-error.ts';
import type { ReleaseAsset } from './pick-assets.ts';

/** A release on GitHub that is published. */
export interface GithubRelease {
  readonly tag: string;
  readonly isPrerelease: boolean;
  readonly assets: readonly ReleaseAsset[];
}

export interface GithubOptions {
  /** The address of the API. */
  readonly github: string;
  /** Empty: GitHub answers, but seldom. */
  readonly token: string;
  readonly fetch: (
    url: string,
    init: { readonly headers: Readonly<Record<string, string>> },
  ) => Promise<Response>;
}

/**
 * The releases of a repository, without drafts.
 *
 * @param repo `owner/name`
 * @throws {UserError} where GitHub does not tell
 */
export async function listGithubReleases(
  repo: string,
  { github, token, fetch }: GithubOptions,
): Promise<GithubRelease[]> {
  const octokit = new (Octokit.plugin(paginateRest))({
    baseUrl: github.replace(/\/+$/, ''),
    request: { fetch },
    ...(token === '' ? {} : { auth: token }),
  });
  const [owner = '', name = ''] = repo.split('/');
  try {
    const releases = await octokit.paginate('GET /repos/{owner}/{repo}/releases', {
      owner,
      repo: name,
      per_page: 100,
    });
    return releases
      .filter(({ draft }) => !draft)
      .map(({ tag_name, prerelease, assets }) => ({
        tag: tag_name,
        isPrerelease: prerelease,
        assets: assets.map((asset) => ({ name: asset.name, url: asset.browser_download_url })),
      }));
  } catch (error) {
    throw explain(error, repo, token !== '');
  }
}

function explain(error: unknown, repo: string, hasToken: boolean): unknown {
  const cause = error instanceof Error && error.cause instanceof WebError ? error.cause : undefined;
  if (cause === undefined) return error;
  switch (cause.status) {
    case 401:
      return new UserError('GitHub refuses the token: put a valid one into GITHUB_TOKEN');
    case 403:
    case 429:
      return new UserError(
        `GitHub does not let ${repo} be read now: ${hasToken ? 'try later, or with another GITHUB_TOKEN' : 'put a token into GITHUB_TOKEN'}`,
      );
    case 404:
      return new UserError(
        `GitHub knows no repository ${repo}: correct it in the settings, or use a GITHUB_TOKEN that may see it`,
      );
    default:
      return cause;
  }
}
