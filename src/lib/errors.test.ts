import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from './errors.ts';

test('a name in a problem neither steers the terminal nor begins a line of its own', () => {
  // [path, as it is reported]
  const cases = [
    ['abc@1.0.0 manifest.id', 'abc@1.0.0 manifest.id'],
    ['a\u0000c', 'a\\u0000c'],
    ['a\u001b[2Jc', 'a\\u001b[2Jc'],
    ['a\n::error::c', 'a\\u000a::error::c'],
    ['a\u009b2Jc', 'a\\u009b2Jc'],
    ['日本 é', '日本 é'],
  ] as const;
  for (const [path, reported] of cases) {
    const line = formatProblem({ level: 'warning', file: 'f', path, message: 'is odd' });
    assert.equal(line, `f ${reported}: is odd`);
  }
});
