import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { makeFolder } from '../test/make-folder.ts';
import { brokenRules, checkRule } from './rules/rule.ts';
import { TEMPLATE_RULES as rules } from './rules/template-rules.ts';
import { at, readTemplate, TEMPLATE_FILE, type Template, type Value } from './template.ts';

const template = readTemplate();
const engine = new RegoEngine();
after(() => engine.free());

for (const rule of Object.keys(rules)) {
  test(`the template: ${rule}`, () => checkRule(rules, rule, template));
}

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

// a change, its path, the new value (undefined: removed), the rule that detects it
// biome-ignore format: a row a line
const breakages: readonly (readonly [string, string, Value | undefined, string])[] = [
  ['opened the bucket', `${BUCKET}/PublicAccessBlockConfiguration/BlockPublicPolicy`, false, 'ever public'],
  ['brought ACLs back', `${BUCKET}/OwnershipControls/Rules/0/ObjectOwnership`, 'ObjectWriter', 'ever public'],
  ['let logs be public', `${LOGS}/Properties/PublicAccessBlockConfiguration`, undefined, 'ever public'],
  ['let the stack delete the bucket', 'Resources/Bucket/DeletionPolicy', 'Delete', 'outlive the stack'],
  ['let a replacement delete the logs', `${LOGS}/UpdateReplacePolicy`, undefined, 'outlive the stack'],
  ['stopped versioning', `${BUCKET}/VersioningConfiguration/Status`, 'Suspended', 'restored'],
  ['let live snapshots expire', `${BUCKET}/LifecycleConfiguration/Rules/0/ExpirationInDays`, 90, 'nothing else expires'],
  ['let CloudFront read manifests', `${READS}/0/Resource`, { 'Fn::Sub': '${Bucket.Arn}/*' }, 'only snapshots'],
  ['let any distribution read', `${READS}/0/Condition`, undefined, 'only snapshots'],
  ['let CloudFront write', `${READS}/0/Action`, ['s3:GetObject', 's3:PutObject'], 'only snapshots'],
  ['took plain HTTP', `${READS}/1/Condition/Bool/aws:SecureTransport`, 'true', 'this distribution alone'],
  ['let any account write logs', `${LOG_WRITES}/0/Condition/StringEquals/aws:SourceAccount`, undefined, 'log delivery'],
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
  ['gave the API the headers of pages', `${CONFIG}/CacheBehaviors/0/ResponseHeadersPolicyId`, { Ref: 'PageHeaders' }, 'differ in headers'],
  ['narrowed the API', `${CONFIG}/CacheBehaviors/0/PathPattern`, '/api/v1/plugins', 'differ in headers'],
  ['gave the catalog the headers of pages', `${CONFIG}/CacheBehaviors/1/ResponseHeadersPolicyId`, { Ref: 'PageHeaders' }, 'differ in headers'],
  ['forgot that the origin is a bucket', `${CONFIG}/Origins/0/S3OriginConfig`, undefined, 'one origin'],
  ['stopped signing', SIGNING, 'never', 'one origin'],
  ['took TLS 1.0', `${CONFIG}/ViewerCertificate/MinimumProtocolVersion/Fn::If/1`, 'TLSv1', 'TLS 1.2'],
  ['kept a missing file for an hour', `${CONFIG}/CustomErrorResponses/0/ErrorCachingMinTTL`, 3600, 'five seconds'],
  ['showed a page for an error', `${CONFIG}/CustomErrorResponses/0/ResponsePagePath`, '/404.html', 'five seconds'],
  ['shut other sites out', `${API_HEADERS}/CorsConfig`, undefined, 'any site'],
  ['dropped HSTS', `${API_HEADERS}/SecurityHeadersConfig/StrictTransportSecurity`, undefined, 'over HTTPS'],
  ['let pages run inline scripts', CSP, "default-src 'self' 'unsafe-inline'", 'no inline script'],
  ['overrode the max-age', `${API_HEADERS}/CustomHeadersConfig`, { Items: [{ Header: 'cache-control', Value: 'max-age=1', Override: true }] }, 'reaches viewers'],
  ['went back to the old runtime', `${ROUTER}/FunctionConfig/Runtime`, 'cloudfront-js-1.0', 'runtime'],
  ['edited the comment of the router', `${ROUTER}/FunctionConfig/Comment`, 'The router', 'never edited'],
  ['edited the placeholder', `${ROUTER}/FunctionCode`, 'function handler(event) { return event.request; }', 'never edited'],
  ['renamed the router', `${ROUTER}/Name`, { 'Fn::Sub': '${AWS::StackName}-function' }, 'never edited'],
  ['watched the metrics of no region', 'Resources/ErrorRateAlarm/Properties/Dimensions/1/Value', { Ref: 'AWS::Region' }, 'alarms watch'],
  ['watched the router by its ARN', 'Resources/RouterErrorAlarm/Properties/Dimensions/0/Value', { Ref: 'Router' }, 'alarms watch'],
  ['notified nobody', 'Resources/RouterThrottleAlarm/Properties/AlarmActions', [], 'alarms watch'],
  ['encrypted the topic', 'Resources/AlarmTopic/Properties/KmsMasterKeyId', 'alias/aws/sns', 'alarms watch'],
  ['delivered other logs', 'Resources/AccessLogs/Properties/LogType', 'CONNECTION_LOGS', 'access logs of'],
  ['gave the bucket a name', `${BUCKET}/BucketName`, 'marketplace', 'two stacks'],
  ['gave a policy a name', `${KEY}/Name`, 'marketplace', 'two stacks'],
  ['let the role write everywhere', `${GRANTS}/1/Resource`, { 'Fn::Sub': '${Bucket.Arn}/*' }, 'what the publisher does'],
  ['let the role destroy versions', `${GRANTS}/2/Action`, ['s3:DeleteObject', 's3:DeleteObjectVersion'], 'what the publisher does'],
  ['let the role delete the record', `${GRANTS}/2/Resource/2`, { 'Fn::Sub': '${Bucket.Arn}/deployments/*' }, 'what the publisher does'],
  ['let the role change any function', `${GRANTS}/3/Resource`, '*', 'what the publisher does'],
  ['let the role fill any store', `${GRANTS}/4/Resource`, '*', 'what the publisher does'],
  ['filled the store', 'Resources/KeyValueStore/Properties/ImportSource', { SourceType: 'S3', SourceArn: 'arn:aws:s3:::b/keys.json' }, 'empty when it is made'],
  ['let the store go before the router', 'Resources/Router/DependsOn', undefined, 'empty when it is made'],
  ['let the role invalidate', `${GRANTS}/5/Action`, ['cloudfront:GetDistribution', 'cloudfront:CreateInvalidation'], 'what the publisher does'],
  ['made the role an administrator', `${ROLE}/ManagedPolicyArns`, ['arn:aws:iam::aws:policy/AdministratorAccess'], 'what the publisher does'],
  ['trusted every workflow', `${CLAIM}:sub`, undefined, 'one environment'],
  ['trusted by pattern', TRUST, { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:*' } }, 'one environment'],
  ['took any audience', `${CLAIM}:aud`, undefined, 'one environment'],
  ['took any repository', 'Parameters/GitHubRepository/AllowedPattern', '.*', 'widen'],
  ['trusted another issuer', 'Resources/GitHubOidcProvider/Properties/Url', 'https://example.com', 'identity provider'],
];

const noticed = breakages.map(([, path, value]) =>
  brokenRules(rules, changed(template, path, value)),
);

for (const [position, [what, , , rule]] of breakages.entries()) {
  test(`the rules detect a change that ${what}`, () => {
    const named = Object.keys(rules).filter((candidate) => candidate.includes(rule));
    assert.equal(named.length, 1, `"${rule}" names one rule`);
    assert.ok(noticed[position]?.includes(named[0] ?? ''), `the rule "${rule}" does not`);
  });
}

test('every rule can fail', () => {
  const failed = noticed.flat();
  assert.deepEqual(
    Object.keys(rules).filter((rule) => !failed.includes(rule)),
    [],
  );
});

// description, parameters, the linter's false positives
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
  test(`the linter of CloudFormation finds no fault with ${what}`, () => {
    assert.deepEqual(lintTemplate(TEMPLATE_FILE, parameters), known);
  });
}

// a change, the old text, the new text, the linter's message
const misspelt = [
  ['misspelt a property', 'IPV6Enabled:', 'IpV6Enabled:', /IpV6Enabled/],
  ['named what is not there', '!Ref CachePolicy', '!Ref CachingPolicy', /CachingPolicy/],
] as const;

for (const [what, from, to, finding] of misspelt) {
  test(`the linter detects a change that ${what}`, async (t) => {
    const text = await readFile(TEMPLATE_FILE, 'utf8');
    assert.ok(text.includes(from));
    const file = path.join(await makeFolder(t), 'template.yaml');
    await writeFile(file, text.replace(from, to));
    assert.match(lintTemplate(file, {}).join('\n'), finding);
  });
}

test('the template is small enough to be given to CloudFormation without a bucket', async () => {
  const { size } = await stat(TEMPLATE_FILE);
  assert.ok(size <= 51_200, `${size} bytes`);
});

/** A template whose one value is another. */
function changed(template: Template, path: string, value: Value | undefined): Template {
  const copy = structuredClone(template);
  const slash = path.lastIndexOf('/');
  const parent = at(copy, path.slice(0, slash)) as Record<string, Value>;
  assert.equal(typeof parent, 'object', `${path.slice(0, slash)} does not exist`);
  const key = path.slice(slash + 1);
  assert.notDeepEqual(parent[key], value, `${path} already is that`);
  if (value === undefined) delete parent[key];
  else parent[key] = value;
  return copy;
}

/**
 * The errors and warnings of the linter of CloudFormation, as `E3013 Distribution: message`. It also notes each property that
 * cannot be changed in place (I9001) and each resource without tags (I9040), which the template has on purpose.
 */
function lintTemplate(
  file: string,
  parameterOverrides: Readonly<Record<string, string>>,
): string[] {
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(file), {
    severityLevel: 'WARN',
    parameterOverrides,
  });
  if (status !== 'OK') throw new Error(`the linter ended early: ${status}`);
  return diagnostics.map(
    ({ ruleId, entity, message }) => `${ruleId} ${entity?.logicalId ?? '-'}: ${message}`,
  );
}
