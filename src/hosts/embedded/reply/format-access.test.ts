import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Access, formatAccess } from './format-access.ts';

const access: Access = {
  at: new Date(0),
  address: '127.0.0.1',
  method: 'GET',
  target: '/a?b=%0A',
  status: 200,
  bodyBytes: 0,
  durationMs: 1.25,
  path: 'snapshots/ab/a.json',
};
const unknown = { address: undefined, bodyBytes: undefined, path: undefined };

// request, line
const cases: [Access, string][] = [
  [access, '1970-01-01T00:00:00.000Z 127.0.0.1 GET /a?b=%0A 200 0 1.3 snapshots/ab/a.json'],
  [{ ...access, ...unknown }, '1970-01-01T00:00:00.000Z - GET /a?b=%0A 200 - 1.3 -'],
];

for (const [input, line] of cases) {
  test(`the access log says ${line}`, () => assert.equal(formatAccess(input), line));
}
