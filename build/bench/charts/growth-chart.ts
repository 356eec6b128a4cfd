import { formatBytes } from '../../site/summarize.ts';
import type { GrowthFigures } from '../growth/growth-figures.ts';
import type { GrowthSetting } from '../growth/growth-settings.ts';
import { formatNumber } from '../measure/spread.ts';
import { drawChart, round } from './chart-style.ts';

/** What is drawn of a catalog. */
interface Point {
  readonly size: number;
  readonly value: number;
}

/** A little chart of one figure over the size of the catalog. */
interface Panel {
  readonly title: string;
  /** Undefined where it was not measured. */
  readonly valueOf: (figures: GrowthFigures) => number | undefined;
  readonly format: (value: number) => string;
  /** A value that should not be passed, and what it is. */
  readonly limit?: readonly [number, string];
}

const PANELS: readonly Panel[] = [
  { title: 'Answers (files)', valueOf: ({ times }) => times.answers, format: formatCount },
  { title: 'Bytes of answers', valueOf: ({ times }) => times.bytes, format: formatSize },
  {
    title: 'Router, bytes',
    valueOf: ({ times }) => times.routerBytes,
    format: formatCount,
    limit: [10_000, 'CloudFront: 10,000'],
  },
  {
    title: 'Plan, CPU seconds',
    valueOf: ({ times }) => times.planCpuMs / 1000,
    format: formatSeconds,
  },
  {
    title: 'Write, seconds',
    valueOf: ({ times }) => times.written && times.written.ms / 1000,
    format: formatSeconds,
  },
  {
    title: 'Peak memory',
    valueOf: ({ times }) => times.written?.peakBytes ?? times.planPeakBytes,
    format: formatSize,
  },
];

const LINES: readonly { setting: GrowthSetting; name: string; marker: 'circle' | 'square' }[] = [
  { setting: 'always', name: 'what is always published', marker: 'circle' },
  { setting: 'default', name: 'default settings and budget', marker: 'square' },
];

const WIDTH = 800;
const HEIGHT = 560;
const COLUMNS = 3;
const CELL = { width: 264, height: 238, top: 78 } as const;
/** Of a panel's axes, inside its cell. */
const PLOT = { left: 56, top: 34, width: 186, height: 150 } as const;

const STYLE = `
  .value { font-size: 11px; font-weight: 600; }
  .halo { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }
  .guide { stroke: #8c959f; stroke-dasharray: 2 4; fill: none; }
  .limit { stroke: #cf222e; stroke-dasharray: 6 3; fill: none; }
  .limit-name { fill: #cf222e; font-size: 11px; }
  .always { stroke: #0969da; } .default { stroke: #bc4c00; }
  .line { fill: none; stroke-width: 2; }
  .marker { fill: #fff; stroke-width: 2; }
  .value.always { fill: #0969da; } .value.default { fill: #bc4c00; }
  .value { stroke: none; }
  .value.halo { stroke: #fff; }
  @media (prefers-color-scheme: dark) {
    .marker { fill: #0d1117; } .halo, .value.halo { stroke: #0d1117; }
    .guide { stroke: #6e7781; }
    .limit { stroke: #ff7b72; } .limit-name { fill: #ff7b72; }
    .always { stroke: #58a6ff; } .default { stroke: #f0883e; }
    .value.always { fill: #58a6ff; } .value.default { fill: #f0883e; }
  }
`;

/** Draws figures over the size of the catalog, both axes logarithmic, as SVG that suits a light page and a dark one. */
export function growthChart(figures: readonly GrowthFigures[]): string {
  const panels = PANELS.map((panel, number) => {
    const x = (number % COLUMNS) * CELL.width;
    const y = CELL.top + Math.floor(number / COLUMNS) * CELL.height;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, figures)}</g>\n`;
  });
  return drawChart({
    width: WIDTH,
    height: HEIGHT,
    heading: 'What a build costs as the catalog grows',
    label: 'Costs of a build over the size of the catalog',
    style: STYLE,
    content: `${drawLegend()}${panels.join('')}`,
  });
}

function drawLegend(): string {
  const entries = LINES.map(({ setting, name, marker }, number) => {
    const x = 20 + number * 205;
    return (
      `<path class="line ${setting}" d="M${x} 50h28"/>${drawMarker(marker, setting, x + 14, 50)}` +
      `<text x="${x + 36}" y="54">${name}</text>\n`
    );
  });
  const guide = `<path class="guide" d="M450 50h28"/><text x="486" y="54">in proportion to the catalog (log–log axes)</text>\n`;
  return entries.join('') + guide;
}

function drawPanel(panel: Panel, figures: readonly GrowthFigures[]): string {
  const { left, top, width, height } = PLOT;
  const sizes = [...new Set(figures.map(({ size }) => size))].sort((a, b) => a - b);
  const lines = LINES.map((line) => ({
    ...line,
    points: figures.flatMap((each) => {
      const value = each.setting === line.setting ? panel.valueOf(each) : undefined;
      return value === undefined ? [] : [{ size: each.size, value }];
    }),
  }));
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  if (panel.limit) values.push(panel.limit[0]);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const [smallest, largest] = [sizes[0] ?? 1, Math.max(sizes.at(-1) ?? 10, 2)];
  const x = (size: number) =>
    left + 8 + ((width - 16) * Math.log(size / smallest)) / Math.log(largest / smallest);
  const y = (value: number) => top + height - (height * (Math.log10(value) - low)) / (high - low);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));

  const grid = decades.map(
    (value) =>
      `<path class="grid" d="M${left} ${round(y(value))}h${width}"/>` +
      `<text x="${left - 6}" y="${round(y(value) + 4)}" text-anchor="end">${panel.format(value)}</text>\n`,
  );
  const ticks = sizes.map(
    (size) =>
      `<path class="grid" d="M${round(x(size))} ${top}v${height}"/>` +
      `<text x="${round(x(size))}" y="${top + height + 16}" text-anchor="middle">${size}×</text>\n`,
  );
  const first = lines.find(({ points }) => points.length > 0)?.points[0];
  const end = first && Math.min(largest, (first.size * 10 ** high) / first.value);
  const guide =
    first && end
      ? `<path class="guide" d="M${round(x(first.size))} ${round(y(first.value))}L${round(x(end))} ${round(y((first.value * end) / first.size))}"/>\n`
      : '';
  const limit = panel.limit
    ? `<path class="limit" d="M${left} ${round(y(panel.limit[0]))}h${width}"/>` +
      `<text class="limit-name halo" x="${left + width - 2}" y="${round(y(panel.limit[0]) + 14)}" text-anchor="end">${panel.limit[1]}</text>\n`
    : '';
  const drawn = lines.filter(({ points }) => points.length > 0);
  const allPoints = drawn.map(({ points }) => points);
  const endTexts = drawn.map(({ points }) => panel.format(points.at(-1)?.value ?? 1));
  const curves = drawn.map(({ setting, marker, points }, number) => {
    const at = points.map(({ size, value }) => [round(x(size)), round(y(value))] as const);
    const last = points.at(-1);
    const markers = at.map(([px, py]) => drawMarker(marker, setting, px, py)).join('');
    const isToldAbove = number > 0 && endTexts[number] === endTexts[number - 1];
    const label =
      last && !isToldAbove
        ? `<text class="value halo ${setting}" x="${round(x(last.size))}" y="${round(y(last.value) + (endsAbove(points, allPoints) ? -9 : 18))}" text-anchor="end">${panel.format(last.value)}</text>`
        : '';
    return `<path class="line ${setting}" d="M${at.map((point) => point.join(' ')).join('L')}"/>${markers}${label}\n`;
  });
  return [
    `<text class="title" x="${left}" y="20">${panel.title}</text>\n`,
    ...grid,
    ...ticks,
    `<text x="${left + width / 2}" y="${top + height + 33}" text-anchor="middle">size of the catalog</text>\n`,
    guide,
    limit,
    ...curves,
  ].join('');
}

/** Whether a line ends above all others, so that its last value is written above it and not below. */
function endsAbove(points: readonly Point[], lines: readonly (readonly Point[])[]): boolean {
  const last = points.at(-1);
  return lines.every((others) => {
    const other = others.find(({ size }) => size === last?.size);
    return others === points || other === undefined || other.value < (last?.value ?? 0);
  });
}

function drawMarker(marker: 'circle' | 'square', setting: string, x: number, y: number): string {
  return marker === 'circle'
    ? `<circle class="marker ${setting}" cx="${x}" cy="${y}" r="3.5"/>`
    : `<rect class="marker ${setting}" x="${x - 3.5}" y="${y - 3.5}" width="7" height="7"/>`;
}

function formatCount(value: number): string {
  return value < 1000
    ? String(Math.round(value))
    : `${formatNumber(value / 1000).replace(/\.0$/, '')}k`;
}

function formatSize(value: number): string {
  return formatBytes(value).replace(/(?<=\d\d)\.\d |\.0 /, ' ');
}

function formatSeconds(value: number): string {
  return `${value < 1 ? Number(value.toPrecision(2)) : formatNumber(value).replace(/\.0$/, '')} s`;
}
