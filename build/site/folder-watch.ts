import { type FSWatcher, statSync, watch } from 'node:fs';

/** Any more folders are only looked at now and then. */
const MAXIMUM_FOLDERS = 64;

/**
 * Calls back when something happens in one of some folders. It watches folders and not files: editors write a new file and
 * rename it over the old one, which a watcher of the old file would never notice.
 *
 * There is no guarantee: a folder that cannot be watched, such as one on a network drive, is skipped.
 */
export class FolderWatch {
  readonly #wake: () => void;
  /** Keyed by path and inode, as a folder may be removed and made again. */
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Watches exactly these folders from now on. */
  follow(folders: readonly string[]): void {
    const wanted = new Map(
      folders.slice(0, MAXIMUM_FOLDERS).flatMap((folder) => {
        const found = statSync(folder, { throwIfNoEntry: false });
        return found === undefined ? [] : [[`${found.dev}:${found.ino} ${folder}`, folder]];
      }),
    );
    for (const key of this.#watchers.keys()) if (!wanted.has(key)) this.#drop(key);
    for (const [key, folder] of wanted) if (!this.#watchers.has(key)) this.#add(key, folder);
  }

  close(): void {
    this.follow([]);
  }

  #add(key: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.#wake);
      watcher.on('error', () => this.#drop(key));
      this.#watchers.set(key, watcher);
    } catch {
      // For example, the system is out of watches.
    }
  }

  #drop(key: string): void {
    this.#watchers.get(key)?.close();
    this.#watchers.delete(key);
  }
}
