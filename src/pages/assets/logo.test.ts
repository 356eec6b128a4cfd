import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../lib/errors.ts';
import { readLogo } from './logo.ts';

let cwd: string;

before(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'logo-'));
});

after(() => rm(cwd, { recursive: true }));

test('a picture is read, and none where none is named', async () => {
  await writeFile(path.join(cwd, 'logo.SVG'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const picture = await readLogo('logo.SVG', cwd);
  assert.equal(picture?.contentType, 'image/svg+xml');
  assert.equal(await readLogo('', cwd), undefined);
});

// File, content, the error message.
const REFUSED: readonly (readonly [string, string | undefined, RegExp])[] = [
  ['logo.gif', 'GIF89a', /logo\.gif: is neither \.svg nor \.png — name a picture/],
  ['none.svg', undefined, /none\.svg: does not exist — check the name/],
  ['logo.png', '<svg/>', /logo\.png: is not image\/png — save it/],
  ['page.svg', '<html></html>', /page\.svg: is not image\/svg\+xml/],
  ['large.svg', `<svg>${' '.repeat(300_000)}</svg>`, /large\.svg: has 300011 bytes — use one/],
];

for (const [file, content, expected] of REFUSED) {
  test(`${file} is refused: ${expected}`, async () => {
    if (content !== undefined) await writeFile(path.join(cwd, file), content);
    await assert.rejects(readLogo(file, cwd), (error) => {
      return error instanceof UserError && expected.test(error.message);
    });
  });
}
