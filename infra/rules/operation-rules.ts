import assert from 'node:assert/strict';
import { at, resourcesOf, type TemplateRule } from '../template.ts';

const DISTRIBUTION = { Name: 'DistributionId', Value: { Ref: 'Distribution' } };
const ROUTER = { Name: 'FunctionName', Value: { 'Fn::Sub': '${AWS::StackName}-router' } };

// metric, of what, statistic, the alarm is raised above
const ALARMS = [
  ['5xxErrorRate', DISTRIBUTION, 'Average', 1],
  ['FunctionExecutionErrors', ROUTER, 'Sum', 0],
  ['FunctionValidationErrors', ROUTER, 'Sum', 0],
  ['FunctionThrottles', ROUTER, 'Sum', 0],
  ['FunctionComputeUtilization', ROUTER, 'Average', 70],
];

/** What whoever runs the marketplace sees of it. */
export const operationRules: readonly TemplateRule[] = [
  {
    rule: 'alarms watch what can go wrong, where CloudFront tells it, and tell somebody',
    check: (template) => {
      const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
      const watched = alarms.map(({ Properties }) => {
        assert.equal(Properties['Namespace'], 'AWS/CloudFront');
        assert.equal(Properties['ComparisonOperator'], 'GreaterThanThreshold');
        assert.equal(Properties['TreatMissingData'], 'notBreaching', 'no traffic is no fault');
        assert.deepEqual(Properties['AlarmActions'], [{ Ref: 'AlarmTopic' }]);
        assert.deepEqual(at(Properties, 'Dimensions/1'), { Name: 'Region', Value: 'Global' });
        return [
          Properties['MetricName'],
          at(Properties, 'Dimensions/0'),
          Properties['Statistic'],
          Properties['Threshold'],
        ];
      });
      assert.deepEqual(watched, ALARMS);
      const key = at(template, 'Resources/AlarmTopic/Properties/KmsMasterKeyId');
      assert.equal(key, undefined, 'alarms cannot publish to a topic under the key of SNS');
    },
  },
  {
    rule: 'access logs of the distribution are delivered to the bucket of logs',
    check: (template) => {
      assert.deepEqual(at(template, 'Resources/AccessLogs/Properties'), {
        Name: { 'Fn::Sub': '${AWS::StackName}-access' },
        LogType: 'ACCESS_LOGS',
        ResourceArn: {
          'Fn::Sub':
            'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}',
        },
      });
      const destination = at(template, 'Resources/LogDestination/Properties');
      assert.deepEqual(at(destination, 'DestinationResourceArn'), {
        'Fn::GetAtt': 'LogBucket.Arn',
      });
      assert.deepEqual(at(template, 'Resources/LogDelivery'), {
        Type: 'AWS::Logs::Delivery',
        DependsOn: 'LogBucketPolicy',
        Properties: {
          DeliverySourceName: { Ref: 'AccessLogs' },
          DeliveryDestinationArn: { 'Fn::GetAtt': 'LogDestination.Arn' },
        },
      });
    },
  },
  {
    rule: 'two stacks can stand in one account: what has a name begins with that of the stack',
    check: (template) => {
      const names = Object.values(template.Resources)
        .filter(({ Type }) => Type.startsWith('AWS::CloudFront') || Type.startsWith('AWS::Logs'))
        .flatMap(({ Properties }) => [Properties, ...Object.values(Properties)])
        .map((properties) => at(properties, 'Name'))
        .filter((name) => name !== undefined);
      assert.equal(names.length, 7);
      for (const name of names) {
        assert.match(String(at(name, 'Fn::Sub')), /^\$\{AWS::StackName\}-[a-z]+$/);
      }
      for (const [name, property] of NAMED) {
        for (const resource of Object.values(resourcesOf(template, name))) {
          assert.equal(resource.Properties[property], undefined, `${name} has a fixed ${property}`);
        }
      }
    },
  },
];

// type, the property that would name it
const NAMED = [
  ['AWS::S3::Bucket', 'BucketName'],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::SNS::Topic', 'TopicName'],
  ['AWS::CloudWatch::Alarm', 'AlarmName'],
] as const;
