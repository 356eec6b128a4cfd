// Edge dialect: this file is part of the router.
import { digit, digitAt } from './digit.ts';

/** What a server sees of a plugin: for each release that it is answered, highest version first, a digit in each text. */
export interface Sight {
  /** The positions of the releases. */
  found: string;
  /** Their classes. */
  kinds: string;
  /** Their ranks, in a list and among the texts. */
  ranks: string;
  /** One digit: the step from which on it is so. */
  since: string;
}

/** The digit of the lowest step and of the first position. */
export const FIRST = digit(0);

/** Above every digit. */
export const LAST = '\uffff';

/**
 * Walks through a plugin's releases, highest version first.
 *
 * @param classes of the routing table, split
 * @param memo what is known of classes at this row and column; empty at first
 * @param releases of the plugin, as in the routing table
 * @param from the digit of the first position to look at
 * @param to the digit of the last
 */
export function scanPlugin(
  classes: string[],
  memo: Record<string, string>,
  releases: string,
  row: number,
  column: string,
  allVersions: boolean,
  from: string,
  to: string,
): Sight {
  const sight = { found: '', kinds: '', ranks: '', since: FIRST };
  let rank = releases[0] as string;
  let isTie = false;
  let count = 0;
  for (let i = 1; i < releases.length; i++) {
    const release = releases[i] as string;
    if (release === '#') {
      rank = releases[++i] as string;
    } else if (release === '!') {
      isTie = true;
    } else {
      if (sight.found && !allVersions && !isTie) break;
      isTie = false;
      const position = digit(count++);
      if (position >= from && position <= to) {
        let passed = memo[release];
        if (passed === undefined) {
          const parts = (classes[digitAt(release, 0)] as string).slice(1).split('!');
          const changes = parts[row % parts.length] as string;
          passed = '';
          while ((changes[passed.length] as string) <= column) passed += changes[passed.length];
          memo[release] = passed;
        }
        const last = passed[passed.length - 1] as string;
        if (last > sight.since) sight.since = last;
        if (passed.length & 1) {
          // Of equal versions the newest is the last, and all of them are listed.
          if (!allVersions) sight.found = sight.kinds = sight.ranks = '';
          sight.found += position;
          sight.kinds += release;
          sight.ranks += rank;
        }
      }
    }
  }
  return sight;
}
