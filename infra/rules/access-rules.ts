import assert from 'node:assert/strict';
import { at, statementsAt, type Template, type TemplateRule } from '../template.ts';

const bucket = (key: string) => `\${Bucket.Arn}/${key}`;
const cloudFront = (name: string) =>
  `arn:\${AWS::Partition}:cloudfront::\${AWS::AccountId}:${name}`;

const WRITTEN = ['snapshots/*', 'manifests/*', 'deployments/*', 'prune.json'].map(bucket);
const DELETED = ['snapshots/*', 'manifests/*'].map(bucket);
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

/** Who may deploy, and what that lets them do. */
export const accessRules: readonly TemplateRule[] = [
  {
    rule: 'the role that deploys may do what the publisher does, and nothing else',
    check: (template) => {
      assert.deepEqual(grants(template), ACTIONS);
      const managed = at(template, 'Resources/DeployRole/Properties/ManagedPolicyArns');
      assert.equal(managed, undefined);
    },
  },
  {
    rule: 'the role that deploys is taken by workflows of one environment of one repository only',
    check: (template) => {
      const trust = at(template, 'Resources/DeployRole/Properties/AssumeRolePolicyDocument');
      assert.deepEqual(at(trust, 'Statement'), [
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
      ]);
    },
  },
  {
    rule: 'neither parameter can widen whom the role trusts, as by a * or another claim',
    check: (template) => {
      const pattern = (name: string) =>
        new RegExp(String(at(template, `Parameters/${name}/AllowedPattern`)));
      for (const repository of ['a/b', 'a-b@12/c.d_e@34', '']) {
        assert.match(repository, pattern('GitHubRepository'));
      }
      for (const repository of ['*/*', 'a/*', 'a', 'a/b:ref:refs/heads/main', 'a/b?', 'a@x/b']) {
        assert.doesNotMatch(repository, pattern('GitHubRepository'));
      }
      for (const environment of ['*', '', 'a:b', 'a?']) {
        assert.doesNotMatch(environment, pattern('GitHubEnvironment'));
      }
    },
  },
  {
    rule: 'the identity provider is that of GitHub, and stays for other stacks',
    check: (template) => {
      const provider = at(template, 'Resources/GitHubOidcProvider');
      assert.equal(at(provider, 'Properties/Url'), 'https://token.actions.githubusercontent.com');
      assert.deepEqual(at(provider, 'Properties/ClientIdList'), ['sts.amazonaws.com']);
      assert.equal(at(provider, 'DeletionPolicy'), 'Retain');
    },
  },
];

/** Each action that the role may do, with the resources it may do it on. */
function grants(template: Template): [string, string[]][] {
  const statements = statementsAt(
    template,
    'Resources/DeployRole/Properties/Policies/0/PolicyDocument',
  );
  assert.equal(at(template, 'Resources/DeployRole/Properties/Policies/1'), undefined);
  return statements.flatMap(({ Effect, Action, Resource }) => {
    assert.equal(Effect, 'Allow');
    const resources = [Resource].flat().map((arn) => at(arn, 'Fn::Sub') ?? at(arn, 'Fn::GetAtt'));
    return [Action].flat().map((action): [string, string[]] => [action, resources.map(String)]);
  });
}
