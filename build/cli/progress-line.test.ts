import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { progressLine } from './progress-line.ts';

/** Shows a state every half second for half a minute, and gives what was written. */
function writtenTo(isTTY: boolean, isQuiet: boolean): string[] {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  let nowMs = 0;
  const line = progressLine(stream as unknown as WriteStream, isQuiet, () => nowMs);
  for (let i = 1; i <= 60; i++) {
    nowMs += 500;
    line.show(`${i} of 60`, i === 60);
  }
  line.clear();
  return written;
}

test('a terminal has one line, which is written over and removed at the end', () => {
  const written = writtenTo(true, false);
  assert.equal(written[0], '\r\x1b[K1 of 60');
  assert.equal(written.length, 61);
  assert.equal(written.at(-1), '\r\x1b[K');
});

test('a log has a line every ten seconds, without anything that controls a terminal', () => {
  assert.deepEqual(writtenTo(false, false), ['20 of 60\n', '40 of 60\n', '60 of 60\n']);
});

test('nothing is shown if it should be quiet', () => {
  assert.deepEqual([...writtenTo(true, true), ...writtenTo(false, true)], []);
});
