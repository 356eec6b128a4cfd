import { type Node, parseTree } from 'jsonc-parser';
import type { JsonPath } from './finding.ts';

/** A position in a text, both numbers 1-based. */
export interface Position {
  readonly line: number;
  /** In UTF-16 units, as editors count. */
  readonly column: number;
}

/** Converts offsets in the text to line and column. */
export function createLineIndex(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** The position of a value or its key in a JSON text, and how it is written there. */
export interface Location {
  readonly position: Position;
  /** The value as written; absent if the path leads to nothing. */
  readonly source?: string;
}

/**
 * Finds where in a well-formed JSON text a path leads: to the value, to its key with `atKey`, or to the nearest thing
 * around it where it is missing; `undefined` if the text nests too deeply.
 */
export function createLocator(
  text: string,
): (path: JsonPath, atKey: boolean) => Location | undefined {
  const root = parseTreeOrNothing(text);
  const positionOf = createLineIndex(text);
  return (path, atKey) => {
    if (root === undefined) {
      return undefined;
    }
    let node = root;
    for (const [index, step] of path.entries()) {
      const child = childAt(node, step);
      if (child === undefined) {
        return { position: positionOf(node.offset) };
      }
      node = atKey && index === path.length - 1 ? keyOf(child) : child;
    }
    const source = text.slice(node.offset, node.offset + node.length);
    return { position: positionOf(node.offset), source };
  };
}

function childAt(node: Node, step: string | number): Node | undefined {
  if (typeof step === 'number') {
    return node.type === 'array' ? node.children?.[step] : undefined;
  }
  // Of a repeated key the last one counts, as for JSON.parse.
  const property = node.children?.findLast((child) => child.children?.[0]?.value === step);
  return node.type === 'object' ? property?.children?.[1] : undefined;
}

function keyOf(value: Node): Node {
  return value.parent?.children?.[0] ?? value;
}

/** The tree is built by recursion, JSON.parse is not: what is nested thousands deep has no tree. */
function parseTreeOrNothing(text: string): Node | undefined {
  try {
    return parseTree(text);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
