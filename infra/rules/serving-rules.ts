import { createHash } from 'node:crypto';
import { PAGE_HEADERS } from '../../src/router/headers/page-headers.ts';
import { at, propertyAt, type Template, type Value } from '../template.ts';
import type { Rules } from './rule.ts';

const YEAR_SECONDS = 31_536_000;
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
const POLICIES = ['ApiHeaders', 'PageHeaders'];

/**
 * The SHA-256 of the properties of the router, which must never change: CloudFormation would update the function, and that
 * puts the placeholder in place of the live router. Every request would be answered 503 until the next deploy. If a change
 * cannot be avoided, put the new digest here, and deploy right after the update.
 */
const ROUTER_DIGEST = '252d66f7cedbd8872073241ff107747cefba501d85dd00f071e8b385ecf331ff';

/** How requests travel from a viewer through the router to the bucket, and what is cached and added on the way. */
export const SERVING_RULES: Rules<Template> = {
  'the cache key is the path that the router wrote and the encoding': (template) => [
    [
      cachePolicy(template, 'ParametersInCacheKeyAndForwardedToOrigin'),
      {
        EnableAcceptEncodingGzip: true,
        EnableAcceptEncodingBrotli: true,
        QueryStringsConfig: { QueryStringBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
      },
    ],
  ],

  'the edges keep files of a snapshot for a year, whatever max-age the objects have': (template) =>
    ['MinTTL', 'DefaultTTL', 'MaxTTL'].map((time) => [cachePolicy(template, time), YEAR_SECONDS]),

  'every request passes the router first, and is compressed and cached alike': (template) =>
    behaviours(template).flatMap((behaviour) => {
      const { PathPattern, ResponseHeadersPolicyId, AllowedMethods, ...rest } = behaviour;
      return [
        // CloudFront refuses a method that is missing with a page, where the router would answer in JSON.
        [[...(AllowedMethods as string[])].sort(), METHODS],
        [
          rest,
          {
            TargetOriginId: 'bucket',
            ViewerProtocolPolicy: 'redirect-to-https',
            CachedMethods: ['GET', 'HEAD'],
            Compress: true,
            CachePolicyId: { Ref: 'CachePolicy' },
            FunctionAssociations: [
              { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': 'Router.FunctionARN' } },
            ],
          },
        ],
      ];
    }),

  'answers of the API and pages have headers of their own': (template) => [
    [
      behaviours(template).map(({ PathPattern, ResponseHeadersPolicyId }) => [
        PathPattern,
        at(ResponseHeadersPolicyId, 'Ref'),
      ]),
      [
        [undefined, 'PageHeaders'],
        ['/api/*', 'ApiHeaders'],
      ],
    ],
  ],

  'the one origin is the bucket, and every request to it is signed': (template) => {
    const control = propertyAt(template, 'OriginAccessControl/OriginAccessControlConfig');
    return [
      [
        config(template, 'Origins'),
        [
          {
            Id: 'bucket',
            DomainName: { 'Fn::GetAtt': 'Bucket.RegionalDomainName' },
            OriginAccessControlId: { 'Fn::GetAtt': 'OriginAccessControl.Id' },
            S3OriginConfig: { OriginAccessIdentity: '' },
          },
        ],
      ],
      [at(control, 'OriginAccessControlOriginType'), 's3'],
      [at(control, 'SigningBehavior'), 'always'],
      [at(control, 'SigningProtocol'), 'sigv4'],
    ];
  },

  'viewers use TLS 1.2 or newer, and HTTP/3 and IPv6 where they can': (template) => [
    [
      config(template, 'ViewerCertificate/MinimumProtocolVersion/Fn::If'),
      ['HasDomain', 'TLSv1.2_2025', { Ref: 'AWS::NoValue' }],
    ],
    [config(template, 'HttpVersion'), 'http2and3'],
    [config(template, 'IPV6Enabled'), true],
  ],

  'errors of the origin are kept for five seconds, and no page replaces them': (template) => [
    [
      config(template, 'CustomErrorResponses'),
      [403, 404, 500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 5 })),
    ],
  ],

  'pages of any site may read answers of the API (docs/api.md, difference 4)': (template) => {
    const cors = headers(template, 'ApiHeaders', 'CorsConfig');
    return [
      [at(cors, 'AccessControlAllowOrigins/Items'), ['*']],
      [at(cors, 'AccessControlAllowMethods/Items'), ['GET', 'HEAD']],
      [at(cors, 'AccessControlAllowCredentials'), false],
      [at(cors, 'OriginOverride'), true],
    ];
  },

  'browsers return over HTTPS and trust the content type': (template) =>
    POLICIES.flatMap((name) => [
      [
        headers(template, name, 'SecurityHeadersConfig/StrictTransportSecurity'),
        { AccessControlMaxAgeSec: YEAR_SECONDS, Override: true },
      ],
      [headers(template, name, 'SecurityHeadersConfig/ContentTypeOptions'), { Override: true }],
    ]),

  'pages get the same security headers as on other hosts': (template) => {
    const security = headers(template, 'PageHeaders', 'SecurityHeadersConfig');
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
    ];
  },

  'pages load from the site alone, run no inline script, and stand in no frame': (template) => {
    const security = headers(template, 'PageHeaders', 'SecurityHeadersConfig');
    const policy = String(at(security, 'ContentSecurityPolicy/ContentSecurityPolicy'));
    return [
      [
        policy.trim().split(/;\s+/),
        [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "img-src 'self' data:",
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
        ],
      ],
    ];
  },

  'the max-age of objects reaches viewers unchanged': (template) =>
    POLICIES.flatMap((name) => [
      [headers(template, name, 'CustomHeadersConfig'), undefined],
      [headers(template, name, 'RemoveHeadersConfig'), undefined],
    ]),

  'the router runs on the runtime that it is written for, and goes live at once': (template) => [
    [propertyAt(template, 'Router/FunctionConfig/Runtime'), 'cloudfront-js-2.0'],
    [propertyAt(template, 'Router/AutoPublish'), true],
  ],

  'the resource Router is never edited': (template) => {
    const properties = JSON.stringify(template.Resources['Router']?.Properties);
    return [[createHash('sha256').update(properties).digest('hex'), ROUTER_DIGEST]];
  },
};

function config(template: Template, path: string) {
  return propertyAt(template, `Distribution/DistributionConfig/${path}`);
}

function cachePolicy(template: Template, path: string) {
  return propertyAt(template, `CachePolicy/CachePolicyConfig/${path}`);
}

function headers(template: Template, name: string, path: string) {
  return propertyAt(template, `${name}/ResponseHeadersPolicyConfig/${path}`);
}

/** What applies to the paths of the distribution, the default first. */
function behaviours(template: Template) {
  return ['DefaultCacheBehavior', 'CacheBehaviors'].flatMap((name) => config(template, name)) as {
    [key: string]: Value;
  }[];
}
