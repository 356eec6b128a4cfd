import { formatBytes } from '../../site/summarize.ts';
import { formatNumber } from '../measure/spread.ts';
import { SERVERS, type ServeFigures, type ServerName } from '../serve/serve-figures.ts';
import { drawChart, round } from './chart-style.ts';

const NAMES: Readonly<Record<ServerName, string>> = {
  files: 'nginx, plain files',
  nginx: 'nginx + router',
  embedded: 'embedded server',
  dynamic: 'worked out each time',
};

const WIDTH = 800;
const COLUMNS = 2;
const CELL = { width: 390, height: 158, top: 66 } as const;
/** Of a panel's bars, inside its cell. */
const BARS = { left: 162, top: 34, width: 142, height: 18, step: 27 } as const;

const STYLE = `
  .note { font-size: 11px; }
  .value { font-weight: 600; fill: #1f2328; }
  .files { fill: #afb8c1; } .nginx { fill: #0969da; } .embedded { fill: #54aeff; } .dynamic { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    .value { fill: #e6edf3; }
    .files { fill: #545d68; } .nginx { fill: #58a6ff; } .embedded { fill: #a5d6ff; } .dynamic { fill: #f0883e; }
  }
`;

/** Draws how many requests each server answers in a second, with gzip as Mattermost servers ask: a panel a catalog, as SVG. */
export function serveChart(figures: readonly ServeFigures[]): string {
  const panels = figures.map((each, number) => {
    const x = (number % COLUMNS) * CELL.width;
    const y = CELL.top + Math.floor(number / COLUMNS) * CELL.height;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(each)}</g>\n`;
  });
  return drawChart({
    width: WIDTH,
    height: CELL.top + Math.ceil(figures.length / COLUMNS) * CELL.height + 6,
    heading: 'Requests answered in a second',
    label: 'Requests answered in a second, by server and catalog',
    style: STYLE,
    content: `<text class="note" x="20" y="48">what Mattermost servers of 30 versions ask, gzip; one nginx worker or one Node process; × is to working out each answer</text>
${panels.join('')}`,
  });
}

function drawPanel({ catalog, loads }: ServeFigures): string {
  const servers = loads.find(({ acceptsGzip }) => acceptsGzip)?.servers;
  if (servers === undefined) return '';
  const perSecond = (name: ServerName) => servers[name].requestsPerSecond.median;
  const most = Math.max(...SERVERS.map(perSecond));
  const bars = SERVERS.map((name, number) => {
    const y = BARS.top + number * BARS.step;
    const width = Math.max(2, round((BARS.width * perSecond(name)) / most));
    const times = perSecond(name) / perSecond('dynamic');
    const factor =
      name === 'dynamic' ? '' : `<tspan dx="6" font-weight="400">×${formatNumber(times)}</tspan>`;
    return `<text x="${BARS.left - 10}" y="${y + 13}" text-anchor="end">${NAMES[name]}</text><rect class="${name}" x="${BARS.left}" y="${y}" width="${width}" height="${BARS.height}" rx="3"/><text class="value" x="${BARS.left + width + 6}" y="${y + 13}">${formatRate(perSecond(name))}${factor}</text>\n`;
  });
  const axis = `<path class="grid" d="M${BARS.left - 0.5} ${BARS.top - 4}v${SERVERS.length * BARS.step}"/>\n`;
  return `<text class="title" x="20" y="20">${escapeText(catalog.name)}<tspan class="note" dx="8" font-weight="400">answers of ${formatBytes(servers.files.bytes)}</tspan></text>\n${axis}${bars.join('')}`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Such as `22,300`: three digits can be believed. */
function formatRate(perSecond: number): string {
  return Math.round(Number(perSecond.toPrecision(3))).toLocaleString('en');
}
