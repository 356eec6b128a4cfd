/** A part of a page as a value: text, an element, several of them, or nothing. The build makes HTML of it, the script nodes. */
export type Piece = string | ElementPiece | undefined | readonly Piece[];

export interface ElementPiece {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Piece[];
}

/** By name; `true` is an attribute without a value, undefined one that is not there. */
export type Attributes = Readonly<Record<string, string | true | undefined>>;

/** An element. Text among its children is text, whatever it holds: only `h` makes elements. */
export function h(tag: string, attributes: Attributes, ...children: readonly Piece[]) {
  return { tag, attributes, children } satisfies ElementPiece;
}
