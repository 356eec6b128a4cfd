/** A part of a page: text, an element, several of them, or nothing. The build turns it into HTML, the script into nodes. */
export type Piece = string | ElementPiece | undefined | readonly Piece[];

export interface ElementPiece {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Piece[];
}

/** Keyed by name; `true` for an attribute without a value, undefined for a missing one. */
export type Attributes = Readonly<Record<string, string | true | undefined>>;

/** An element. Text among its children stays text, whatever it contains: only `h` makes elements. */
export function h(tag: string, attributes: Attributes, ...children: readonly Piece[]) {
  return { tag, attributes, children } satisfies ElementPiece;
}

/** A list of words of which none is broken at a hyphen, if there is room for it: `linux-amd64, linux-arm64`. */
export function wholeWords(words: string): Piece {
  return words
    .split(/(?<=,) /)
    .map((word, i) => [i === 0 ? '' : ' ', h('span', { class: 'whole' }, word)]);
}
