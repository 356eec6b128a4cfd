import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../../../src/lib/digests.ts';
import type { Snapshot } from '../../../src/snapshot/parse-snapshot.ts';

/** Milliseconds that parts of writing a build take by themselves. */
export interface WritingParts {
  /** SHA-256 of every file, from memory. */
  readonly hashMs: number;
  /** Writing every file, one after the other, from memory. */
  readonly writeMs: number;
}

// Usage: time-writing.ts SITE OUT. Hashes a finished build and writes it once more, and prints `WritingParts`.
const [site = '', out = ''] = process.argv.slice(2);
const { files }: Snapshot = JSON.parse(await readFile(path.join(site, 'snapshot.json'), 'utf8'));
const parents = new Set(files.map((file) => path.dirname(path.join(out, file.path))));
for (const parent of parents) await mkdir(parent, { recursive: true });
let hashMs = 0;
let writeMs = 0;
for (const file of files) {
  const content = await readFile(path.join(site, file.path));
  const started = performance.now();
  digestOf(content);
  const hashed = performance.now();
  await writeFile(path.join(out, file.path), content);
  hashMs += hashed - started;
  writeMs += performance.now() - hashed;
}
const parts: WritingParts = { hashMs, writeMs };
process.stdout.write(JSON.stringify(parts));
