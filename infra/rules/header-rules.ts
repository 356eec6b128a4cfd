import assert from 'node:assert/strict';
import { PAGE_HEADERS } from '../../src/router/headers/page-headers.ts';
import { at, type Template, type TemplateRule, type Value } from '../template.ts';

const policy = (template: Template, name: string) =>
  at(template, `Resources/${name}/Properties/ResponseHeadersPolicyConfig`) as Record<string, Value>;

/** What CloudFront adds to what comes out of the bucket. */
export const headerRules: readonly TemplateRule[] = [
  {
    rule: 'answers of the API may be read by pages of any site (API.md, difference 4)',
    check: (template) => {
      const cors = policy(template, 'ApiHeaders')['CorsConfig'];
      assert.deepEqual(at(cors, 'AccessControlAllowOrigins/Items'), ['*']);
      assert.deepEqual(at(cors, 'AccessControlAllowMethods/Items'), ['GET', 'HEAD']);
      assert.equal(at(cors, 'AccessControlAllowCredentials'), false);
      assert.equal(at(cors, 'OriginOverride'), true);
    },
  },
  {
    rule: 'browsers come back over HTTPS and believe the content type',
    check: (template) => {
      for (const name of ['ApiHeaders', 'PageHeaders']) {
        const security = policy(template, name)['SecurityHeadersConfig'];
        assert.deepEqual(at(security, 'StrictTransportSecurity'), {
          AccessControlMaxAgeSec: 31_536_000,
          Override: true,
        });
        assert.deepEqual(at(security, 'ContentTypeOptions'), { Override: true });
      }
    },
  },
  {
    rule: 'pages load from the site alone, run no script in the page, and stand in no frame',
    check: (template) => {
      const security = policy(template, 'PageHeaders')['SecurityHeadersConfig'];
      const text = String(at(security, 'ContentSecurityPolicy/ContentSecurityPolicy'));
      const directives = Object.fromEntries(
        text.split(';').map((directive) => {
          const [name, ...sources] = directive.trim().split(/\s+/);
          return [name, sources.join(' ')];
        }),
      );
      assert.deepEqual(directives, {
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'img-src': "'self' data:",
        'connect-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
      });
      assert.deepEqual(
        {
          'content-security-policy': text.trim(),
          'x-frame-options': at(security, 'FrameOptions/FrameOption'),
          'referrer-policy': at(security, 'ReferrerPolicy/ReferrerPolicy'),
        },
        PAGE_HEADERS,
        'CloudFront says of the pages what the other edges say',
      );
    },
  },
  {
    rule: 'the max-age of the objects reaches viewers as it is',
    check: (template) => {
      for (const name of ['ApiHeaders', 'PageHeaders']) {
        const { CustomHeadersConfig, RemoveHeadersConfig } = policy(template, name);
        assert.deepEqual([CustomHeadersConfig, RemoveHeadersConfig], [undefined, undefined], name);
      }
    },
  },
];
