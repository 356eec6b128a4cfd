import { type ParseError, parse, printParseErrorCode, visit } from 'jsonc-parser';
import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { describeIssues, MOST_PROBLEMS } from './describe-issues.ts';
import { findUnkeepable, MAX_DEPTH } from './find-unkeepable.ts';
import { formatLocation, type JsonPath } from './finding.ts';
import { createLineIndex, createLocator } from './locate.ts';

/** The value of a JSON text, or what keeps it from being one. */
export type ParsedJson<Value = unknown> =
  | { readonly value: Value }
  | { readonly problems: readonly [Problem, ...Problem[]] };

/**
 * Parses strict JSON (RFC 8259): no comments, no trailing commas, and no key twice in an object, for readers differ in which of
 * them counts. `file` is only for the problems.
 */
export function parseJson(text: string, file: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problems: [{ level: 'error', file, ...(explain(text) ?? { message: reason }) }] };
  }
  const [first, ...others] = findRepeatedKeys(text, file);
  return first === undefined ? { value } : { problems: [first, ...others] };
}

/** A document around catalog entries nests a little deeper than they may. */
const MOST_LEVELS = MAX_DEPTH + 10;

/** Steps shown of the path to something that is nested too deeply. */
const SHOWN_STEPS = 5;

/** Parses JSON and checks it against a schema. The value has only what the schema knows. */
export function parseJsonAs<Value>(
  schema: z.ZodType<Value>,
  text: string,
  file: string,
): ParsedJson<Value> {
  const parsed = parseJson(text, file);
  if ('problems' in parsed) return parsed;
  const [deep] = findUnkeepable(parsed.value, MOST_LEVELS).filter((one) => !('found' in one));
  if (deep) {
    const { message, remedy } = deep;
    const location = formatLocation(deep.path.slice(0, SHOWN_STEPS));
    return { problems: [{ level: 'error', file, path: location, message, remedy }] };
  }
  const checked = schema.safeParse(parsed.value, { reportInput: true });
  if (checked.success) return { value: checked.data };
  const locate = createLocator(text);
  const [first, ...others] = describeIssues(checked.error, file).map((problem, i): Problem => {
    const at = checked.error.issues[i]?.path as JsonPath;
    return { ...problem, ...locate(at, false)?.position };
  });
  return { problems: [first as Problem, ...others] };
}

/** The repeated keys of a well-formed JSON text, at the second position. */
function findRepeatedKeys(text: string, file: string): Problem[] {
  const repeated: Problem[] = [];
  const objects: Set<string>[] = [];
  const add = (key: string, line: number, character: number, pathTo: () => JsonPath) => {
    const known = objects.at(-1);
    if (known?.has(key) && repeated.length < MOST_PROBLEMS) {
      repeated.push({
        level: 'error',
        file,
        line: line + 1,
        column: character + 1,
        path: formatLocation([...pathTo(), key]),
        message: 'appears twice, and only one can count',
        remedy: 'leave one out',
      });
    }
    known?.add(key);
  };
  try {
    visit(text, {
      onObjectBegin: () => {
        objects.push(new Set());
      },
      onObjectEnd: () => {
        objects.pop();
      },
      onObjectProperty: (key, _offset, _length, line, character, pathTo) =>
        add(key, line, character, pathTo),
    });
  } catch (error) {
    rethrowUnlessTooDeep(error);
  }
  return repeated;
}

/** `jsonc-parser` recurses, JSON.parse does not: text nested thousands deep overflows its stack. */
function rethrowUnlessTooDeep(error: unknown): void {
  if (!(error instanceof RangeError)) throw error;
}

/** JSON.parse does not report the position; the second parser does, and runs only then. */
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
      message: 'a comma follows the last element',
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
    rethrowUnlessTooDeep(error);
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

// Keyed by the names that jsonc-parser prints for its codes.
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
  EndOfFileExpected: ['there is text after the end', 'remove what follows'],
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
