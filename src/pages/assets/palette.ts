/** A color as `#rrggbb`. */
export type Color = string;

/** The colors of one color scheme. */
export interface Theme {
  readonly background: Color;
  readonly surface: Color;
  /** Behind code, and of pressed controls. */
  readonly sunken: Color;
  readonly text: Color;
  readonly muted: Color;
  readonly line: Color;
  /** Around controls. */
  readonly control: Color;
  readonly danger: Color;
}

export const LIGHT: Theme = {
  background: '#f5f6f8',
  surface: '#ffffff',
  sunken: '#eceef2',
  text: '#171b24',
  muted: '#545e6f',
  line: '#dde1e8',
  control: '#7a8494',
  danger: '#b3261e',
};

export const DARK: Theme = {
  background: '#11141a',
  surface: '#1a1e27',
  sunken: '#252b36',
  text: '#e9ebf0',
  muted: '#a7b0bf',
  line: '#2e3542',
  control: '#778193',
  danger: '#ff8a80',
};

/** The colors that a theme derives from the accent. */
export interface Accent {
  /** Background of areas. */
  readonly accent: Color;
  /** Text on those. */
  readonly onAccent: Color;
  /** Text on every background of the theme. */
  readonly accentText: Color;
}

/** The contrast that WCAG 2.2 AA requires of text, with a margin for rounding. */
const TEXT_CONTRAST = 4.6;

/** The contrast that it requires of controls and graphics. */
const SHAPE_CONTRAST = 3;

const STEPS = 64;

/**
 * The accent as it is legible in a theme: a color that is too pale or too dark is mixed with the text color until it is not.
 *
 * @param color as `#rrggbb`
 */
export function accentFor(color: Color, theme: Theme): Accent {
  const grounds = [theme.background, theme.surface, theme.sunken];
  const accent = mixUntil(color, theme.text, grounds, SHAPE_CONTRAST);
  const onAccent = ['#ffffff', '#000000'].reduce((a, b) =>
    contrast(accent, a) >= contrast(accent, b) ? a : b,
  );
  return { accent, onAccent, accentText: mixUntil(color, theme.text, grounds, TEXT_CONTRAST) };
}

function mixUntil(color: Color, text: Color, grounds: readonly Color[], least: number): Color {
  for (let step = 0; step < STEPS; step++) {
    const mixed = mix(color, text, step / STEPS);
    if (grounds.every((ground) => contrast(mixed, ground) >= least)) return mixed;
  }
  return text;
}

/** The contrast of two colors, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: Color, b: Color): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param share of the second color, from 0 to 1 */
export function mix(a: Color, b: Color, share: number): Color {
  const other = channels(b);
  const mixed = channels(a).map((channel, i) => {
    return Math.round(channel * (1 - share) + (other[i] ?? 0) * share);
  });
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function channels(color: Color): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** The custom properties of both schemes, which the style sheet uses. */
export function themeCss(accentColor: Color): string {
  const rule = (theme: Theme) => {
    const colors = Object.entries({ ...theme, ...accentFor(accentColor, theme) });
    const name = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `:root{${colors.map(([key, color]) => `--${name(key)}:${color}`).join(';')}}`;
  };
  return `${rule(LIGHT)}@media screen and (prefers-color-scheme:dark){${rule(DARK)}}`;
}
