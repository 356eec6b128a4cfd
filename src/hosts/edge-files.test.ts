import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contentTypeOf } from '../router/headers/headers.ts';
import { contentTypesOf } from './edge-files.ts';

const files = [
  { path: 'api/health.json', contentType: 'application/health+json' },
  { path: 'api/labels.json', contentType: 'application/json' },
  { path: 'api/plugins/a.b/9.5.0/latest.json', contentType: 'application/json' },
  { path: 'site/index.html', contentType: 'text/html; charset=utf-8' },
];

test('each file has the content type that the build gave it', () => {
  const types = contentTypesOf(files);
  for (const { path, contentType } of files) assert.equal(contentTypeOf(types, path), contentType);
});

test('only what differs from the others of its extension is named by its path', () => {
  assert.deepEqual(contentTypesOf(files), {
    'api/health.json': 'application/health+json',
    '.json': 'application/json',
    '.html': 'text/html; charset=utf-8',
  });
});
