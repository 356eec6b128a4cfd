import type { Browser } from 'playwright-core';

/** What a browser that has nothing of a site yet does with a page. */
export interface PageLoad {
  /** From the start of the navigation until the script has run, so that the list can be searched. */
  readonly usableMs: number;
  /** Bytes that came over the wire until nothing more was asked for, headers too. */
  readonly bytes: number;
  /** Those of the page, its style sheet and its script alone. */
  readonly pageBytes: number;
  readonly requests: number;
}

/** Loads a page in a window of its own, as large as a laptop's. */
export async function loadPage(browser: Browser, url: string): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  const load = (await page.evaluate(`(() => {
    const [page] = performance.getEntriesByType('navigation');
    const others = performance.getEntriesByType('resource');
    const bytesOf = (entries) => entries.reduce((sum, { transferSize }) => sum + transferSize, 0);
    return {
      usableMs: page.domContentLoadedEventEnd,
      bytes: bytesOf([page, ...others]),
      pageBytes: bytesOf([page, ...others.filter(({ name }) => /site\\.(css|js)/.test(name))]),
      requests: 1 + others.length,
    };
  })()`)) as PageLoad;
  await context.close();
  return load;
}
