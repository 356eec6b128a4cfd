import { stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, type Problem } from '../../lib/errors.ts';
import { readText } from '../../lib/json/read-text.ts';
import type { FoundFile } from '../find-catalog-files.ts';
import { NOTICES_FILE, type Notice, parseNotices } from './notice.ts';

/** The notices of one file, in its order. */
export interface NoticeFile {
  readonly file: string;
  readonly notices: readonly Notice[];
}

export interface ReadNoticesResult {
  readonly files: readonly NoticeFile[];
  readonly problems: readonly Problem[];
}

/** The file of the notices beside a file of the catalog. */
export function besideCatalog(file: string): string {
  return path.posix.join(path.posix.dirname(file), NOTICES_FILE);
}

/** Reads the notices beside the files of a catalog: one file for each folder that has one. */
export async function readNotices(catalog: readonly FoundFile[]): Promise<ReadNoticesResult> {
  const files: NoticeFile[] = [];
  const problems: Problem[] = [];
  const paths = new Map(
    catalog.map((one) => [
      path.join(path.dirname(one.path), NOTICES_FILE),
      besideCatalog(one.file),
    ]),
  );
  for (const [location, file] of paths) {
    const isThere = await stat(location).catch((error) => errorCode(error) !== 'ENOENT');
    if (!isThere) continue;
    const read = await readText(location, file);
    const parsed =
      'problem' in read ? { notices: [], problems: [read.problem] } : parseNotices(read.text, file);
    problems.push(...parsed.problems);
    files.push({ file, notices: parsed.notices });
  }
  return { files, problems };
}
