import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { runInNode } from '../../../test/engines/edge-function.ts';
import { seededRandom } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { plannedSite } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { parseFilter, type Refusal } from '../../router/request/parse-filter.ts';
import { catalogFile, healthFile, labelsFile } from '../../snapshot/site-files.ts';
import { openApiFile } from './open-api.ts';

const document = JSON.parse(
  String(openApiFile({ title: 'Test', siteUrl: 'https://example.com' }).content),
);

/** The answer that each schema describes, by route and status. */
function schemaOf(route: string, status: number) {
  const [content] = Object.values(document.paths[route].get.responses[status].content) as [
    { schema: object },
  ];
  // References of an API description start at its root.
  const { schemas } = document.components;
  const text = JSON.stringify(content.schema).replaceAll('#/components/schemas/', '#/$defs/');
  const defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/'));
  return z.fromJSONSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...JSON.parse(text),
    $defs: defs,
  });
}

function assertDescribed(route: string, status: number, body: string) {
  const { success, error } = schemaOf(route, status).safeParse(JSON.parse(body));
  assert.ok(success, `${route}, ${status}: ${error}`);
}

test('it conforms to its declared version, and every reference has a target', () => {
  assert.match(document.openapi, /^3\.1\.\d$/);
  assert.ok(document.info.title && document.info.version);
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(
    [...new Set(references)].sort(),
    Object.keys(document.components.schemas).sort(),
  );
});

test('it has exactly the routes of the API', () => {
  assert.deepEqual(Object.keys(document.paths), [
    '/api/v1/plugins',
    '/api/v1/labels',
    '/api/v1/health',
    '/catalog.json',
    '/signed.json',
  ]);
});

const parameters: { name: string; schema: { type: string; default?: unknown } }[] =
  document.paths['/api/v1/plugins'].get.parameters;

test('it names every parameter that the parser knows, with its type and default', () => {
  const filter = parseFilter('');
  assert.ok(!('error' in filter));
  assert.equal(parameters.length, Object.keys(filter).length);
  const defaults = { boolean: false, integer: 0, string: '' };
  for (const { name, schema } of parameters) {
    const type = schema.type as keyof typeof defaults;
    const usual = name === 'per_page' ? 100 : defaults[type];
    assert.equal(schema.default ?? '', usual, name);
    const wrong = parseFilter(`${name}=%ff`);
    const isText = type === 'string' && name !== 'server_version';
    assert.equal(
      'error' in wrong && wrong.parameter === name,
      !isText,
      `${name} is not of type ${type}`,
    );
  }
});

const file = path.join(import.meta.dirname, '../../../plugins.json');
const catalogs = [
  ['the shipped catalog', parseCatalog(readFileSync(file, 'utf8'), file).releases],
  ['a random catalog', randomCatalog(seededRandom(5))],
] as const;

for (const [name, releases] of catalogs) {
  test(`it describes what the API answers and refuses: ${name}`, async () => {
    const { code, read } = await plannedSite(releases);
    const queries = [
      ...['', 'server_version=9.5.0', 'return_all_versions=true&per_page=-1', 'per_page=0'],
      ...['plugin_id=jira&platform=linux-amd64', 'enterprise_plugins=true&cloud=true'],
      ...['page=x', 'server_version=9', 'page=-1', 'return_all_versions=1&per_page=7'],
    ];
    const routed = runInNode(
      code,
      queries.map((query) => ({ method: 'GET', path: '/api/v1/plugins', query })),
    );
    const statuses = routed.map((answer) => {
      if ('statusCode' in answer) {
        assertDescribed('/api/v1/plugins', 400, answer.body);
        return answer.statusCode;
      }
      assertDescribed('/api/v1/plugins', 200, read(answer.path));
      return 200;
    });
    assert.ok(statuses.includes(200) && statuses.includes(400));
    assertDescribed('/api/v1/labels', 200, String(labelsFile().content));
    const { content } = catalogFile(indexCatalog(releases));
    assertDescribed('/catalog.json', 200, String(content));
    assertDescribed(
      '/api/v1/health',
      200,
      String(healthFile({ buildTag: 'v1', buildHash: '0123456789' }).content),
    );
  });
}

test('it describes nothing else', () => {
  const refusal: Refusal = { error: 'page is not valid', parameter: 'page', allowed: 'an integer' };
  assert.throws(() => assertDescribed('/api/v1/plugins', 200, JSON.stringify(refusal)));
  assert.throws(() => assertDescribed('/api/v1/plugins', 400, '[]'));
  assert.throws(() => assertDescribed('/api/v1/plugins', 200, '[{"manifest":{"id":"x"}}]'));
  assert.throws(() => assertDescribed('/api/v1/labels', 200, '[{"name":"x"}]'));
  assert.throws(() => assertDescribed('/api/v1/health', 200, '{"status":"fail"}'));
});
