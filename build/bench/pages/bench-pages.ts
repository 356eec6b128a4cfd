import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { startServer } from '../../../src/hosts/embedded/start-server.ts';
import { BROWSER_OPTIONS } from '../../../test/engines/browser.ts';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from '../inputs/synthetic-catalog.ts';
import { interleave } from '../measure/interleave.ts';
import { runProgram } from '../measure/run-process.ts';
import { formatNumber, formatSpread, spread, spreadOfRatios } from '../measure/spread.ts';
import { loadPage } from './load-page.ts';
import type { PagesTimes } from './time-pages.ts';

type PagesFigures = Awaited<ReturnType<typeof measure>>;

/** Far more than any marketplace has; with few server versions and small releases, for the answers are not what is measured. */
const LARGE = {
  ...LIKE_PRODUCTION,
  plugins: 2000,
  releasesPerPlugin: 2,
  thresholds: 4,
  platformShare: 0,
  words: 400,
  bulk: 0,
};

/** Measures what pages add to a build, what they weigh, and how soon the list can be used in Chromium. */
export async function benchPages(context: BenchContext): Promise<BenchReport> {
  const large = path.join(context.workDir, 'of-2000.json');
  await writeFile(large, JSON.stringify(syntheticCatalog(LARGE)));
  const figures: PagesFigures[] = [];
  for (const catalog of [...context.catalogs, { name: 'made up, 2,000', file: large }]) {
    context.say(`pages: ${catalog.name}`);
    figures.push(await measure(catalog, context));
  }
  return {
    figures,
    text: [
      'pages: making them, in a build of what is always published, against the rest of it\n',
      formatTable(figures.map(describeBuild)),
      'pages: the list in Chromium, nothing of it known, against the page about the marketplace\n',
      formatTable(figures.map(describeList)),
    ].join(''),
  };
}

async function measure(catalog: BenchCatalog, { runs, signal, workDir }: BenchContext) {
  const out = path.join(workDir, 'pages');
  const { times } = await interleave(runs, {
    times: async () => {
      const args = [catalog.file, out];
      const { stdout } = await runProgram('build/bench/pages/time-pages.ts', args, signal);
      return JSON.parse(stdout) as PagesTimes;
    },
  });
  const loads = await loadPages(out, runs);
  await rm(out, { recursive: true, force: true });
  const [{ plugins, files, bytes }] = times as [PagesTimes];
  const pagesMs = times.map((time) => time.pagesMs);
  const usableMs = (name: keyof typeof loads) => loads[name].map((load) => load.usableMs);
  const [first] = loads.list;
  return {
    catalog,
    plugins,
    files,
    bytes,
    pagesMs: spread(pagesMs),
    buildRatio: spreadOfRatios(
      pagesMs,
      times.map((time) => time.othersMs),
    ),
    listBytes: first?.bytes ?? 0,
    listPageBytes: first?.pageBytes ?? 0,
    listRequests: first?.requests ?? 0,
    usableMs: spread(usableMs('list')),
    usableRatio: spreadOfRatios(usableMs('list'), usableMs('about')),
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

function describeBuild(figures: PagesFigures) {
  return {
    catalog: figures.catalog.name,
    plugins: String(figures.plugins),
    files: String(figures.files),
    bytes: formatBytes(figures.bytes),
    ms: formatNumber(figures.pagesMs.median),
    'to the rest': formatSpread(figures.buildRatio),
  };
}

function describeList(figures: PagesFigures) {
  return {
    catalog: figures.catalog.name,
    requests: String(figures.listRequests),
    'sent in all': formatBytes(figures.listBytes),
    'page, style, script': formatBytes(figures.listPageBytes),
    'usable after, ms': formatSpread(figures.usableMs),
    'to about': formatSpread(figures.usableRatio),
  };
}
