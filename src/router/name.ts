// Edge dialect: this file is part of the router.
import { EDITIONS, HOSTINGS } from './axes.ts';
import type { Found } from './members.ts';
import { digitAt } from './table/encoding.ts';
import { stepName } from './table/find-step.ts';
import type { RoutingTable } from './table/routing-table.ts';
import { FIRST, LAST, scanPlugin, type View } from './table/scan-plugin.ts';

/** What names an answer: equal answers have one name, and unequal ones never do; the build checks that. */
export interface Name {
  /** The folder of its plugins; empty where the answer is. */
  folder: string;
  /** The digit of the step since when they have been offered so. */
  since: string;
  /** The first of the rows that are answered alike then. */
  row: number;
  /** The axes that do not matter: 1 for the edition, 2 for the hosting. */
  free: number;
  allVersions: boolean;
  /** The page, such as `.0-1`; empty where it is whole. */
  suffix: string;
  /** The platform patterns of its releases. */
  patterns: string[];
}

/**
 * The file of an answer for a platform, inside `api/` and without `.json`: `plugins/jira/9.5.0/linux-amd64/any/any/latest`.
 */
export function fileOf(table: RoutingTable, name: Name, platform: string): string {
  if (!name.folder) return 'empty';
  return [
    'plugins',
    name.folder,
    stepName(table.steps.split(' ')[digitAt(name.since)] as string),
    platformSegment(table.platforms, platform, name.patterns),
    name.free & 1 ? 'any' : EDITIONS[name.row & 1],
    name.free & 2 ? 'any' : HOSTINGS[name.row >> 1],
    (name.allVersions ? 'all' : 'latest') + name.suffix,
  ].join('/');
}

/**
 * What the platform adds to the path of an answer: the first platform, or `default`, whose answer is the same; `any` where
 * every platform's is.
 *
 * @param platforms of the routing table
 * @param platform of the request, known or not
 * @param patterns the platform patterns of the releases in the answer
 */
function platformSegment(platforms: string, platform: string, patterns: string[]): string {
  const names = platforms.split(' ');
  const isSame = (a: number, b: number) => patterns.every((pattern) => pattern[a] === pattern[b]);
  const wanted = Math.max(0, names.indexOf(platform));
  let first = 0;
  while (!isSame(first, wanted)) first++;
  const isAny = !first && names.every((_name, i) => isSame(0, i));
  return isAny ? 'any' : (names[first] as string);
}

/**
 * Names an answer.
 *
 * @param folder of its plugins
 */
export function nameAnswer(table: RoutingTable, view: View, folder: string, found: Found): Name {
  const own = readAnswer(view, found);
  const asked = view.row;
  view.step = own.since;
  // The first row that is answered alike from that step on names the answer, and an axis whose other value makes no
  // difference does not matter.
  const same = [0, 1, 2, 3].map((row) => {
    view.row = row;
    view.passed = {};
    return row === asked || readAnswer(view, found).found === own.found;
  });
  const row = same.indexOf(true);
  const free = +(same[row ^ 1] as boolean);
  const patterns = table.patterns.split(' ');
  return {
    folder,
    since: own.since,
    row,
    free: same[row ^ 2] && (!free || same[row ^ 3]) ? free + 2 : free,
    allVersions: view.allVersions,
    suffix: found.suffix,
    patterns: own.kinds
      .split('')
      .map((kind) => patterns[digitAt(view.classes[digitAt(kind)] as string)] as string),
  };
}

/** What a server sees of some plugins, and the step from which on it is so. */
function readAnswer(view: View, found: Found) {
  const answer = { found: '', kinds: '', since: FIRST };
  found.members.forEach((plugin, i) => {
    const sight = scanPlugin(
      view,
      plugin.releases,
      i ? FIRST : found.first,
      found.members[i + 1] ? LAST : found.last,
    );
    answer.found += `${sight.found} `;
    answer.kinds += sight.kinds;
    if (sight.since > answer.since) answer.since = sight.since;
  });
  return answer;
}

/**
 * The folder for the answers about some of the plugins: their folders joined by `!!`, or past three their number and a bit
 * for each plugin of the catalog, five bits a character. No plugin's folder has `!!` or begins with `!` and a number.
 */
export function setName(plugins: Named[], members: Named[]): string {
  const folders: string[] = [];
  let mask = '';
  let bits = 0;
  plugins.forEach((plugin, i) => {
    bits *= 2;
    if (members.indexOf(plugin) >= 0) {
      bits++;
      folders.push(plugin.folder);
    }
    if (i % 5 > 3) {
      mask += bits.toString(32);
      bits = 0;
    }
  });
  return folders[3] ? `!${folders.length}-${mask}${bits.toString(32)}` : folders.join('!!');
}

/** What a set needs to know of a plugin. */
interface Named {
  folder: string;
}
