import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import type { Problem } from '../errors.ts';
import { createLineIndex } from './locate.ts';

/** The value of a JSON text, or the first thing that keeps it from being one. */
export type ParsedJson = { readonly value: unknown } | { readonly problem: Problem };

/** Parses strict JSON (RFC 8259): no comments, no trailing commas. `file` is only for the problem. */
export function parseJson(text: string, file: string): ParsedJson {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: { level: 'error', file, ...(explain(text) ?? { message: reason }) } };
  }
}

/** JSON.parse does not say where; the second parser does, and is asked only then. */
function explain(text: string): Omit<Problem, 'level' | 'file'> | undefined {
  if (text.trim() === '') {
    return { message: 'is empty', remedy: 'write [] for a catalog without releases' };
  }
  const first = firstError(text);
  if (first === undefined) {
    return undefined;
  }
  const positionOf = createLineIndex(text);
  const isClosing = text[first.offset] === ']' || text[first.offset] === '}';
  const comma = isClosing ? trailingCommaBefore(text, first.offset) : undefined;
  if (comma !== undefined) {
    return {
      ...positionOf(comma),
      message: 'a comma stands after the last element',
      remedy: 'remove the comma',
    };
  }
  const name = printParseErrorCode(first.error);
  const [message, remedy] =
    isClosing && name === 'CommaExpected' ? WRONG_BRACKET : (EXPLANATIONS[name] ?? NOT_JSON);
  return { ...positionOf(first.offset), message, remedy };
}

function firstError(text: string): ParseError | undefined {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    // It recurses: text nested thousands deep overflows the stack.
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }
  return errors[0];
}

function trailingCommaBefore(text: string, offset: number): number | undefined {
  const before = text.slice(0, offset).trimEnd();
  return before.endsWith(',') ? before.length - 1 : undefined;
}

type Explanation = readonly [message: string, remedy: string];

const WRONG_BRACKET: Explanation = [
  'a bracket that does not match the open one',
  'close what was opened last, with "}" or "]"',
];
const NOT_JSON: Explanation = ['is not JSON', 'correct the text from here on'];

// By the names that jsonc-parser prints for its codes.
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  InvalidSymbol: [
    'an unknown word or character',
    'write true, false, null, a number, or text in double quotes',
  ],
  InvalidNumberFormat: ['is not a number in JSON', 'write it like 12 or 1.5'],
  PropertyNameExpected: ['a field name is missing', 'write the name in double quotes'],
  ValueExpected: ['a value is missing', 'write the value'],
  ColonExpected: ['a colon is missing', 'write ":" between name and value'],
  CommaExpected: ['a comma is missing', 'write "," before this'],
  CloseBraceExpected: ['a "}" is missing', 'close the object'],
  CloseBracketExpected: ['a "]" is missing', 'close the array'],
  EndOfFileExpected: ['the text goes on after its end', 'remove what follows'],
  InvalidCommentToken: ['a comment, which JSON does not have', 'remove it'],
  UnexpectedEndOfComment: ['a comment, which JSON does not have', 'remove it'],
  UnexpectedEndOfString: ['the string does not end', 'close the double quotes'],
  UnexpectedEndOfNumber: ['the number does not end', 'write its digits'],
  InvalidUnicode: ['a broken \\u escape', 'write four hexadecimal digits after \\u'],
  InvalidEscapeCharacter: ['an unknown escape in a string', 'write \\\\ for a backslash'],
  InvalidCharacter: [
    'a control character in a string',
    'write \\n for a line break, \\t for a tab',
  ],
};
