import assert from 'node:assert/strict';
import { at, type Template, type TemplateRule, type Value } from '../template.ts';

const YEAR_SECONDS = 31_536_000;

const config = (template: Template, path: string) =>
  at(template, `Resources/Distribution/Properties/DistributionConfig/${path}`);

const cachePolicy = (template: Template, path: string) =>
  at(template, `Resources/CachePolicy/Properties/CachePolicyConfig/${path}`);

/** How requests travel from a viewer through the router to the bucket, and what is cached on the way. */
export const distributionRules: readonly TemplateRule[] = [
  {
    rule: 'the cache key is the path that the router wrote and the encoding, and nothing else',
    check: (template) => {
      assert.deepEqual(cachePolicy(template, 'ParametersInCacheKeyAndForwardedToOrigin'), {
        EnableAcceptEncodingGzip: true,
        EnableAcceptEncodingBrotli: true,
        QueryStringsConfig: { QueryStringBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
      });
    },
  },
  {
    rule: 'the edges keep the files of a snapshot for a year, whatever max-age the objects have',
    check: (template) => {
      for (const time of ['MinTTL', 'DefaultTTL', 'MaxTTL']) {
        assert.equal(cachePolicy(template, time), YEAR_SECONDS, time);
      }
    },
  },
  {
    rule: 'every request passes the router first, whatever its path and method, and is compressed and cached alike',
    check: (template) => {
      const behaviours = [
        config(template, 'DefaultCacheBehavior'),
        ...(config(template, 'CacheBehaviors') as Value[]),
      ];
      for (const behaviour of behaviours) {
        const { PathPattern, ResponseHeadersPolicyId, AllowedMethods, ...rest } =
          behaviour as Record<string, Value>;
        assert.deepEqual(
          [...(AllowedMethods as string[])].sort(),
          ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
          'a method that a behaviour lacks is refused by CloudFront with a page, not by the router in JSON',
        );
        assert.deepEqual(rest, {
          TargetOriginId: 'bucket',
          ViewerProtocolPolicy: 'redirect-to-https',
          CachedMethods: ['GET', 'HEAD'],
          Compress: true,
          CachePolicyId: { Ref: 'CachePolicy' },
          FunctionAssociations: [
            { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': 'Router.FunctionARN' } },
          ],
        });
      }
    },
  },
  {
    rule: 'answers of the API and pages get headers of their own',
    check: (template) => {
      const behaviours = config(template, 'CacheBehaviors') as Value[];
      const patterns = behaviours.map((behaviour) => [
        at(behaviour, 'PathPattern'),
        at(behaviour, 'ResponseHeadersPolicyId/Ref'),
      ]);
      assert.deepEqual(patterns, [['/api/*', 'ApiHeaders']]);
      const pages = config(template, 'DefaultCacheBehavior/ResponseHeadersPolicyId');
      assert.deepEqual(pages, { Ref: 'PageHeaders' });
    },
  },
  {
    rule: 'the one origin is the bucket, and every request to it is signed',
    check: (template) => {
      assert.deepEqual(config(template, 'Origins'), [
        {
          Id: 'bucket',
          DomainName: { 'Fn::GetAtt': 'Bucket.RegionalDomainName' },
          OriginAccessControlId: { 'Fn::GetAtt': 'OriginAccessControl.Id' },
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
      ]);
      const control = at(
        template,
        'Resources/OriginAccessControl/Properties/OriginAccessControlConfig',
      );
      assert.equal(at(control, 'OriginAccessControlOriginType'), 's3');
      assert.equal(at(control, 'SigningBehavior'), 'always');
      assert.equal(at(control, 'SigningProtocol'), 'sigv4');
    },
  },
  {
    rule: 'viewers use TLS 1.2 or newer, and HTTP/3 and IPv6 where they can',
    check: (template) => {
      const minimum = config(template, 'ViewerCertificate/MinimumProtocolVersion/Fn::If');
      assert.deepEqual(minimum, ['HasDomain', 'TLSv1.2_2025', { Ref: 'AWS::NoValue' }]);
      assert.equal(config(template, 'HttpVersion'), 'http2and3');
      assert.equal(config(template, 'IPV6Enabled'), true);
    },
  },
  {
    rule: 'errors of the origin are forgotten within ten seconds, and no page takes their place',
    check: (template) => {
      const responses = config(template, 'CustomErrorResponses') as Record<string, Value>[];
      const codes = responses.map(({ ErrorCode }) => ErrorCode);
      assert.deepEqual(codes, [403, 404, 500, 502, 503, 504]);
      for (const { ErrorCode, ErrorCachingMinTTL, ...rest } of responses) {
        assert.ok((ErrorCachingMinTTL as number) <= 10, `${ErrorCode} is kept too long`);
        assert.deepEqual(rest, {}, `${ErrorCode} has a page`);
      }
    },
  },
];
