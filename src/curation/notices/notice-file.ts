import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatNotices, type Notice, parseNotices } from '../../catalog/notices/notice.ts';
import { UserError } from '../../lib/errors.ts';
import { readIfThere } from '../../lib/files/explain-file-error.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';

/** The file of notices beside a catalog, to be changed. */
export interface EditableNotices {
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** The exact text; null: there is no file. */
  readonly text: string | null;
  readonly notices: readonly Notice[];
}

/** @throws {UserError} if it cannot be read, or with every problem of it */
export async function openNotices(file: string, cwd: string): Promise<EditableNotices> {
  const absolute = path.resolve(cwd, file);
  const bytes = await readIfThere(absolute, file);
  if (bytes === null) return { file, path: absolute, text: null, notices: [] };
  const { notices, problems } = parseNotices(bytes.toString(), file);
  if (problems.length > 0) throw new UserError(`${file} has no notices that can be read`, problems);
  return { file, path: absolute, text: bytes.toString(), notices };
}

/**
 * Writes changed notices atomically, in the order and form that the file always has. Without notices, the file is removed.
 *
 * @throws {UserError} if the file has changed since it was read
 */
export async function saveNotices(
  { file, path: location, text }: EditableNotices,
  notices: readonly Notice[],
): Promise<void> {
  const now = (await readIfThere(location, file))?.toString() ?? null;
  if (now !== text) {
    throw new UserError(
      `${file} has changed since it was read, so it was left as it is: run the command again`,
    );
  }
  if (notices.length === 0) await rm(location, { force: true });
  else {
    const expected = text === null ? {} : { expected: text };
    await replaceFile(location, formatNotices(notices), { name: file, ...expected });
  }
}
