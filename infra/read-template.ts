import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Template, Value } from './template.ts';

export const TEMPLATE_FILE = path.join(import.meta.dirname, 'template.yaml');

/**
 * Reads the template, with functions in their long form: `!Ref Bucket` is `{ Ref: 'Bucket' }`, `!Sub a` is
 * `{ 'Fn::Sub': 'a' }`.
 *
 * @throws where the text is not YAML, or has aliases: CloudFormation takes none.
 */
export function readTemplate(): Template {
  const document = parseDocument(readFileSync(TEMPLATE_FILE, 'utf8'));
  if (document.errors.length > 0) throw document.errors[0];
  return toValue(document.contents) as unknown as Template;
}

function toValue(node: unknown): Value {
  if (isAlias(node))
    throw new Error(`CloudFormation takes no YAML aliases, such as *${node.source}`);
  const value = untagged(node);
  const tag = (node as Node | null)?.tag;
  return tag?.startsWith('!') ? { [longForm(tag.slice(1))]: value } : value;
}

function untagged(node: unknown): Value {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => [String(pair.key), toValue(pair.value)]));
  }
  if (isSeq(node)) return node.items.map(toValue);
  return isScalar(node) ? (node.value as Value) : null;
}

function longForm(name: string): string {
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
}
