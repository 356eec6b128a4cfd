import { after, before } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { applyNotices, noticesInEffect } from '../../src/catalog/notices/apply-notices.ts';
import type { Notice } from '../../src/catalog/notices/notice.ts';
import type { Release } from '../../src/catalog/release.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { skipWithoutApache, startApache } from '../engines/apache.ts';
import {
  BROWSER_OPTIONS,
  openPage,
  skipWithoutChromium,
  type WatchedPage,
} from '../engines/browser.ts';
import { skipWithoutNginx, startNginx } from '../engines/nginx.ts';
import { type BuiltSite, builtSite } from './built-site.ts';

/** A website that is served. */
export interface ServedSite {
  readonly url: string;
  stop(): Promise<void>;
}

/** Builds a catalog with what is always published. */
export async function buildPages(
  releases: readonly Release[],
  notices: readonly Notice[] = [],
): Promise<BuiltSite> {
  const settings = { search: false, everyPageSize: false, pageSizes: [100] };
  const apply = applyNotices(notices);
  const offered = releases.flatMap((release) => apply(release) ?? []);
  return await builtSite(offered, 'gzip', settings, noticesInEffect(notices, releases));
}

/** By the embedded server. */
export async function serveEmbedded(out: string): Promise<ServedSite> {
  const { url, close } = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  return { url, stop: close };
}

interface PageServer {
  readonly name: string;
  readonly skip: string | false;
  readonly start: (out: string) => Promise<ServedSite>;
}

/** The servers whose pages are looked at in a browser. */
export const PAGE_SERVERS: readonly PageServer[] = [
  { name: 'the embedded server', skip: skipWithoutChromium, start: serveEmbedded },
  {
    name: 'nginx with rules',
    skip: skipWithoutChromium || skipWithoutNginx,
    start: (out) => startNginx(out, undefined, false),
  },
  { name: 'Apache', skip: skipWithoutChromium || skipWithoutApache, start: startApache },
];

/** The web pages of a catalog, built and served once for all tests of a file, and a browser. */
export interface ServedPages {
  /** Of a server of `PAGE_SERVERS`. */
  urlOf(server: string): string;
  /** Opens an address below the root of the website. */
  open(server: string, address: string, options?: BrowserContextOptions): Promise<WatchedPage>;
}

/** Serves the web pages of a catalog while the tests of the file run. */
export function servePages(
  releases: readonly Release[],
  names: readonly string[] = PAGE_SERVERS.map(({ name }) => name),
  notices: readonly Notice[] = [],
): ServedPages {
  const sites = new Map<string, ServedSite>();
  const runnable = PAGE_SERVERS.filter(({ name, skip }) => skip === false && names.includes(name));
  let built: BuiltSite | undefined;
  let browser: Browser | undefined;

  before(async () => {
    if (runnable.length === 0) return;
    built = await buildPages(releases, notices);
    for (const { name, start } of runnable) sites.set(name, await start(built.out));
    browser = await chromium.launch(BROWSER_OPTIONS);
  });
  after(async () => {
    await browser?.close();
    for (const { stop } of sites.values()) await stop();
    await built?.remove();
  });

  const urlOf = (server: string) => sites.get(server)?.url ?? '';
  return {
    urlOf,
    open: (server, address, options) =>
      openPage(browser as Browser, `${urlOf(server)}/${address}`, options),
  };
}
