import { setTimeout as sleep } from 'node:timers/promises';
import { FolderWatch } from './folder-watch.ts';
import type { Inputs } from './inputs/look-at-inputs.ts';

/** The options of `rebuildOnChange`. */
export interface RebuildOptions {
  /** Looks at what the build depends on. Never rejects. */
  readonly look: () => Promise<Inputs>;
  /** The result of `look` just before the last build began, so that no later change is missed. */
  readonly built: Inputs;
  /** Builds the current inputs. Never rejects. */
  readonly rebuild: () => Promise<void>;
  /** Ends it; a build under way is finished first. */
  readonly signal: AbortSignal;
}

/** The time between two looks when nothing seems to happen: not every file system reports changes. */
const POLL_MS = 2000;

/** Files are written in several steps. A build waits until they have stayed the same for this long. */
const SETTLE_MS = 100;

/** Files that never stop changing are built all the same. */
const MAXIMUM_SETTLES = 20;

/**
 * Builds again whenever something changes, appears or disappears, one build at a time. Changes during a build lead to exactly
 * one more.
 */
export async function rebuildOnChange(options: RebuildOptions): Promise<void> {
  const { look, rebuild, signal } = options;
  const alarm = new Alarm(signal);
  const folders = new FolderWatch(() => alarm.ring());
  let built = options.built;
  folders.follow(built.folders);
  let pollMs = 0;
  while (!signal.aborted) {
    await alarm.wait(pollMs);
    const startMs = performance.now();
    const inputs = await settle(look, built, signal);
    // If looking is slow, such as with thousands of files, it still takes only a small part of the time.
    pollMs = Math.max(POLL_MS, 20 * (performance.now() - startMs));
    folders.follow(inputs.folders);
    if (signal.aborted || inputs.fingerprint === built.fingerprint) continue;
    built = inputs;
    await rebuild();
    pollMs = 0;
  }
  folders.close();
}

/** Looks until nothing changes. */
async function settle(look: () => Promise<Inputs>, built: Inputs, signal: AbortSignal) {
  let last = await look();
  for (let i = 0; i < MAXIMUM_SETTLES && !signal.aborted; i++) {
    if (last.fingerprint === built.fingerprint) break;
    await sleep(SETTLE_MS);
    const now = await look();
    if (now.fingerprint === last.fingerprint) return now;
    last = now;
  }
  return last;
}

/** Waits until it is rung, or for some time. A ring while no one waits is kept. */
class Alarm {
  #isRung = false;
  #wake = () => {};

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.ring());
  }

  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  async wait(limitMs: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs).unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isRung = false;
  }
}
