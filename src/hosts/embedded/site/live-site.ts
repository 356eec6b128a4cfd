import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../../lib/errors.ts';
import type { RoutingTable } from '../../../router/table/routing-table.ts';
import type { Router } from '../../../snapshot/table/make-router.ts';
import { fingerprintSite, loadSite, type Site } from './load-site.ts';

/** What goes into `LiveSite.open`. */
export interface LiveSiteOptions {
  readonly dir: string;
  /** Between two looks at the folder; 0: none, it is reloaded on demand only. */
  readonly pollMs: number;
  /** Told of new builds, and why one was refused; one line each. */
  readonly report: (line: string) => void;
  /** What routes requests by a table; where it is missing, our own router. */
  readonly route?: ((table: RoutingTable) => Router) | undefined;
  /** Brings back what a build that died had moved aside; called where the folder holds no build. */
  readonly recover?: () => Promise<void>;
}

/**
 * A folder is replaced by two renames, and between them there is none; so a build that cannot be
 * loaded is tried again after these pauses, a second in all.
 */
const patienceMs = [5, 15, 60, 220, 700];

/**
 * The site that is served, and its replacement by a newer build under way. Whoever answers a
 * request takes `current` once and stays with it, so that no answer mixes two builds.
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

  /** @throws UserError where there is no build in the folder. */
  static async open(options: LiveSiteOptions): Promise<LiveSite> {
    return new LiveSite(options, await loadOrRecover(options));
  }

  get current(): Site {
    return this.#current;
  }

  /**
   * Loads what is in the folder now. Of several calls at once, those that come too late to be sure
   * of the load under way share the one after it.
   *
   * @throws UserError where that is no build; the old site stays.
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
   * After `stale` turned out to lack a file: loads a newer build, if there is one. A build that is
   * refused is reported, and the old one stays.
   */
  async renew(stale: Site): Promise<void> {
    if (this.#current !== stale) return;
    const fingerprint = await fingerprintSite(this.#options.dir);
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
    if (this.#current.id !== before.id)
      this.#options.report(`Now serving snapshot ${this.#current.id}`);
  }

  async #loadPatiently(): Promise<Site> {
    for (const pauseMs of patienceMs) {
      try {
        return await loadSite(this.#options.dir, this.#options.route);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await sleep(pauseMs);
      }
    }
    return await loadOrRecover(this.#options);
  }
}

/** @throws UserError where there is no build, and none to bring back. */
async function loadOrRecover({ dir, route, recover }: LiveSiteOptions): Promise<Site> {
  try {
    return await loadSite(dir, route);
  } catch (error) {
    if (recover === undefined || !(error instanceof UserError)) throw error;
    // Where it fails, loading tells what is the matter.
    await recover().catch(() => {});
    return await loadSite(dir, route);
  }
}
