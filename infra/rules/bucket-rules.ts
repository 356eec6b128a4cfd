import assert from 'node:assert/strict';
import { at, statementsAt, type TemplateRule } from '../template.ts';

const BUCKETS = ['Bucket', 'LogBucket'];

/** What holds of the bucket of snapshots and of that of access logs. */
export const bucketRules: readonly TemplateRule[] = [
  {
    rule: 'nothing in a bucket is ever public',
    check: (template) => {
      for (const bucket of BUCKETS) {
        const properties = `Resources/${bucket}/Properties`;
        assert.deepEqual(at(template, `${properties}/PublicAccessBlockConfiguration`), {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
        const ownership = at(template, `${properties}/OwnershipControls/Rules`);
        assert.deepEqual(ownership, [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
      }
    },
  },
  {
    rule: 'buckets are encrypted, and outlive the stack',
    check: (template) => {
      for (const bucket of BUCKETS) {
        const path = `Resources/${bucket}`;
        const encryption = 'Properties/BucketEncryption/ServerSideEncryptionConfiguration';
        assert.deepEqual(at(template, `${path}/${encryption}`), [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ]);
        assert.equal(at(template, `${path}/DeletionPolicy`), 'Retain');
        assert.equal(at(template, `${path}/UpdateReplacePolicy`), 'Retain');
      }
    },
  },
  {
    rule: 'what is deleted can be brought back for 30 days, and nothing else expires',
    check: (template) => {
      const properties = 'Resources/Bucket/Properties';
      assert.equal(at(template, `${properties}/VersioningConfiguration/Status`), 'Enabled');
      assert.deepEqual(at(template, `${properties}/LifecycleConfiguration/Rules`), [
        {
          Id: 'undo-for-30-days',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ]);
    },
  },
  {
    rule: 'the bucket lets this distribution read snapshots, and nobody anything else',
    check: (template) => {
      const allowed = statementsAt(template, 'Resources/BucketPolicy/Properties/PolicyDocument')
        .filter(({ Effect }) => Effect === 'Allow')
        .map(({ Principal, Action, Resource, Condition }) => ({
          Principal,
          Action,
          Resource,
          Condition,
        }));
      assert.deepEqual(allowed, [
        {
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: 's3:GetObject',
          Resource: { 'Fn::Sub': '${Bucket.Arn}/snapshots/*' },
          Condition: {
            StringEquals: {
              'AWS:SourceArn': {
                'Fn::Sub':
                  'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}',
              },
            },
          },
        },
      ]);
    },
  },
  {
    rule: 'the bucket of logs lets the delivery of logs of this account write, and nobody anything else',
    check: (template) => {
      const allowed = statementsAt(
        template,
        'Resources/LogBucketPolicy/Properties/PolicyDocument',
      ).filter(({ Effect }) => Effect === 'Allow');
      assert.equal(allowed.length, 1);
      assert.deepEqual(allowed[0]?.Principal, { Service: 'delivery.logs.amazonaws.com' });
      assert.equal(allowed[0]?.Action, 's3:PutObject');
      assert.deepEqual(at(allowed[0], 'Condition/StringEquals/aws:SourceAccount'), {
        Ref: 'AWS::AccountId',
      });
    },
  },
  {
    rule: 'buckets refuse what does not come over TLS',
    check: (template) => {
      for (const bucket of BUCKETS) {
        const policy = `Resources/${bucket}Policy/Properties`;
        assert.deepEqual(at(template, `${policy}/Bucket`), { Ref: bucket });
        const denied = statementsAt(template, `${policy}/PolicyDocument`).filter(
          ({ Effect }) => Effect === 'Deny',
        );
        assert.deepEqual(denied, [
          {
            Sid: 'OnlyOverTls',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [{ 'Fn::GetAtt': `${bucket}.Arn` }, { 'Fn::Sub': `\${${bucket}.Arn}/*` }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ]);
      }
    },
  },
  {
    rule: 'access logs are kept for as many days as the parameter says',
    check: (template) => {
      const rules = at(template, 'Resources/LogBucket/Properties/LifecycleConfiguration/Rules');
      assert.equal(at(rules, '0/Status'), 'Enabled');
      assert.deepEqual(at(rules, '0/ExpirationInDays'), { Ref: 'LogDays' });
    },
  },
];
