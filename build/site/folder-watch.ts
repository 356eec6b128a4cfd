import { type FSWatcher, statSync, watch } from 'node:fs';

/** More than that many folders are looked at now and then only. */
const MAXIMUM_FOLDERS = 64;

/**
 * Wakes someone whenever something happens in one of some folders. Folders and not files are watched: an editor that
 * writes a new file and renames it over the old one leaves who watches the old one with a file that is gone.
 *
 * It promises nothing: a folder that cannot be watched, such as on a network drive, is passed over.
 */
export class FolderWatch {
  readonly #wake: () => void;
  /** By folder and which one it is, for a folder may be removed and made again. */
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Watches these folders from now on, and no others. */
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
      // Such as a system that is out of watches.
    }
  }

  #drop(key: string): void {
    this.#watchers.get(key)?.close();
    this.#watchers.delete(key);
  }
}
