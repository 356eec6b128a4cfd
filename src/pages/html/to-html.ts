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
  if (piece.tag === 'script') return `${startTag(piece)}${toData(piece.children)}</script>`;
  const start = startTag(piece);
  return VOID.has(piece.tag) ? start : `${start}${toHtml(piece.children)}</${piece.tag}>`;
}

function startTag({ tag, attributes }: ElementPiece): string {
  const written = Object.entries(attributes).map(([name, value]) => {
    if (value === undefined) return '';
    return value === true ? ` ${name}` : ` ${name}="${escapeText(value)}"`;
  });
  return `<${tag}${written.join('')}>`;
}

/** JSON in a script: character references mean nothing in it, and without `<` nothing ends it. */
function toData(json: readonly Piece[]): string {
  return json
    .filter((piece) => typeof piece === 'string')
    .join('')
    .replaceAll('<', '\\u003c');
}

function escapeText(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');
}
