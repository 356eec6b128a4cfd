import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { BROWSER_OPTIONS } from '../../test/engines/browser.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from './benchmark.ts';
import { type Spread, spread } from './measure/figures.ts';
import { runProcess } from './measure/processes.ts';

/** Not among the packages of the project: with all that it brings, it has 186 MB. Later ones need Node 22. */
const LIGHTHOUSE = 'lighthouse@12.8.2';

/** A part of Lighthouse's report. */
interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number }>>;
  readonly audits: Readonly<Record<string, { readonly numericValue?: number }>>;
}

/** What Lighthouse says of the main pages, as on its slow phone. */
export async function benchLighthouse(context: BenchContext): Promise<BenchReport> {
  const { runs, signal, buildOf } = context;
  const tables = await measureCatalogs(context, 'lighthouse', async (catalog) => {
    const { dir, pluginIds } = await buildOf(catalog);
    const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
    const rows = [];
    try {
      for (const page of ['', `plugins/${pluginIds[0]}/`, 'about/']) {
        const reports: Report[] = [];
        for (let run = 0; run < runs; run++)
          reports.push(await judge(`${server.url}/${page}`, signal));
        rows.push({ page: `/${page}`, ...summarize(reports) });
      }
    } finally {
      await server.close();
    }
    return { 'Lighthouse, of 100, and what it measures': rows };
  });
  return { tables, notes: [] };
}

async function judge(url: string, signal: AbortSignal): Promise<Report> {
  const { executablePath = '', args = [] } = BROWSER_OPTIONS;
  const { stdout } = await runProcess(
    'env',
    [
      ...[`CHROME_PATH=${executablePath}`, 'npx', '--yes', LIGHTHOUSE, url],
      ...['--quiet', '--output', 'json', `--chrome-flags=${args.join(' ')}`],
    ],
    signal,
  );
  return JSON.parse(stdout);
}

function summarize(reports: readonly Report[]): Readonly<Record<string, Spread>> {
  const score = (name: string) =>
    spread(reports.map(({ categories }) => 100 * (categories[name]?.score ?? 0)));
  const audit = (name: string) =>
    spread(reports.map(({ audits }) => audits[name]?.numericValue ?? 0));
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    bestPractices: score('best-practices'),
    seo: score('seo'),
    largestPaintMs: audit('largest-contentful-paint'),
    blockedMs: audit('total-blocking-time'),
    layoutShift: audit('cumulative-layout-shift'),
  };
}
