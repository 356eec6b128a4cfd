import type { Web } from '../../lib/http/web.ts';
import { WebError } from '../../lib/http/web-error.ts';
import { findBundle, findPlatformBundles, type SignedBundle } from '../plugin-store.ts';

/** The plugin store, as far as it can be reached: for what the releases on GitHub lack. */
export interface StoreLookup {
  /** The bundle for every platform with its signature; null if there is none, or no answer. */
  readonly common: (repo: string, tag: string) => Promise<SignedBundle | null>;
  /** The signed bundles of the platforms that it has. */
  readonly platforms: (
    repo: string,
    tag: string,
    platforms: readonly string[],
  ) => Promise<Readonly<Record<string, SignedBundle>>>;
  /** The store's first failure; it is not asked again after it. */
  readonly failure: () => WebError | undefined;
}

/**
 * Asks a store until it fails: releases can be added without it, and `migrate` asks again later.
 *
 * @param store its address; empty if there is none
 */
export function createStoreLookup(web: Web, store: string): StoreLookup {
  let failure: WebError | undefined;
  const unlessFailed = async <Result>(empty: Result, ask: () => Promise<Result>) => {
    if (store === '' || failure !== undefined) return empty;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof WebError)) throw error;
      failure = error;
      return empty;
    }
  };
  return {
    common: (repo, tag) => unlessFailed(null, () => findBundle(web, { store, repo, tag })),
    platforms: (repo, tag, platforms) =>
      unlessFailed({}, () => findPlatformBundles(web, { store, repo, tag }, platforms)),
    failure: () => failure,
  };
}
