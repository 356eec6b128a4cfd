import type { ElementPiece, Piece } from '../../src/pages/shared/piece.ts';

/** The elements of a piece, from the outside in. */
export function elementsIn(piece: Piece): ElementPiece[] {
  if (piece === undefined || typeof piece === 'string') return [];
  if (!('tag' in piece)) return piece.flatMap(elementsIn);
  return [piece, ...piece.children.flatMap(elementsIn)];
}

/** The text of a piece, with a `|` wherever an element begins or ends. */
export function textIn(piece: Piece): string {
  return writeText(piece)
    .replace(/\|+/g, '|')
    .replace(/^\||\|$/g, '');
}

function writeText(piece: Piece): string {
  if (piece === undefined || typeof piece === 'string') return piece ?? '';
  if (!('tag' in piece)) return piece.map(writeText).join('');
  return `|${piece.children.map(writeText).join('')}|`;
}
