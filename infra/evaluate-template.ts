import type { Resource, Template, Value } from './template.ts';

/** The result of CloudFormation for a template with given parameters. */
export interface EvaluatedTemplate {
  /** Violations of the template's own rules; if there are any, nothing is created. */
  readonly objections: readonly string[];
  /** The resources whose condition is true, with `Fn::If` decided and references to parameters filled in. */
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, Value>>;
}

interface Rule {
  readonly RuleCondition?: Value;
  readonly Assertions: readonly { readonly Assert: Value; readonly AssertDescription: string }[];
}

/** Decides rules and conditions as CloudFormation does before it creates anything. */
export function evaluateTemplate(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  region = 'us-east-1',
): EvaluatedTemplate {
  const values: Record<string, Value> = { 'AWS::Region': region };
  for (const [name, { Default }] of Object.entries(template.Parameters)) {
    values[name] = parameters[name] ?? Default;
  }
  const decide = (value: Value): Value | undefined => {
    if (Array.isArray(value)) return value.map(decide).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const [name, argument] = Object.entries(value)[0] ?? [];
    const list = Array.isArray(argument) ? argument : [];
    if (name === 'Ref' && argument === 'AWS::NoValue') return undefined;
    if (name === 'Ref') return values[String(argument)] ?? value;
    if (name === 'Condition' && typeof argument === 'string') return holds(argument);
    if (name === 'Fn::Equals') return decide(list[0] ?? null) === decide(list[1] ?? null);
    if (name === 'Fn::Not') return !decide(list[0] ?? null);
    if (name === 'Fn::And') return list.every(decide);
    if (name === 'Fn::If') return decide(list[holds(String(list[0])) ? 1 : 2] ?? null);
    const entries = Object.entries(value).map(([key, inner]) => [key, decide(inner)]);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
  };
  const holds = (condition: string): boolean => {
    const expression = template.Conditions[condition];
    if (expression === undefined) throw new Error(`unknown condition ${condition}`);
    return decide(expression) === true;
  };
  const present = <Item extends { readonly Condition?: string }>(items: Record<string, Item>) =>
    Object.entries(items).filter(
      ([, { Condition }]) => Condition === undefined || holds(Condition),
    );

  return {
    objections: Object.values(template.Rules as unknown as Record<string, Rule>)
      .filter(({ RuleCondition }) => RuleCondition === undefined || decide(RuleCondition))
      .flatMap(({ Assertions }) => Assertions.filter(({ Assert }) => !decide(Assert)))
      .map(({ AssertDescription }) => AssertDescription),
    resources: Object.fromEntries(
      present(template.Resources).map(([name, { Type, Properties }]) => [
        name,
        { Type, Properties: decide(Properties) as Record<string, Value> },
      ]),
    ),
    outputs: Object.fromEntries(
      present(template.Outputs).map(([name, output]) => [name, decide(output.Value) as Value]),
    ),
  };
}
