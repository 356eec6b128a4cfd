import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { formatProblem } from '../errors.ts';
import { parseJsonAs } from './parse-json.ts';

const nested = (levels: number, [open, close] = ['[', ']']) =>
  open + '['.repeat(levels - 1) + ']'.repeat(levels - 1) + close;

// Documents that nest too deeply.
const DEEP = [
  `{"list":[${nested(109)}]}`,
  `{"list":[${nested(20_000)}]}`,
  `{"list":${nested(20_000, ['{"a":', '}'])}}`,
  `{"list":[],"more":${nested(100_000)}}`,
  nested(20_000),
];

test('a document that nests too deeply is refused in a line', () => {
  for (const text of DEEP) {
    const parsed = parseJsonAs(z.object({ list: z.array(z.unknown()) }), text, 'file.json');
    assert.ok('problems' in parsed, text.slice(0, 40));
    const lines = parsed.problems.map(formatProblem);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? '',
      /^file\.json \S+: is nested more than 110 levels deep — flatten it$/,
    );
    assert.ok((lines[0] ?? '').length < 200, lines[0]);
  }
});

test('what a lock keeps of a deep entry is read', () => {
  const text = `{"list":[${nested(100)}]}`;
  assert.ok('value' in parseJsonAs(z.object({ list: z.array(z.unknown()) }), text, 'file.json'));
});
