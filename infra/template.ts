/** Anything that JSON can hold. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
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

/** What a template must hold for the design to work, in words, and the check that throws where it does not. */
export interface TemplateRule {
  readonly rule: string;
  readonly check: (template: Template) => void;
}

/** The value at a path such as `Resources/Bucket/Properties`; keys of CloudFormation have dots and colons in them. */
export function at(value: unknown, path: string): Value | undefined {
  return path
    .split('/')
    .reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value) as
    | Value
    | undefined;
}

/** The resources of a type, by name. */
export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return Object.fromEntries(
    Object.entries(template.Resources).filter(([, resource]) => resource.Type === type),
  );
}

/** The statements of a policy document, found at a path. */
export function statementsAt(template: Template, path: string): Statement[] {
  return at(template, `${path}/Statement`) as unknown as Statement[];
}

/** A statement of a policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Value;
  readonly Action: string | string[];
  readonly Resource: Value;
  readonly Condition?: Value;
}
