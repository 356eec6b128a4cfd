import assert from 'node:assert/strict';

/** What is found, and what it must be: an equal value, or a text that matches. */
export type Expectation = readonly [found: unknown, expected: unknown];

/** What must hold of a template or of the workflows, by its statement in words. */
export type Rules<Subject> = Readonly<Record<string, (subject: Subject) => readonly Expectation[]>>;

/** @throws AssertionError if a rule does not hold */
export function checkRule<Subject>(rules: Rules<Subject>, rule: string, subject: Subject): void {
  const expectations = rules[rule]?.(subject) ?? [];
  assert.notEqual(expectations.length, 0, `there is a rule "${rule}"`);
  for (const [found, expected] of expectations) {
    if (expected instanceof RegExp) assert.match(String(found), expected, rule);
    else assert.deepEqual(found, expected, rule);
  }
}

/** The rules that do not hold. An error other than that of an assertion is one of the rule. */
export function brokenRules<Subject>(rules: Rules<Subject>, subject: Subject): string[] {
  return Object.keys(rules).filter((rule) => {
    try {
      checkRule(rules, rule, subject);
      return false;
    } catch (error) {
      if (error instanceof assert.AssertionError) return true;
      throw error;
    }
  });
}
