import type { ElementPiece, Piece } from '../shared/piece.ts';

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = ['svg', 'circle', 'path'];

/** The element of a page that a piece describes. */
export function toNode({ tag, attributes, children }: ElementPiece): Element {
  const element = SVG_TAGS.includes(tag)
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(parent: Element, pieces: readonly Piece[]): void {
  for (const piece of pieces) {
    if (piece === undefined) continue;
    if (typeof piece === 'string') parent.append(piece);
    else if ('tag' in piece) parent.append(toNode(piece));
    else append(parent, piece);
  }
}
