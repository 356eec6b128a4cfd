import assert from 'node:assert/strict';

/** A value found, and the expected value or pattern. */
export type Expectation = readonly [found: unknown, expected: unknown];

/** Rules for a template or for the workflows, keyed by their statement in words. */
export type Rules<Subject> = Readonly<Record<string, (subject: Subject) => readonly Expectation[]>>;

/** @throws {AssertionError} if a rule is broken */
export function checkRule<Subject>(rules: Rules<Subject>, rule: string, subject: Subject): void {
  const expectations = rules[rule]?.(subject) ?? [];
  assert.notEqual(expectations.length, 0, `there is a rule "${rule}"`);
  for (const [found, expected] of expectations) {
    if (expected instanceof RegExp) assert.match(String(found), expected, rule);
    else assert.deepEqual(found, expected, rule);
  }
}

/** The broken rules. An error other than a failed assertion is a bug in the rule. */
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
