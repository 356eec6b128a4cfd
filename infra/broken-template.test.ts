import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../test/make-folder.ts';
import { lintTemplate } from './lint-template.ts';
import { readTemplate, TEMPLATE_FILE } from './read-template.ts';
import { TEMPLATE_RULES } from './rules/template-rules.ts';
import { at, type Template, type Value } from './template.ts';

const CONFIG = 'Resources/Distribution/Properties/DistributionConfig';
const KEY = 'Resources/CachePolicy/Properties/CachePolicyConfig';
const PARTS = `${KEY}/ParametersInCacheKeyAndForwardedToOrigin`;
const ROLE = 'Resources/DeployRole/Properties';
const GRANTS = `${ROLE}/Policies/0/PolicyDocument/Statement`;
const TRUST = `${ROLE}/AssumeRolePolicyDocument/Statement/0/Condition`;
const READS = 'Resources/BucketPolicy/Properties/PolicyDocument/Statement';
const BUCKET = 'Resources/Bucket/Properties';
const ROUTER = 'Resources/Router/Properties';
const LOGS = 'Resources/LogBucket';
const LOG_WRITES = 'Resources/LogBucketPolicy/Properties/PolicyDocument/Statement';
const API_HEADERS = 'Resources/ApiHeaders/Properties/ResponseHeadersPolicyConfig';
const PAGE_HEADERS = 'Resources/PageHeaders/Properties/ResponseHeadersPolicyConfig';
const CSP = `${PAGE_HEADERS}/SecurityHeadersConfig/ContentSecurityPolicy/ContentSecurityPolicy`;
const SIGNING =
  'Resources/OriginAccessControl/Properties/OriginAccessControlConfig/SigningBehavior';
const CLAIM = `${TRUST}/StringEquals/token.actions.githubusercontent.com`;

// what somebody did, where, what stands there then (undefined: nothing), the rule that notices
// biome-ignore format: a row a line
const breakages: readonly (readonly [string, string, Value | undefined, string])[] = [
  ['opened the bucket', `${BUCKET}/PublicAccessBlockConfiguration/BlockPublicPolicy`, false, 'ever public'],
  ['brought ACLs back', `${BUCKET}/OwnershipControls/Rules/0/ObjectOwnership`, 'ObjectWriter', 'ever public'],
  ['let logs be public', `${LOGS}/Properties/PublicAccessBlockConfiguration`, undefined, 'ever public'],
  ['let the stack delete the bucket', 'Resources/Bucket/DeletionPolicy', 'Delete', 'outlive the stack'],
  ['let a replacement delete the logs', `${LOGS}/UpdateReplacePolicy`, undefined, 'outlive the stack'],
  ['stopped versioning', `${BUCKET}/VersioningConfiguration/Status`, 'Suspended', 'brought back'],
  ['let live snapshots expire', `${BUCKET}/LifecycleConfiguration/Rules/0/ExpirationInDays`, 90, 'nothing else expires'],
  ['let CloudFront read manifests', `${READS}/0/Resource`, { 'Fn::Sub': '${Bucket.Arn}/*' }, 'read snapshots'],
  ['let any distribution read', `${READS}/0/Condition`, undefined, 'read snapshots'],
  ['let CloudFront write', `${READS}/0/Action`, ['s3:GetObject', 's3:PutObject'], 'read snapshots'],
  ['took plain HTTP', `${READS}/1/Condition/Bool/aws:SecureTransport`, 'true', 'over TLS'],
  ['let any account write logs', `${LOG_WRITES}/0/Condition/StringEquals/aws:SourceAccount`, undefined, 'delivery of logs'],
  ['kept logs for ever', `${LOGS}/Properties/LifecycleConfiguration/Rules/0/Status`, 'Disabled', 'as many days'],
  ['put the query string into the key', `${PARTS}/QueryStringsConfig/QueryStringBehavior`, 'all', 'cache key'],
  ['put a header into the key', `${PARTS}/HeadersConfig`, { HeaderBehavior: 'whitelist', Headers: ['Origin'] }, 'cache key'],
  ['dropped Brotli', `${PARTS}/EnableAcceptEncodingBrotli`, false, 'cache key'],
  ['let max-age rule the edges', `${KEY}/MinTTL`, 0, 'for a year'],
  ['ran the router after the cache', `${CONFIG}/DefaultCacheBehavior/FunctionAssociations/0/EventType`, 'viewer-response', 'passes the router'],
  ['let the API pass the router by', `${CONFIG}/CacheBehaviors/0/FunctionAssociations`, undefined, 'passes the router'],
  ['refused POST before the router', `${CONFIG}/CacheBehaviors/0/AllowedMethods`, ['GET', 'HEAD'], 'passes the router'],
  ['stopped compressing', `${CONFIG}/DefaultCacheBehavior/Compress`, false, 'passes the router'],
  ['served plain HTTP', `${CONFIG}/CacheBehaviors/0/ViewerProtocolPolicy`, 'allow-all', 'passes the router'],
  ['gave the API the headers of pages', `${CONFIG}/CacheBehaviors/0/ResponseHeadersPolicyId`, { Ref: 'PageHeaders' }, 'headers of their own'],
  ['narrowed the API', `${CONFIG}/CacheBehaviors/0/PathPattern`, '/api/v1/plugins', 'headers of their own'],
  ['forgot that the origin is a bucket', `${CONFIG}/Origins/0/S3OriginConfig`, undefined, 'one origin'],
  ['stopped signing', SIGNING, 'never', 'one origin'],
  ['took TLS 1.0', `${CONFIG}/ViewerCertificate/MinimumProtocolVersion/Fn::If/1`, 'TLSv1', 'TLS 1.2'],
  ['kept a missing file for an hour', `${CONFIG}/CustomErrorResponses/0/ErrorCachingMinTTL`, 3600, 'forgotten'],
  ['showed a page for an error', `${CONFIG}/CustomErrorResponses/0/ResponsePagePath`, '/404.html', 'forgotten'],
  ['shut other sites out', `${API_HEADERS}/CorsConfig`, undefined, 'any site'],
  ['dropped HSTS', `${API_HEADERS}/SecurityHeadersConfig/StrictTransportSecurity`, undefined, 'over HTTPS'],
  ['let pages run inline scripts', CSP, "default-src 'self' 'unsafe-inline'", 'pages load'],
  ['overrode the max-age', `${API_HEADERS}/CustomHeadersConfig`, { Items: [{ Header: 'cache-control', Value: 'max-age=1', Override: true }] }, 'reaches viewers'],
  ['went back to the old runtime', `${ROUTER}/FunctionConfig/Runtime`, 'cloudfront-js-1.0', 'runtime'],
  ['edited the comment of the router', `${ROUTER}/FunctionConfig/Comment`, 'The router', 'never edited'],
  ['edited the placeholder', `${ROUTER}/FunctionCode`, 'function handler(event) { return event.request; }', 'never edited'],
  ['renamed the router', `${ROUTER}/Name`, { 'Fn::Sub': '${AWS::StackName}-function' }, 'never edited'],
  ['watched the metrics of no place', 'Resources/ErrorRateAlarm/Properties/Dimensions/1/Value', { Ref: 'AWS::Region' }, 'alarms watch'],
  ['watched the router by its ARN', 'Resources/RouterErrorAlarm/Properties/Dimensions/0/Value', { Ref: 'Router' }, 'alarms watch'],
  ['told nobody', 'Resources/RouterThrottleAlarm/Properties/AlarmActions', [], 'alarms watch'],
  ['encrypted the topic', 'Resources/AlarmTopic/Properties/KmsMasterKeyId', 'alias/aws/sns', 'alarms watch'],
  ['delivered other logs', 'Resources/AccessLogs/Properties/LogType', 'CONNECTION_LOGS', 'access logs of'],
  ['gave the bucket a name', `${BUCKET}/BucketName`, 'marketplace', 'two stacks'],
  ['gave a policy a name', `${KEY}/Name`, 'marketplace', 'two stacks'],
  ['let the role write everywhere', `${GRANTS}/1/Resource`, { 'Fn::Sub': '${Bucket.Arn}/*' }, 'what the publisher does'],
  ['let the role destroy versions', `${GRANTS}/2/Action`, ['s3:DeleteObject', 's3:DeleteObjectVersion'], 'what the publisher does'],
  ['let the role delete the record', `${GRANTS}/2/Resource/2`, { 'Fn::Sub': '${Bucket.Arn}/deployments/*' }, 'what the publisher does'],
  ['let the role change any function', `${GRANTS}/3/Resource`, '*', 'what the publisher does'],
  ['let the role invalidate', `${GRANTS}/4/Action`, ['cloudfront:GetDistribution', 'cloudfront:CreateInvalidation'], 'what the publisher does'],
  ['made the role an administrator', `${ROLE}/ManagedPolicyArns`, ['arn:aws:iam::aws:policy/AdministratorAccess'], 'what the publisher does'],
  ['trusted every workflow', `${CLAIM}:sub`, undefined, 'one environment'],
  ['trusted by pattern', TRUST, { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:*' } }, 'one environment'],
  ['took any audience', `${CLAIM}:aud`, undefined, 'one environment'],
  ['took any repository', 'Parameters/GitHubRepository/AllowedPattern', '.*', 'widen'],
  ['trusted another issuer', 'Resources/GitHubOidcProvider/Properties/Url', 'https://example.com', 'identity provider'],
];

const template = readTemplate();
const noticed = breakages.map(([, path, value]) => brokenRules(changed(template, path, value)));

for (const [position, [what, , , rule]] of breakages.entries()) {
  test(`the rules notice who ${what}`, () => {
    const named = TEMPLATE_RULES.filter((candidate) => candidate.rule.includes(rule));
    assert.equal(named.length, 1, `"${rule}" names one rule`);
    assert.ok(noticed[position]?.includes(named[0]?.rule ?? ''), `the rule "${rule}" does not`);
  });
}

test('every rule can fail', () => {
  const failed = noticed.flat();
  const idle = TEMPLATE_RULES.filter(({ rule }) => !failed.includes(rule));
  assert.deepEqual(idle, []);
});

// what somebody did, what stood there, what stands there then, what the linter says
const misspelt = [
  ['misspelt a property', 'IPV6Enabled:', 'IpV6Enabled:', /IpV6Enabled/],
  ['named what is not there', '!Ref CachePolicy', '!Ref CachingPolicy', /CachingPolicy/],
] as const;

for (const [what, from, to, finding] of misspelt) {
  test(`the linter notices who ${what}`, async (t) => {
    const text = await readFile(TEMPLATE_FILE, 'utf8');
    assert.ok(text.includes(from));
    const file = path.join(await makeFolder(t), 'template.yaml');
    await writeFile(file, text.replace(from, to));
    assert.match(lintTemplate(file, {}).join('\n'), finding);
  });
}

function brokenRules(template: Template): string[] {
  return TEMPLATE_RULES.filter(({ check }) => fails(() => check(template))).map(({ rule }) => rule);
}

/** A template whose one value is another. */
function changed(template: Template, path: string, value: Value | undefined): Template {
  const copy = structuredClone(template);
  const slash = path.lastIndexOf('/');
  const parent = at(copy, path.slice(0, slash)) as Record<string, Value>;
  assert.equal(typeof parent, 'object', `there is no ${path.slice(0, slash)}`);
  const key = path.slice(slash + 1);
  assert.notDeepEqual(parent[key], value, `${path} already is that`);
  if (value === undefined) delete parent[key];
  else parent[key] = value;
  return copy;
}

/** Whether a check fails by an assertion; that it stumbles over what is missing does not count. */
function fails(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (error instanceof assert.AssertionError) return true;
    throw error;
  }
}
