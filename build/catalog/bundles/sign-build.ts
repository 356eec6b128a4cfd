import path from 'node:path';
import type { PrivateKey } from 'openpgp';
import { UsageError } from '../../../src/lib/errors.ts';
import { describeBuild } from '../../../src/publish/records/signed.ts';
import { parseWholeNumber } from '../../../src/settings/setting.ts';
import {
  readStatement,
  type Statement,
  signStatement,
  siteOf,
} from '../../../src/signatures/statement.ts';
import { signedFile } from '../../../src/snapshot/parse-snapshot.ts';
import { readSignedFile, readSnapshot } from '../../../src/snapshot/read-snapshot.ts';

/** The input of `describeForSigning`, as it was typed. */
export interface BuildSignatureOptions {
  /** The address of the marketplace. */
  readonly siteUrl: string;
  /** In days. */
  readonly expires: string;
  /** Undefined: higher than before. */
  readonly counter: string | undefined;
  readonly now: Date;
}

/** A statement about a build, to be signed, and its file. */
export interface BuildStatement {
  readonly file: string;
  readonly name: string;
  readonly sign: (key: PrivateKey) => Promise<string>;
}

const DAY_MS = 86_400_000;

/** What holds longer stops no freeze. */
const MOST_DAYS = 3650;

/**
 * States what a build is.
 *
 * @param name of its folder, as it was typed
 * @throws {UserError} if it is not a build
 * @throws {UsageError} if the address is missing, or a number is none
 */
export async function describeForSigning(
  dir: string,
  name: string,
  { siteUrl, expires, counter, now }: BuildSignatureOptions,
): Promise<BuildStatement> {
  if (siteUrl === '') {
    throw new UsageError(
      'name the address of the marketplace with --site-url, or as siteUrl in the settings: those who check the signature ask there',
    );
  }
  const days = toNumber('expires', expires);
  if (days > MOST_DAYS) {
    throw new UsageError(`--expires takes at most ${MOST_DAYS} days, not ${days}`);
  }
  const read = await readSnapshot(dir);
  const file = path.join(dir, signedFile(read.snapshot.id));
  const before = readStatement((await readSignedFile(dir, read.snapshot.id))?.toString() ?? '');
  // By the clock, since nobody else knows the last one. It need not be without gaps.
  const usual = Math.max(Math.floor(now.getTime() / 1000), (before?.counter ?? 0) + 1);
  const statement: Statement = {
    format: 1,
    site: siteOf(siteUrl),
    ...describeBuild(read),
    counter: counter === undefined ? usual : toNumber('counter', counter),
    signedAt: toSeconds(now),
    expires: toSeconds(new Date(now.getTime() + days * DAY_MS)),
  };
  return {
    file,
    name: path.join(name, signedFile(read.snapshot.id)),
    sign: (key) => signStatement(statement, key, now),
  };
}

function toNumber(flag: string, text: string): number {
  const number = parseWholeNumber(text);
  if (number !== null) return number;
  throw new UsageError(`--${flag} takes a whole number from 1 on, not ${text}`);
}

const toSeconds = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');
