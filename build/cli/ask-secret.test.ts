import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { askSecret } from './ask-secret.ts';

/** A terminal on which the keys are typed, in pieces. */
function makeTerminal(pieces: readonly string[], isTTY = true) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  for (const piece of pieces) input.write(piece);
  let shown = '';
  const output = {
    write: (text: string) => {
      shown += text;
    },
  };
  return { input, output, modes, shown: () => shown };
}

// The keys in pieces, the line.
const CASES: readonly (readonly [readonly string[], string | null])[] = [
  [['secret\r'], 'secret'],
  [['secret\n'], 'secret'],
  [['s', 'e', 'c', '\r'], 'sec'],
  [['\r'], ''],
  [['sex\u007fcret\r'], 'secret'],
  [['sé\b\b\b\bok\r'], 'ok'],
  [['ü ñ 🔑\r'], 'ü ñ 🔑'],
  [['🔑\u007fa\r'], 'a'],
  [['one\rtwo\r'], 'one'],
  [['sec\u0003'], null],
  [['\u0004'], null],
];

for (const [pieces, line] of CASES) {
  test(`${JSON.stringify(pieces)} typed is ${JSON.stringify(line)}, and not shown`, async () => {
    const { input, output, modes, shown } = makeTerminal(pieces);
    assert.equal(await askSecret('Passphrase: ', input, output), line);
    assert.equal(shown(), 'Passphrase: \n');
    assert.deepEqual(modes, [true, false], 'the terminal is as it was');
  });
}

test('without a terminal, nothing is asked', async () => {
  const { input, output, shown } = makeTerminal(['secret\r'], false);
  assert.equal(await askSecret('Passphrase: ', input, output), null);
  assert.equal(shown(), '');
});
