import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../../lib/errors.ts';
import type { RoutingTable } from '../../../router/table/routing-table.ts';
import type { Router } from '../../../snapshot/table/make-router.ts';
import { fingerprintSite, loadSite, type Site } from './load-site.ts';

/** The options of `LiveSite.open`. */
export interface LiveSiteOptions {
  readonly dir: string;
  /** Whether a build that answers everybody is refused. */
  readonly isPrivate?: boolean;
  /** How often to look at the folder; 0: it is reloaded on demand only. */
  readonly pollMs: number;
  /** Gets a line about each new build, and why one was refused. */
  readonly report: (line: string) => void;
  /** Makes the router of a table. Default: our own. */
  readonly route?: ((table: RoutingTable) => Router) | undefined;
  /** Restores the build that a process which died had moved aside; called if the folder has no build. */
  readonly recover?: () => Promise<void>;
}

/**
 * Replacing a folder takes two renames, and between them it does not exist. So loading is retried after these pauses, one
 * second in all.
 */
const PATIENCE_MS = [5, 15, 60, 220, 700];

/**
 * The site that is served, and its replacement by newer builds. An answer takes `current` once and stays with it, so that no
 * answer mixes two builds.
 */
export class LiveSite {
  readonly #options: LiveSiteOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #current: Site;
  /** The fingerprint of a build that was refused, so that it is reported once. */
  #refused: string | undefined;
  #loading: Promise<void> | undefined;
  #loadingNext: Promise<void> | undefined;
  #isLooking = false;

  private constructor(options: LiveSiteOptions, site: Site) {
    this.#options = options;
    this.#current = site;
    if (options.pollMs > 0) {
      this.#timer = setInterval(() => void this.#look(), options.pollMs).unref();
    }
  }

  /** @throws {UserError} if there is no build in the folder */
  static async open(options: LiveSiteOptions): Promise<LiveSite> {
    return new LiveSite(options, await loadOrRecover(options));
  }

  get current(): Site {
    return this.#current;
  }

  /**
   * Loads the build that is in the folder now. Calls during a load share the next one, because the running one may have
   * read the folder before.
   *
   * @throws {UserError} if it is not a build; the old site stays
   */
  reload(): Promise<void> {
    if (this.#loading === undefined) return this.#startLoading();
    this.#loadingNext ??= this.#loading
      .catch(() => {})
      .then(() => {
        this.#loadingNext = undefined;
        return this.#startLoading();
      });
    return this.#loadingNext;
  }

  /**
   * Loads a newer build, if there is one, after a file of `stale` was missing. If it is refused, reports that and keeps
   * the old one.
   */
  async renew(stale: Site): Promise<void> {
    if (this.#current !== stale) return;
    const fingerprint = await fingerprintSite(this.#options.dir, stale.id);
    if (fingerprint === this.#current.fingerprint) this.#refused = undefined;
    else if (fingerprint !== this.#refused) await this.#tryReload(fingerprint);
  }

  /** Stops looking at the folder. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.renew(this.#current);
    this.#isLooking = false;
  }

  async #tryReload(fingerprint: string): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      if (this.#refused === fingerprint) return;
      this.#refused = fingerprint;
      const reason = error instanceof UserError ? error.message : String(error);
      this.#options.report(
        `Still serving snapshot ${this.#current.id}; the new build is refused: ${reason}`,
      );
    }
  }

  #startLoading(): Promise<void> {
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    const before = this.#current;
    this.#current = await this.#loadPatiently();
    this.#refused = undefined;
    if (this.#current.id !== before.id) {
      this.#options.report(`Now serving snapshot ${this.#current.id}`);
    }
  }

  async #loadPatiently(): Promise<Site> {
    for (const pauseMs of PATIENCE_MS) {
      try {
        return await load(this.#options);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await sleep(pauseMs);
      }
    }
    return await loadOrRecover(this.#options);
  }
}

/** @throws {UserError} if there is no build, and none to restore */
async function loadOrRecover(options: LiveSiteOptions): Promise<Site> {
  const { recover } = options;
  try {
    return await load(options);
  } catch (error) {
    if (recover === undefined || !(error instanceof UserError)) throw error;
    // If that fails, loading reports why.
    await recover().catch(() => {});
    return await load(options);
  }
}

const load = ({ dir, route, isPrivate }: LiveSiteOptions) => loadSite(dir, route, isPrivate);
