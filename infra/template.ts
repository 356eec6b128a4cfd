import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';

export const TEMPLATE_FILE = path.join(import.meta.dirname, 'template.yaml');

/** Any JSON value. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Record<string, Value>;
}

/** A CloudFormation template, functions in their long form. */
export interface Template {
  readonly Parameters: Record<string, { readonly Default: string | number }>;
  readonly Rules: Record<string, Value>;
  readonly Conditions: Record<string, Value>;
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Condition?: string; readonly Value: Value }>;
}

/** The value at a path such as `Resources/Bucket/Properties`; keys of CloudFormation have dots and colons in them. */
export function at(value: unknown, path: string): Value | undefined {
  return path
    .split('/')
    .reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value) as
    | Value
    | undefined;
}

/** The same below the properties of a resource: `Bucket/VersioningConfiguration/Status`. */
export function propertyAt(template: Template, path: string): Value | undefined {
  return at(template.Resources, path.replace(/^(\w+)/, '$1/Properties'));
}

/** Reads the template. */
export function readTemplate(): Template {
  return readYaml(TEMPLATE_FILE) as unknown as Template;
}

/**
 * Reads a file in the dialect of CloudFormation: `!Ref Bucket` becomes `{ Ref: 'Bucket' }`, `!Sub a` becomes
 * `{ 'Fn::Sub': 'a' }`.
 *
 * @throws if it is not YAML, or has aliases, which CloudFormation does not accept.
 */
export function readYaml(file: string): Value {
  const document = parseDocument(readFileSync(file, 'utf8'));
  if (document.errors.length > 0) throw document.errors[0];
  return toValue(document.contents);
}

function toValue(node: unknown): Value {
  if (isAlias(node))
    throw new Error(`CloudFormation takes no YAML aliases, such as *${node.source}`);
  const value = untagged(node);
  const name = (node as Node | null)?.tag?.match(/^!(\w+)$/)?.[1];
  if (name === undefined) return value;
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}

function untagged(node: unknown): Value {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => [String(pair.key), toValue(pair.value)]));
  }
  if (isSeq(node)) return node.items.map(toValue);
  return isScalar(node) ? (node.value as Value) : null;
}
