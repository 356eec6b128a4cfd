/** What all charts share: SVG that suits a light page and a dark one. Its classes: `heading`, `title`, `ground`, `grid`. */
export const CHART_STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #444c56; }
  .heading { font-size: 16px; font-weight: 600; fill: #1f2328; }
  .title { font-size: 13px; font-weight: 600; fill: #1f2328; }
  .ground { fill: #fff; }
  .grid { stroke: #d8dee4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3; } .heading, .title { fill: #e6edf3; }
    .ground { fill: #0d1117; }
    .grid { stroke: #2a313a; }
  }
`;

/** What goes into `drawChart`. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly heading: string;
  /** What it shows, for who does not see it. */
  readonly label: string;
  /** Rules beside `CHART_STYLE`. */
  readonly style: string;
  /** Drawn below the heading, in pixels from the top left corner. */
  readonly content: string;
}

/** A chart as an SVG file. */
export function drawChart({ width, height, heading, label, style, content }: Chart): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
<style>${CHART_STYLE}${style}</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text class="heading" x="20" y="28">${heading}</text>
${content}</svg>
`;
}

/** A coordinate, as exact as a screen shows it. */
export const round = (value: number) => Math.round(value * 10) / 10;
