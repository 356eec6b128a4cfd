import { type ElementPiece, h, type Piece } from '../shared/piece.ts';

/** Text with code between backticks: ``in `config.json` ``. Only for texts of ours. */
export function prose(text: string): Piece {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : h('code', {}, part)));
}

export function paragraph(...children: readonly Piece[]): ElementPiece {
  return h('p', {}, ...children);
}

/** @param id the id of the heading, for links; empty: none */
export function section(id: string, title: string, ...children: readonly Piece[]): ElementPiece {
  return h('section', {}, h('h2', { id: id || undefined }, title), ...children);
}

/** Code that can be scrolled with the keyboard. The script adds a button that copies it. */
export function codeBlock(...code: readonly Piece[]): ElementPiece {
  return h('div', { class: 'code' }, h('pre', { tabindex: '0' }, h('code', {}, code)));
}

/** A list of names and values, without those whose value is undefined. */
export function definitions(
  className: string,
  rows: readonly (readonly [name: Piece, value: Piece])[],
): ElementPiece {
  return h(
    'dl',
    { class: className },
    rows.map(([name, value]) =>
      value === undefined ? undefined : h('div', {}, h('dt', {}, name), h('dd', {}, value)),
    ),
  );
}
