import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatNotices, type Notice } from '../../catalog/notices/notice.ts';
import type { NoticeFile } from '../../catalog/notices/read-notices.ts';
import { UserError } from '../../lib/errors.ts';
import { readIfThere } from '../../lib/files/explain-file-error.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';

/**
 * Writes changed notices atomically, in the order and form that the file always has. Without notices, the file is removed.
 *
 * @param before the file as it was read; undefined: there was none
 * @throws {UserError} if it has changed since then
 */
export async function saveNotices(
  file: string,
  notices: readonly Notice[],
  before: NoticeFile | undefined,
  cwd: string,
): Promise<void> {
  const location = path.resolve(cwd, file);
  const now = (await readIfThere(location, file))?.toString();
  if (now !== before?.text) {
    throw new UserError(
      `${file} has changed since it was read, so it was left as it is: run the command again`,
    );
  }
  if (notices.length === 0) await rm(location, { force: true });
  else {
    const expected = before === undefined ? {} : { expected: before.text };
    await replaceFile(location, formatNotices(notices), { name: file, ...expected });
  }
}
