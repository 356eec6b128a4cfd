import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { startServer } from '../../../src/hosts/embedded/start-server.ts';
import { BROWSER_OPTIONS } from '../../../test/engines/browser.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from '../benchmark.ts';
import type { BenchCatalog } from '../inputs/builds.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { timeInside } from '../time-inside.ts';
import { makeCatalogs, measurePhone } from './measure-phone.ts';

/** Measures what web pages add to a build, what they weigh, and how soon the list can be used in Chromium, on a phone too. */
export async function benchPages(context: BenchContext): Promise<BenchReport> {
  const large = await makeCatalogs(context.workDir);
  const catalogs = [...context.catalogs, ...large.slice(-1)];
  const tables = await measureCatalogs({ ...context, catalogs }, 'pages', async (catalog) => {
    const { making, loading } = await measure(catalog, context);
    return {
      'making them, to the rest of a build of what is always published': making,
      'the list in Chromium with an empty cache, to the page about the marketplace': loading,
    };
  });
  const phone = await measurePhone(large, context);
  return {
    tables: { ...tables, [`the list on a slow phone, to that of ${large[0]?.name}`]: phone },
    notes: [
      'slow phone: 360 by 740, a processor 4 times slower, slow 4G (1.44 Mbit/s, 563 ms); a search typed at once finds the last plugin',
    ],
  };
}

async function measure(catalog: BenchCatalog, { runs, signal, workDir }: BenchContext) {
  const out = path.join(workDir, 'pages');
  const { times } = await interleave(runs, {
    times: () => timeInside('pages', [catalog.file, out], signal),
  });
  const { list, about } = await loadPages(out, runs);
  await rm(out, { recursive: true, force: true });
  const [{ plugins, pageFiles, pageBytes }] = times as [(typeof times)[number]];
  const [{ requests, sentBytes, frameBytes }] = list as [PageLoad];
  const [pagesMs, othersMs] = [
    times.map((each) => each.pagesMs),
    times.map((each) => each.othersMs),
  ];
  const [listMs, aboutMs] = [list.map((each) => each.usableMs), about.map((each) => each.usableMs)];
  return {
    making: {
      plugins,
      pageFiles,
      pageBytes,
      pagesMs: spread(pagesMs),
      toTheRest: spreadOfRatios(pagesMs, othersMs),
    },
    loading: {
      requests,
      sentBytes,
      frameBytes,
      usableMs: spread(listMs),
      toAbout: spreadOfRatios(listMs, aboutMs),
    },
  };
}

async function loadPages(dir: string, runs: number) {
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  const browser = await chromium.launch(BROWSER_OPTIONS);
  try {
    // The first window of a browser is slower than any other.
    await loadPage(browser, `${server.url}/about/`);
    return await interleave(runs, {
      list: () => loadPage(browser, `${server.url}/`),
      about: () => loadPage(browser, `${server.url}/about/`),
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

interface PageLoad {
  /** From the start of the navigation until the script has run, so that the list can be searched. */
  readonly usableMs: number;
  readonly requests: number;
  /** Over the wire until nothing more was asked for, with headers. */
  readonly sentBytes: number;
  /** The page, its style sheet and its script alone. */
  readonly frameBytes: number;
}

/** Loads a page in a window of its own, as large as a laptop's. */
async function loadPage(browser: Browser, url: string): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  const load = (await page.evaluate(`(() => {
    const [page] = performance.getEntriesByType('navigation');
    const others = performance.getEntriesByType('resource');
    const bytesOf = (entries) => entries.reduce((sum, { transferSize }) => sum + transferSize, 0);
    return {
      usableMs: page.domContentLoadedEventEnd,
      requests: 1 + others.length,
      sentBytes: bytesOf([page, ...others]),
      frameBytes: bytesOf([page, ...others.filter(({ name }) => /files.\\w+.[12]$/.test(name))]),
    };
  })()`)) as PageLoad;
  await context.close();
  return load;
}
