import { type Picture, SVG_TYPE } from './picture.ts';

/** The site's own picture where none is set: a piece that fits in, in the accent colour. */
export function defaultLogo(accentColor: string): Picture {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${accentColor}"/><path fill="#fff" stroke="#000" stroke-opacity=".25" stroke-width=".75" d="M8 11a2 2 0 0 1 2-2h3.2a2.8 2.8 0 1 1 5.6 0H22a2 2 0 0 1 2 2v3.2a2.8 2.8 0 1 0 0 5.6V23a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2z"/></svg>`;
  return { contentType: SVG_TYPE, content: Buffer.from(text) };
}
