import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../src/lib/errors.ts';
import { spellOut } from '../../src/lib/spell-out.ts';
import type { Random } from '../random.ts';

/** A reader of what others wrote, ready to be tried. */
export interface FuzzTarget {
  /** Inputs to begin from; the reader accepts the first ones. */
  readonly samples: readonly Buffer[];
  readonly mutate: (random: Random, sample: Buffer) => Buffer;
  /** How many inputs are checked at once, if a single one is expensive. Default: 1. */
  readonly batch?: number;
  /** @throws if the reader breaks a promise on one of the inputs */
  readonly check: (inputs: readonly Buffer[]) => void | Promise<void>;
  readonly stop?: () => Promise<void>;
}

/** A folder for what a target writes, and what removes it. */
export async function targetFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-fuzz-'));
  return { folder, stop: () => rm(folder, { recursive: true, force: true }) };
}

/** The result of a reader for an input; undefined if it refuses it properly, with a `UserError`. */
export async function accepted<Result>(
  read: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assertTellable(error.message);
    return undefined;
  }
}

/** Controls but the line feed, marks of direction, and halves of characters. */
const STEERING = /(?!\n)\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/u;

/** The longest useful message. */
const MOST_CHARACTERS = 1e6;

/** @throws where a message, as commands print it, steers a terminal, hides there or fills it */
export function assertTellable(message: string, print = spellOut): void {
  const found = STEERING.exec(print(message));
  assert.equal(found?.[0], undefined, 'a message steers the terminal');
  assert.ok(message.length <= MOST_CHARACTERS, `a message has ${message.length} characters`);
}

/** @throws if a relative path leaves its folder */
export function assertInside(file: string): void {
  for (const { resolve, sep } of [path.posix, path.win32]) {
    const folder = resolve('/folder');
    const isInside = resolve(folder, file).startsWith(folder + sep);
    assert.ok(isInside, `the path ${JSON.stringify(file)} leaves its folder`);
  }
}
