// Edge dialect: this file is part of the router.
import { digit, digitAt } from './digit.ts';

/** What a server sees of a plugin. */
export interface Sight {
  /** Digits of the classes of the releases it is answered; a class is seen as a whole, so they name the releases. */
  found: string;
  /** Digit of the step from which on it is so. */
  since: string;
  /** Digit of the plugin's rank in a list. */
  rank: string;
}

/**
 * Walks through a plugin's releases, highest version first.
 *
 * @param classes of the routing table, split
 * @param releases of the plugin, as in the routing table
 * @param limit how many to find; for the newest version there is but one
 */
export function scanPlugin(
  classes: string[],
  releases: string,
  row: number,
  column: string,
  allVersions: boolean,
  limit: number,
): Sight {
  const sight = { found: '', since: digit(0), rank: '' };
  let rank = '';
  let isTie = false;
  for (let i = 0; i < releases.length; i++) {
    const release = releases[i] as string;
    if (release === '#') {
      rank = releases[++i] as string;
    } else if (release === '!') {
      isTie = true;
    } else {
      if (sight.found && (allVersions ? sight.found.length >= limit : !isTie)) break;
      const parts = (classes[digitAt(releases, i)] as string).slice(1).split('!');
      const changes = parts[parts.length > 1 ? row : 0] as string;
      let passed = 0;
      while (passed < changes.length && (changes[passed] as string) <= column) passed++;
      if (passed && (changes[passed - 1] as string) > sight.since) {
        sight.since = changes[passed - 1] as string;
      }
      if (passed & 1) {
        // Of equal versions the newest is the last, and all of them are listed by the first.
        if (!allVersions) sight.found = '';
        if (!sight.found) sight.rank = rank;
        sight.found += release;
      }
      isTie = false;
    }
  }
  return sight;
}
