import { at, propertyAt, type Resource, type Template } from '../template.ts';
import type { Rules } from './rule.ts';

const cloudFront = (name: string) =>
  `arn:\${AWS::Partition}:cloudfront::\${AWS::AccountId}:${name}`;

const DELETED = ['snapshots/*', 'manifests/*'].map((key) => `\${Bucket.Arn}/${key}`);
const WRITTEN = [
  ...DELETED,
  ...['deployments/*', 'prune.json'].map((key) => `\${Bucket.Arn}/${key}`),
];
const ROUTER = [cloudFront('function/${AWS::StackName}-router')];

// action, on what, and which calls of the publisher need it
const ACTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['s3:ListBucket', ['Bucket.Arn']], // ListObjectsV2; HeadObject, to be told 404
  ['s3:GetObject', WRITTEN], // GetObject, HeadObject, CopyObject
  ['s3:PutObject', WRITTEN], // PutObject, CopyObject
  ['s3:DeleteObject', DELETED], // DeleteObjects
  ['cloudfront:DescribeFunction', ROUTER],
  ['cloudfront:GetFunction', ROUTER],
  ['cloudfront:UpdateFunction', ROUTER],
  ['cloudfront:TestFunction', ROUTER],
  ['cloudfront:PublishFunction', ROUTER],
  ['cloudfront:GetDistribution', [cloudFront('distribution/${Distribution}')]],
];

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

// type, the property that would name it
const UNNAMED = [
  ['AWS::S3::Bucket', 'BucketName'],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::SNS::Topic', 'TopicName'],
  ['AWS::CloudWatch::Alarm', 'AlarmName'],
] as const;

// parameter, a value, whether it is taken
const TRUSTED: readonly (readonly [string, string, boolean])[] = [
  ...['a/b', 'a-b@12/c.d_e@34', ''].map((value) => ['GitHubRepository', value, true] as const),
  ...['*/*', 'a/*', 'a', 'a/b:ref:refs/heads/main', 'a/b?', 'a@x/b'].map(
    (value) => ['GitHubRepository', value, false] as const,
  ),
  ...['*', '', 'a:b', 'a?'].map((value) => ['GitHubEnvironment', value, false] as const),
];

/** Who may deploy, and what whoever runs the marketplace sees of it. */
export const OPERATION_RULES: Rules<Template> = {
  'the role that deploys may do what the publisher does, and nothing else': (template) => [
    [grants(template), ACTIONS.map((action) => ['Allow', ...action])],
    [propertyAt(template, 'DeployRole/Policies/1'), undefined],
    [propertyAt(template, 'DeployRole/ManagedPolicyArns'), undefined],
  ],

  'only workflows of one environment of one repository may take the role': (template) => [
    [
      propertyAt(template, 'DeployRole/AssumeRolePolicyDocument/Statement'),
      [
        {
          Effect: 'Allow',
          Principal: {
            Federated: {
              'Fn::If': [
                'HasOidcProvider',
                { Ref: 'GitHubOidcProvider' },
                { Ref: 'GitHubOidcProviderArn' },
              ],
            },
          },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': {
                'Fn::Sub': 'repo:${GitHubRepository}:environment:${GitHubEnvironment}',
              },
            },
          },
        },
      ],
    ],
  ],

  'no parameter can widen whom the role trusts, with a * or another claim': (template) =>
    TRUSTED.map(([name, value, isTaken]) => {
      const pattern = String(at(template, `Parameters/${name}/AllowedPattern`));
      return [`${name} ${value} ${new RegExp(pattern).test(value)}`, `${name} ${value} ${isTaken}`];
    }),

  'the identity provider is that of GitHub, and stays for other stacks': (template) => [
    [propertyAt(template, 'GitHubOidcProvider/Url'), 'https://token.actions.githubusercontent.com'],
    [propertyAt(template, 'GitHubOidcProvider/ClientIdList'), ['sts.amazonaws.com']],
    [at(template, 'Resources/GitHubOidcProvider/DeletionPolicy'), 'Retain'],
  ],

  'alarms watch what can go wrong, where CloudFront reports it, and notify somebody': (
    template,
  ) => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
    const common = {
      Namespace: 'AWS/CloudFront',
      ComparisonOperator: 'GreaterThanThreshold',
      // No traffic is no fault.
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'AlarmTopic' }],
    };
    return [
      [
        alarms.map((alarm) => [
          alarm['MetricName'],
          at(alarm, 'Dimensions/0'),
          alarm['Statistic'],
          alarm['Threshold'],
        ]),
        ALARMS,
      ],
      ...alarms.flatMap((alarm) => [
        ...Object.entries(common).map(([name, value]) => [alarm[name], value] as const),
        [at(alarm, 'Dimensions/1'), { Name: 'Region', Value: 'Global' }] as const,
      ]),
      // Alarms cannot publish to a topic that is encrypted with the key of SNS.
      [propertyAt(template, 'AlarmTopic/KmsMasterKeyId'), undefined],
    ];
  },

  'two stacks fit into one account, as every name begins with that of the stack': (template) => {
    const names = Object.values(template.Resources)
      .filter(({ Type }) => /^AWS::(CloudFront|Logs)/.test(Type))
      .flatMap(({ Properties }) => [Properties, ...Object.values(Properties)])
      .map((properties) => at(properties, 'Name'))
      .filter((name) => name !== undefined);
    return [
      [names.length, 7],
      ...names.map((name) => [at(name, 'Fn::Sub'), /^\$\{AWS::StackName\}-[a-z]+$/] as const),
      ...UNNAMED.flatMap(([type, property]) =>
        resourcesOf(template, type).map((properties) => [properties[property], undefined] as const),
      ),
    ];
  },
};

/** The effect of each action that the role is granted or refused, with the action and its resources. */
function grants(template: Template) {
  const statements = propertyAt(template, 'DeployRole/Policies/0/PolicyDocument/Statement');
  return Object.values(statements ?? {}).flatMap((statement) => {
    const resources = [at(statement, 'Resource')].flat();
    const names = resources.map((arn) => String(at(arn, 'Fn::Sub') ?? at(arn, 'Fn::GetAtt')));
    const actions = [at(statement, 'Action')].flat();
    return actions.map((action) => [at(statement, 'Effect'), action, names]);
  });
}

function resourcesOf(template: Template, type: string): Resource['Properties'][] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}
