import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spread } from '../measure/spread.ts';
import type { LoadFigures, ServerFigures } from '../serve/serve-figures.ts';
import { serveChart } from './serve-chart.ts';

const server = (perSecond: number): ServerFigures => ({
  requestsPerSecond: spread([perSecond]),
  p50Ms: spread([1]),
  p99Ms: spread([5]),
  cpuMicroseconds: spread([1e6 / perSecond]),
  bytes: 4400,
});

const load = (acceptsGzip: boolean, factor: number): LoadFigures => ({
  acceptsGzip,
  servers: {
    files: server(40_000 * factor),
    nginx: server(20_000 * factor),
    embedded: server(8000 * factor),
    dynamic: server(1000 * factor),
  },
  ratios: [],
});

test('a chart has a bar for each server of each catalog, as long as it is fast with gzip', () => {
  const figures = ['shipped', 'real'].map((name) => ({
    catalog: { name, file: `/${name}.json` },
    loads: [load(true, 1), load(false, 0.1)],
  }));
  const svg = serveChart(figures);
  const widths = (name: string) =>
    [...svg.matchAll(new RegExp(`class="${name}"[^>]* width="([\\d.]+)"`, 'g'))].map(([, width]) =>
      Number(width),
    );
  assert.equal(widths('files').length, 2);
  assert.equal((widths('files')[0] ?? 0) / (widths('nginx')[0] ?? 1), 2);
  assert.match(svg, />20,000<tspan[^>]*>×20</);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});
