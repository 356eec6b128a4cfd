import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PUBLISH_SETTINGS } from '../src/settings/publish-settings.ts';
import { evaluateTemplate } from './evaluate-template.ts';
import { at, readTemplate } from './template.ts';

const template = readTemplate();

const DOMAIN = { DomainName: 'plugins.example.com' };
const CERTIFICATE = { CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' };
const ZONE = { HostedZoneId: 'Z0123456789ABC' };
const ROLE = { GitHubRepository: 'owner@1/name@2' };
const PROVIDER = {
  GitHubOidcProviderArn:
    'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
};

// parameters, the optional resources created
const optional: readonly (readonly [Record<string, string>, readonly string[]])[] = [
  [{}, []],
  [{ ...DOMAIN, ...CERTIFICATE }, []],
  [{ ...DOMAIN, ...CERTIFICATE, ...ZONE }, ['AliasIpv4', 'AliasIpv6']],
  [{ AlarmEmail: 'operator@example.com' }, ['AlarmSubscription']],
  [ROLE, ['GitHubOidcProvider', 'DeployRole']],
  [{ ...ROLE, ...PROVIDER }, ['DeployRole']],
  [PROVIDER, []],
];

const always = Object.keys(template.Resources).filter(
  (name) => template.Resources[name]?.Condition === undefined,
);

for (const [parameters, expected] of optional) {
  const given = Object.keys(parameters).join(' and ') || 'nothing';
  test(`with ${given} given, ${expected.join(' and ') || 'nothing optional'} is made`, () => {
    const { resources, objections } = evaluateTemplate(template, parameters);
    assert.deepEqual(objections, []);
    const made = Object.keys(resources).filter((name) => !always.includes(name));
    assert.deepEqual(made, expected);
  });
}

// parameters, region, CloudFormation's error
const refused: readonly (readonly [Record<string, string>, string, RegExp])[] = [
  [{}, 'eu-west-1', /us-east-1/],
  [DOMAIN, 'us-east-1', /DomainName needs CertificateArn/],
  [CERTIFICATE, 'us-east-1', /CertificateArn needs DomainName/],
  [ZONE, 'us-east-1', /HostedZoneId needs DomainName/],
];

for (const [parameters, region, objection] of refused) {
  const given = Object.keys(parameters).join() || 'nothing';
  test(`a stack in ${region} with ${given} given is refused before anything is made`, () => {
    const { objections } = evaluateTemplate(template, parameters, region);
    assert.equal(objections.length, 1);
    assert.match(objections[0] ?? '', objection);
  });
}

test('a domain requires its certificate', () => {
  const config = (parameters: Record<string, string>) =>
    at(
      evaluateTemplate(template, parameters).resources,
      'Distribution/Properties/DistributionConfig',
    );
  const without = config({});
  assert.equal(at(without, 'Aliases'), undefined);
  assert.deepEqual(at(without, 'ViewerCertificate'), { CloudFrontDefaultCertificate: true });
  const withDomain = config({ ...DOMAIN, ...CERTIFICATE });
  assert.deepEqual(at(withDomain, 'Aliases'), [DOMAIN.DomainName]);
  assert.deepEqual(at(withDomain, 'ViewerCertificate'), {
    AcmCertificateArn: CERTIFICATE.CertificateArn,
    SslSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.2_2025',
  });
});

test('a domain in Route 53 points at the distribution, over IPv4 and IPv6', () => {
  const { resources } = evaluateTemplate(template, { ...DOMAIN, ...CERTIFICATE, ...ZONE });
  const records = [resources['AliasIpv4'], resources['AliasIpv6']].map(
    (record) => record?.Properties,
  );
  assert.deepEqual(
    records.map((record) => record?.['Type']),
    ['A', 'AAAA'],
  );
  for (const record of records) {
    assert.equal(record?.['Name'], DOMAIN.DomainName);
    assert.equal(record?.['HostedZoneId'], ZONE.HostedZoneId);
    assert.deepEqual(record?.['AliasTarget'], {
      DNSName: { 'Fn::GetAtt': 'Distribution.DomainName' },
      HostedZoneId: 'Z2FDTNDATAQYW2',
    });
  }
});

test('the outputs are the settings of the publisher, one by one and as its variables', () => {
  const { outputs } = evaluateTemplate(template, {});
  assert.deepEqual(outputs['BucketName'], { Ref: 'Bucket' });
  assert.deepEqual(outputs['DistributionId'], { Ref: 'Distribution' });
  assert.deepEqual(outputs['KeyValueStoreArn'], { 'Fn::GetAtt': 'KeyValueStore.Arn' });
  const name = at(template, 'Resources/Router/Properties/Name');
  assert.deepEqual(outputs['FunctionName'], name);
  const url = { 'Fn::Sub': 'https://${Distribution.DomainName}' };
  assert.deepEqual(outputs['SiteUrl'], url);

  const [text, variables] = at(outputs, 'Settings/Fn::Sub') as [string, Record<string, unknown>];
  assert.deepEqual(variables, { Url: url });
  assert.deepEqual(Object.fromEntries(text.split('\n').map((line) => line.split('='))), {
    [PUBLISH_SETTINGS.bucket.environment]: '${Bucket}',
    [PUBLISH_SETTINGS.function.environment]: at(name, 'Fn::Sub'),
    [PUBLISH_SETTINGS.keyValueStore.environment]: '${KeyValueStore.Arn}',
    [PUBLISH_SETTINGS.distribution.environment]: '${Distribution}',
    [PUBLISH_SETTINGS.siteUrl.environment]: '${Url}',
  });
});

test('the address of the site is its own domain where it has one', () => {
  const { outputs } = evaluateTemplate(template, { ...DOMAIN, ...CERTIFICATE });
  assert.deepEqual(outputs['SiteUrl'], { 'Fn::Sub': 'https://${DomainName}' });
});

test('the deploying role is an output only if it exists', () => {
  assert.equal(evaluateTemplate(template, {}).outputs['DeployRoleArn'], undefined);
  assert.deepEqual(evaluateTemplate(template, ROLE).outputs['DeployRoleArn'], {
    'Fn::GetAtt': 'DeployRole.Arn',
  });
});
