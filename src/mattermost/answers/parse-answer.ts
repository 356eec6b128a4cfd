import { type Node, parseTree } from 'jsonc-parser';
import { answerType, type DecodedPlugin } from './answer-type.ts';
import { firstValue } from './first-value.ts';
import { decodeGo, JsonObject } from './go-decoder.ts';

/** The list that a server decodes from the body of an answer, or why it has none. */
export type ParsedAnswer =
  | { readonly plugins: readonly (DecodedPlugin | null)[] }
  | { readonly error: string };

/**
 * Reads the body of an answer as a server of that version does: the first JSON value counts and what follows is passed over,
 * an empty body is an empty list, and one wrong type anywhere fails it all.
 */
export function parseAnswer(version: string, body: string): ParsedAnswer {
  const json = firstValue(body);
  if (json === '') return { plugins: [] };
  try {
    JSON.parse(json);
  } catch (error) {
    return { error: `is not JSON: ${(error as Error).message}` };
  }
  // The second parser keeps repeated keys; it is laxer, so it comes after the strict one.
  const root = parseTree(json);
  if (root === undefined) return { error: 'is not JSON' };
  const { value, wrongTypes } = decodeGo(answerType(version), toValue(root));
  const [wrong] = wrongTypes;
  if (wrong) {
    return { error: `has ${wrong.found} at ${wrong.path.join('.')}, which takes ${wrong.takes}` };
  }
  return { plugins: (value ?? []) as readonly (DecodedPlugin | null)[] };
}

function toValue(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map(toValue);
  if (node.type !== 'object') return node.value;
  return new JsonObject(
    children.map(({ children: [key, value] = [] }) => [
      String(key?.value),
      value === undefined ? null : toValue(value),
    ]),
  );
}
