import { randomUUID } from 'node:crypto';
import { chmod, copyFile, rename } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { explainWriteError, makeFolders } from '../../lib/files/explain-file-error.ts';
import type { Send } from './folder.ts';

const FILES_AT_ONCE = 8;

/** Copies files into a folder of this machine. Each is copied beside the others, then renamed. */
export function sendLocally(root: string): Send {
  return async (dir, files, onStored) => {
    await makeFolders(path.join(root, '.incoming')).catch((error: unknown) => {
      throw explainWriteError(error, root);
    });
    const limit = pLimit({ concurrency: FILES_AT_ONCE, rejectOnClear: true });
    const copies = files.map((file) =>
      limit(async () => {
        const next = path.join(root, '.incoming', randomUUID());
        const target = path.join(root, file.key);
        await makeFolders(path.dirname(target));
        await copyFile(path.join(dir, file.path), next);
        await chmod(next, 0o644);
        await rename(next, target);
        onStored(file);
      }).catch((error: unknown) => {
        limit.clearQueue();
        throw explainWriteError(error, path.join(root, file.key));
      }),
    );
    const ended = await Promise.allSettled(copies);
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  };
}
