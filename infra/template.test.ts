import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { lintTemplate } from './lint-template.ts';
import { readTemplate, TEMPLATE_FILE } from './read-template.ts';
import { TEMPLATE_RULES } from './rules/template-rules.ts';

const template = readTemplate();

for (const { rule, check } of TEMPLATE_RULES) {
  test(`the template: ${rule}`, () => check(template));
}

// with what, parameters, what the linter finds that is no fault
const lints = [
  [
    'nothing but defaults',
    {},
    // It tries the branch with a domain, too, and there the default of the parameter, which that branch never sees.
    [`E3013 Distribution: CloudFront alias '' is not a valid domain name`],
  ],
  [
    'every option',
    {
      DomainName: 'plugins.example.com',
      CertificateArn:
        'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
      HostedZoneId: 'Z0123456789ABC',
      AlarmEmail: 'operator@example.com',
      GitHubRepository: 'owner@1/name@2',
    },
    [],
  ],
] as const;

for (const [what, parameters, known] of lints) {
  test(`CloudFormation knows every resource and property of the template, with ${what}`, () => {
    assert.deepEqual(lintTemplate(TEMPLATE_FILE, parameters), known);
  });
}

test('the template is small enough to be handed to CloudFormation without a bucket', async () => {
  const { size } = await stat(TEMPLATE_FILE);
  assert.ok(size <= 51_200, `${size} bytes`);
});
