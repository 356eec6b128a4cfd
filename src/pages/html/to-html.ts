import type { ElementPiece, Piece } from '../shared/piece.ts';

/** Elements without content and end tag. */
const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would turn it into a line feed.
  '\r': '&#13;',
};

/** A page, from the doctype on. */
export function toDocument(html: ElementPiece): string {
  return `<!doctype html>\n${toHtml(html)}\n`;
}

/** HTML in which every text stays text, whatever it contains. */
export function toHtml(piece: Piece): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string') return escapeText(piece);
  if (!('tag' in piece)) return piece.map(toHtml).join('');
  const attributes = Object.entries(piece.attributes).map(([name, value]) => {
    if (value === undefined) return '';
    return value === true ? ` ${name}` : ` ${name}="${escapeText(value)}"`;
  });
  const start = `<${piece.tag}${attributes.join('')}>`;
  return VOID.has(piece.tag) ? start : `${start}${toHtml(piece.children)}</${piece.tag}>`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');
}
