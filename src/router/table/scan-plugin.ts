// Edge dialect: this file is part of the router.
import { digit, digitAt } from './encoding.ts';
import { HAS_PAGES } from './published.ts';

/** How a server looks at plugins. */
export interface View {
  /** Of the routing table, split. */
  classes: string[];
  /** Edition and hosting, as a number. */
  row: number;
  /** The digit of the step. */
  step: string;
  allVersions: boolean;
  /** For each class that was looked at, the steps passed at which it begins or ceases to be seen. */
  passed: Record<string, string>;
}

/** What a server sees of a plugin: for each release that it is answered, highest version first, a digit in each text. */
export interface Sight {
  /** All releases of the plugin, as in the routing table. */
  releases: string;
  /** The positions of the releases. */
  found: string;
  /** Their classes. */
  kinds: string;
  /** Their ranks, in a list and among the texts. */
  ranks: string;
  /** One digit: the step from which on it is so. */
  since: string;
}

/** The lowest digit, and what is above every digit. */
export const FIRST = digit(0);
export const LAST = '\uffff';

/**
 * Walks through a plugin's releases, highest version first.
 *
 * @param releases of the plugin, as in the routing table
 * @param from the digit of the first position to look at
 * @param to the digit of the last
 */
export function scanPlugin(view: View, releases: string, from: string, to: string): Sight {
  const sight = { releases, found: '', kinds: '', ranks: '', since: FIRST };
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
      if (sight.found && !view.allVersions && !isTie) break;
      isTie = false;
      const position = digit(count++);
      if (!HAS_PAGES || (position >= from && position <= to)) {
        let passed = view.passed[release];
        if (passed == null) {
          const rows = (view.classes[digitAt(release)] as string).slice(1).split('!');
          const changes = rows[view.row % rows.length] as string;
          passed = '';
          while ((changes[passed.length] as string) <= view.step) passed += changes[passed.length];
          view.passed[release] = passed;
        }
        const last = passed[passed.length - 1] as string;
        if (last > sight.since) sight.since = last;
        if (passed.length & 1) {
          // Of equal versions the newest is the last, and all of them are listed.
          if (!view.allVersions) sight.found = sight.kinds = sight.ranks = '';
          sight.found += position;
          sight.kinds += release;
          sight.ranks += rank;
        }
      }
    }
  }
  return sight;
}
