import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startServer } from '../../../src/hosts/embedded/start-server.ts';
import { BROWSER_OPTIONS } from '../../../test/engines/browser.ts';
import type { BenchContext, Row } from '../benchmark.ts';
import type { BenchCatalog } from '../inputs/builds.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from '../inputs/synthetic-catalog.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { timeInside } from '../time-inside.ts';

/** Few server versions and small releases: answers are not what is measured. */
const SMALL_RELEASES = {
  ...LIKE_PRODUCTION,
  releasesPerPlugin: 2,
  thresholds: 4,
  platformShare: 0,
  words: 400,
  bulk: 0,
};

/** A list as long as the longest real one, and far longer ones. */
const PLUGINS = [40, 1000, 2000];

/** Catalogs that differ only in how many plugins they have. */
export async function makeCatalogs(folder: string): Promise<BenchCatalog[]> {
  const catalogs = PLUGINS.map((plugins) => ({
    name: `made up, ${plugins.toLocaleString('en')}`,
    file: path.join(folder, `of-${plugins}.json`),
    entries: syntheticCatalog({ ...SMALL_RELEASES, plugins }),
  }));
  for (const { file, entries } of catalogs) await writeFile(file, JSON.stringify(entries));
  return catalogs;
}

/** How soon the list can be used on a slow phone, and how long a letter of a search takes; to the first catalog. */
export async function measurePhone(
  catalogs: readonly BenchCatalog[],
  { runs, signal, workDir, report }: BenchContext,
): Promise<Row[]> {
  report('pages: on a phone');
  const servers = new Map<string, Awaited<ReturnType<typeof startServer>>>();
  const browser = await chromium.launch(BROWSER_OPTIONS);
  try {
    for (const { name, file } of catalogs) {
      const dir = path.join(workDir, path.basename(file, '.json'));
      await timeInside('pages', [file, dir], signal);
      servers.set(name, await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 }));
    }
    const entries = [...servers].map(([name, { url }]) => [name, () => visit(browser, url)]);
    const visits = await interleave<Record<string, () => Promise<Visit>>>(
      runs,
      Object.fromEntries(entries),
    );
    const [first = []] = Object.values(visits);
    const figure = (name: string, key: keyof Visit) =>
      (visits[name] ?? []).map((each) => each[key]);
    const ratio = (name: string, key: keyof Visit) =>
      spreadOfRatios(
        figure(name, key),
        first.map((each) => each[key]),
      );
    return catalogs.map(({ name }) => ({
      catalog: name,
      usableMs: spread(figure(name, 'usableMs')),
      usableTo: ratio(name, 'usableMs'),
      searchedMs: spread(figure(name, 'searchedMs')),
      searchedTo: ratio(name, 'searchedMs'),
      letterMs: spread(figure(name, 'letterMs')),
      slowestLetterMs: spread(figure(name, 'slowestLetterMs')),
      sentBytes: spread(figure(name, 'sentBytes')),
    }));
  } finally {
    await browser.close();
    for (const server of servers.values()) await server.close();
  }
}

interface Visit {
  /** From the start of the navigation until the script has run, so that the first plugins are shown and the controls work. */
  readonly usableMs: number;
  /** Until a search that was typed at once has found the last plugin. */
  readonly searchedMs: number;
  /** From a letter until what it finds fills the window: the median, and the longest. */
  readonly letterMs: number;
  readonly slowestLetterMs: number;
  readonly sentBytes: number;
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  // The last name in the order of the list.
  const last = await lastName(url);
  await slowDown(page);
  await page.goto(`${url}/`, { waitUntil: 'domcontentloaded' });
  const searchedMs = Number(
    await page.evaluate(`new Promise((resolve) => {
      const search = document.getElementById('search');
      search.value = ${JSON.stringify(last)};
      search.dispatchEvent(new Event('input', { bubbles: true }));
      const look = () => {
        const [name] = document.querySelectorAll('.card h2');
        const isFound = name?.textContent === search.value;
        if (isFound && !document.querySelector('[aria-busy]')) resolve(performance.now());
        else requestAnimationFrame(look);
      };
      look();
    })`),
  );
  const letters = (await page.evaluate(LETTERS)) as number[];
  const load = (await page.evaluate(`(() => {
    const [page] = performance.getEntriesByType('navigation');
    const all = [page, ...performance.getEntriesByType('resource')];
    return {
      usableMs: page.domContentLoadedEventEnd,
      sentBytes: all.reduce((sum, { transferSize }) => sum + transferSize, 0),
    };
  })()`)) as Pick<Visit, 'usableMs' | 'sentBytes'>;
  await context.close();
  const { median, max } = spread(letters);
  return { ...load, searchedMs, letterMs: median, slowestLetterMs: max };
}

/** Types words letter by letter, and takes from each letter until the next frame is ready. */
const LETTERS = `(async () => {
  const search = document.getElementById('search');
  const times = [];
  for (const word of ['plugin', 'ba do', 'zzzqx', 'a']) {
    for (let length = 1; length <= word.length; length++) {
      await new Promise(requestAnimationFrame);
      const started = performance.now();
      search.value = word.slice(0, length);
      search.dispatchEvent(new Event('input', { bubbles: true }));
      // What the browser has to lay out counts.
      document.body.getBoundingClientRect();
      times.push(performance.now() - started);
    }
  }
  return times;
})()`;

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 562.5,
    downloadThroughput: 1.44e6 / 8,
    uploadThroughput: 675e3 / 8,
  });
}

async function lastName(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/plugins?enterprise_plugins=true&per_page=-1`);
  const releases = (await answer.json()) as { manifest: { name: string } }[];
  return releases.at(-1)?.manifest.name ?? '';
}
