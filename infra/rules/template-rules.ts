import { createHash } from 'node:crypto';
import path from 'node:path';
import { PAGE_HEADERS } from '../../src/router/headers/headers.ts';
import { at, propertyAt, readYaml, type Template, type Value } from '../template.ts';
import type { Expectation, Rules } from './rule.ts';

/**
 * The SHA-256 of the properties of the router, which must never change: CloudFormation would update the function, and that
 * puts the placeholder in place of the live router. Every request would be answered 503 until the next deploy. If a change
 * cannot be avoided, put the new digest here, and deploy right after the update.
 */
const ROUTER_DIGEST = '252d66f7cedbd8872073241ff107747cefba501d85dd00f071e8b385ecf331ff';

const OF_DISTRIBUTION = { Name: 'DistributionId', Value: { Ref: 'Distribution' } };
const OF_ROUTER = { Name: 'FunctionName', Value: { 'Fn::Sub': '${AWS::StackName}-router' } };

// metric, of what, statistic, the alarm is raised above
const ALARMS = [
  ['5xxErrorRate', OF_DISTRIBUTION, 'Average', 1],
  ['FunctionExecutionErrors', OF_ROUTER, 'Sum', 0],
  ['FunctionValidationErrors', OF_ROUTER, 'Sum', 0],
  ['FunctionThrottles', OF_ROUTER, 'Sum', 0],
  ['FunctionComputeUtilization', OF_ROUTER, 'Average', 70],
];

/** Properties that all alarms have in common. No traffic is not an error. */
const EVERY_ALARM = {
  Namespace: 'AWS/CloudFront',
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [{ Ref: 'AlarmTopic' }],
};

/** Properties that would give a resource a fixed name. */
const NAMES = ['BucketName', 'RoleName', 'TopicName', 'AlarmName'];

// parameter, values that it takes, values that it does not
const TRUST = [
  [
    'GitHubRepository',
    ['a/b', 'a-b@12/c.d_e@34', ''],
    ['*/*', 'a/*', 'a', 'a/b:ref:refs/heads/main', 'a/b?', 'a@x/b'],
  ],
  ['GitHubEnvironment', ['production'], ['*', '', 'a:b', 'a?']],
] as const;

const RULES: Rules<Template> = {
  'the resource Router is never edited': (template) => {
    const properties = JSON.stringify(template.Resources['Router']?.Properties);
    return [[createHash('sha256').update(properties).digest('hex'), ROUTER_DIGEST]];
  },

  'pages get the security headers of other hosts: no inline script, no frame, no other site': (
    template,
  ) => {
    const headers = 'PageHeaders/ResponseHeadersPolicyConfig/SecurityHeadersConfig';
    const security = propertyAt(template, headers);
    const policy = at(security, 'ContentSecurityPolicy/ContentSecurityPolicy');
    return [
      [
        {
          'content-security-policy': String(policy).trim(),
          'x-frame-options': at(security, 'FrameOptions/FrameOption'),
          'referrer-policy': at(security, 'ReferrerPolicy/ReferrerPolicy'),
        },
        PAGE_HEADERS,
      ],
      [
        String(policy).trim().split(/;\s+/),
        [
          ...["default-src 'none'", "script-src 'self'", "style-src 'self'"],
          ...["img-src 'self' data:", "connect-src 'self'", "base-uri 'none'"],
          ...["form-action 'none'", "frame-ancestors 'none'"],
        ],
      ],
    ];
  },

  'no parameter can widen whom the role trusts, with a * or another claim': (template) =>
    TRUST.map(([name, taken, refused]) => {
      const pattern = new RegExp(String(at(template, `Parameters/${name}/AllowedPattern`)));
      return [[...taken, ...refused].filter((value) => pattern.test(value)), taken];
    }),

  'alarms watch what can go wrong, where CloudFront reports it, and notify somebody': (
    template,
  ) => {
    const alarms = Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties);
    const values = alarms.map(({ MetricName, Dimensions, Statistic, Threshold }) => [
      ...[MetricName, at(Dimensions, '0'), Statistic, Threshold],
    ]);
    return [
      [values, ALARMS],
      ...alarms.flatMap((alarm): Expectation[] => [
        [{ ...alarm, ...EVERY_ALARM }, alarm],
        [at(alarm, 'Dimensions/1'), { Name: 'Region', Value: 'Global' }],
      ]),
      // Alarms cannot publish to a topic that is encrypted with the key of SNS.
      [propertyAt(template, 'AlarmTopic/KmsMasterKeyId'), undefined],
    ];
  },

  'two stacks fit into one account, as every name begins with that of the stack': (template) => {
    const resources = Object.values(template.Resources);
    const names = resources
      .filter(({ Type }) => /^AWS::(CloudFront|Logs)/.test(Type))
      .flatMap(({ Properties }) => [Properties, ...Object.values(Properties)])
      .map((properties) => at(properties, 'Name'))
      .filter((name) => name !== undefined);
    const fixed = resources.flatMap(({ Properties }) => Object.keys(Properties));
    return [
      [names.length, 8],
      ...names.map((name): Expectation => [at(name, 'Fn::Sub'), /^\$\{AWS::StackName\}-[a-z]+$/]),
      [fixed.filter((property) => NAMES.includes(property)), []],
    ];
  },
};

/** Rules for the template: those of `template-rules.yaml`, and those above. */
export const TEMPLATE_RULES: Rules<Template> = { ...readRules(), ...RULES };

function readRules(): Rules<Template> {
  const file = path.join(import.meta.dirname, 'template-rules.yaml');
  const rules = Object.entries(readYaml(file) as Record<string, Record<string, Value>>);
  return Object.fromEntries(
    rules.map(([rule, values]) => [
      rule,
      (template: Template) =>
        Object.entries(values).map(([path, value]): Expectation => {
          const isWhole = path.startsWith('/');
          const found = isWhole ? at(template, path.slice(1)) : propertyAt(template, path);
          return [found ?? null, value];
        }),
    ]),
  );
}
