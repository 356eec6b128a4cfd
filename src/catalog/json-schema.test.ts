import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { buildJsonSchema, renderJsonSchema } from './json-schema.ts';
import { checkEntry } from './problems/check-entry.ts';
import { STRICT_VERSION } from './problems/strict-version.ts';

/** The part of JSON Schema that our schema uses. */
interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a schema accepts a value, by the keywords above: what an editor does with it. */
function accepts(schema: Schema, value: unknown): boolean {
  const { type = [], anyOf = [], properties = {}, additionalProperties = {} } = schema;
  const types = [type].flat();
  const ofString = (text: string) =>
    new RegExp(schema.pattern ?? '', 'u').test(text) &&
    text.length >= (schema.minLength ?? 0) &&
    text.length <= (schema.maxLength ?? text.length);
  const ofArray = (items: unknown[]) => items.every((item) => accepts(schema.items ?? {}, item));
  const ofObject = (object: object) =>
    (schema.required ?? []).every((key) => Object.hasOwn(object, key)) &&
    Object.entries(object).every(
      ([key, item]) =>
        accepts(schema.propertyNames ?? {}, key) &&
        accepts(
          Object.hasOwn(properties, key) ? (properties[key] ?? {}) : additionalProperties,
          item,
        ),
    );
  return (
    (types.length === 0 || types.includes(typeOf(value))) &&
    (anyOf.length === 0 || anyOf.some((choice) => accepts(choice, value))) &&
    (schema.enum?.includes(value) ?? true) &&
    (typeof value !== 'string' || ofString(value)) &&
    (!Array.isArray(value) || ofArray(value)) &&
    (typeOf(value) !== 'object' || ofObject(value as object))
  );
}

const schema: Schema = buildJsonSchema();
const manifest = { id: 'a', version: '1.0.0' };

// [entry, whether it is fine]
const entries: [unknown, boolean][] = [
  [{ manifest }, true],
  [{ manifest, hosting: null, labels: null, platforms: null, x: { y: 1 } }, true],
  [{ manifest: { ...manifest, min_server_version: '', name: null, x: 1 } }, true],
  [{ manifest: { ...manifest, min_server_version: '5.2.0-rc1' } }, true],
  [{ manifest, platforms: { 'linux-amd64': {}, 'a-b': null, 'a-b-c': { signature: '' } } }, true],
  [{ manifest, labels: [{ name: 'x' }], updated_at: '2024-01-01T00:00:00Z' }, true],
  [{}, false],
  [null, false],
  [[], false],
  [{ manifest: null }, false],
  [{ manifest: { id: 'a' } }, false],
  [{ manifest: { version: '1.0.0' } }, false],
  [{ manifest: { ...manifest, id: '' } }, false],
  [{ manifest: { ...manifest, id: 'a ' } }, false],
  [{ manifest: { ...manifest, id: 'a\u0085b' } }, false],
  [{ manifest: { ...manifest, version: 'v1.0.0' } }, false],
  [{ manifest: { ...manifest, version: `1.0.0-${'a'.repeat(251)}` } }, false],
  [{ manifest: { ...manifest, min_server_version: '5.2' } }, false],
  [{ manifest, homepage_url: 'example.com' }, false],
  [{ manifest, icon_data: '<svg/>' }, false],
  [{ manifest, hosting: 'moon' }, false],
  [{ manifest, enterprise: 'yes' }, false],
  [{ manifest, signature: 1 }, false],
  [{ manifest, platforms: { linux: {} } }, false],
  [{ manifest, platforms: { 'linux-amd64': { download_url: 'x' } } }, false],
  [{ manifest, labels: [{}] }, false],
  [{ manifest, labels: [{ name: '' }] }, false],
  [{ manifest, updated_at: 'yesterday' }, false],
];

test('the JSON Schema and the validator agree', () => {
  for (const [entry, expected] of entries) {
    const text = JSON.stringify(entry);
    assert.equal(checkEntry(entry).length === 0, expected, `validator: ${text}`);
    assert.equal(accepts(schema, [entry]), expected, `JSON Schema: ${text}`);
  }
});

test('only the manifest and its id and version are required, and versions are the strict ones', () => {
  assert.deepEqual(schema.items?.required, ['manifest']);
  const fields = schema.items?.properties?.['manifest'];
  assert.deepEqual(fields?.required, ['id', 'version']);
  assert.equal(fields?.properties?.['version']?.pattern, STRICT_VERSION.source);
});

test('every field has a title and a description for editors', () => {
  const visit = (
    path: string,
    { properties = {}, items, anyOf = [], additionalProperties }: Schema,
  ) => {
    for (const [key, field] of Object.entries(properties)) {
      assert.ok(field.title && field.description, `${path}.${key}`);
      visit(`${path}.${key}`, field);
    }
    for (const inner of [items, additionalProperties, ...anyOf]) {
      if (inner !== undefined) {
        visit(path, inner);
      }
    }
  };
  visit('', schema);
});

test('plugins.schema.json is up to date (write it with: npm run schema)', async () => {
  const committed = await readFile(new URL('./plugins.schema.json', import.meta.url), 'utf8');
  assert.equal(committed, renderJsonSchema());
  assert.deepEqual(JSON.parse(committed), buildJsonSchema());
});
