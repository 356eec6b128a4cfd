import type { ElementPiece, Piece } from '../shared/piece.ts';

/** Elements that hold nothing and are not closed. */
const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Else a parser would make a line feed of it.
  '\r': '&#13;',
};

/** A page, from the doctype on. */
export function toDocument(html: ElementPiece): string {
  return `<!doctype html>\n${toHtml(html)}\n`;
}

/** HTML in which every text is text, whatever it holds. */
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
