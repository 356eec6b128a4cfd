import { at, propertyAt, type Template, type Value } from '../template.ts';
import type { Rules } from './rule.ts';

const BUCKETS = ['Bucket', 'LogBucket'];

const DISTRIBUTION =
  'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}';

const CLOSED = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** The bucket of snapshots and that of access logs. */
export const STORAGE_RULES: Rules<Template> = {
  'nothing in a bucket is ever public': (template) =>
    BUCKETS.flatMap((bucket) => [
      [propertyAt(template, `${bucket}/PublicAccessBlockConfiguration`), CLOSED],
      [
        propertyAt(template, `${bucket}/OwnershipControls/Rules`),
        [{ ObjectOwnership: 'BucketOwnerEnforced' }],
      ],
    ]),

  'buckets are encrypted, and outlive the stack': (template) =>
    BUCKETS.flatMap((bucket) => [
      [
        propertyAt(template, `${bucket}/BucketEncryption/ServerSideEncryptionConfiguration`),
        [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      ],
      [at(template, `Resources/${bucket}/DeletionPolicy`), 'Retain'],
      [at(template, `Resources/${bucket}/UpdateReplacePolicy`), 'Retain'],
    ]),

  'deleted objects can be restored for 30 days, and nothing else expires': (template) => [
    [propertyAt(template, 'Bucket/VersioningConfiguration/Status'), 'Enabled'],
    [
      propertyAt(template, 'Bucket/LifecycleConfiguration/Rules'),
      [
        {
          Id: 'undo-for-30-days',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    ],
  ],

  'this distribution alone may read the bucket, and only snapshots': (template) => [
    [
      statements(template, 'Bucket', 'Allow'),
      [
        {
          Sid: 'CloudFrontReadsSnapshots',
          Effect: 'Allow',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: 's3:GetObject',
          Resource: { 'Fn::Sub': '${Bucket.Arn}/snapshots/*' },
          Condition: { StringEquals: { 'AWS:SourceArn': { 'Fn::Sub': DISTRIBUTION } } },
        },
      ],
    ],
  ],

  'only log delivery of this account may write to the bucket of logs': (template) => [
    [
      statements(template, 'LogBucket', 'Allow').map((statement) => [
        at(statement, 'Principal/Service'),
        at(statement, 'Action'),
        at(statement, 'Condition/StringEquals/aws:SourceAccount/Ref'),
      ]),
      [['delivery.logs.amazonaws.com', 's3:PutObject', 'AWS::AccountId']],
    ],
  ],

  'buckets refuse requests without TLS': (template) =>
    BUCKETS.flatMap((bucket) => [
      [propertyAt(template, `${bucket}Policy/Bucket`), { Ref: bucket }],
      [
        statements(template, bucket, 'Deny'),
        [
          {
            Sid: 'OnlyOverTls',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [{ 'Fn::GetAtt': `${bucket}.Arn` }, { 'Fn::Sub': `\${${bucket}.Arn}/*` }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      ],
    ]),

  'access logs are kept for as many days as the parameter says': (template) => {
    const rule = propertyAt(template, 'LogBucket/LifecycleConfiguration/Rules/0');
    return [
      [at(rule, 'Status'), 'Enabled'],
      [at(rule, 'ExpirationInDays'), { Ref: 'LogDays' }],
    ];
  },

  'access logs of the distribution are delivered to the bucket of logs': (template) => [
    [propertyAt(template, 'AccessLogs/LogType'), 'ACCESS_LOGS'],
    [propertyAt(template, 'AccessLogs/ResourceArn'), { 'Fn::Sub': DISTRIBUTION }],
    [
      propertyAt(template, 'LogDestination/DestinationResourceArn'),
      { 'Fn::GetAtt': 'LogBucket.Arn' },
    ],
    [
      template.Resources['LogDelivery'],
      {
        Type: 'AWS::Logs::Delivery',
        DependsOn: 'LogBucketPolicy',
        Properties: {
          DeliverySourceName: { Ref: 'AccessLogs' },
          DeliveryDestinationArn: { 'Fn::GetAtt': 'LogDestination.Arn' },
        },
      },
    ],
  ],
};

function statements(template: Template, bucket: string, effect: 'Allow' | 'Deny'): Value[] {
  const all = propertyAt(template, `${bucket}Policy/PolicyDocument/Statement`) as Value[];
  return all.filter((statement) => at(statement, 'Effect') === effect);
}
