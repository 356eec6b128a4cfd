// Edge dialect: this file is part of the router.
import { EDITIONS, HOSTINGS } from './axes.ts';
import type { Found, Plugin } from './members.ts';
import { digitAt } from './table/encoding.ts';
import { stepName } from './table/find-step.ts';
import type { RoutingTable } from './table/routing-table.ts';
import { FIRST, LAST, scanPlugin, type View } from './table/scan-plugin.ts';

/** What names an answer: equal answers have one name, and unequal ones never do; the build checks that. */
export interface Name {
  /** What its path begins with, such as `jira/`; empty where the answer is. */
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
 * The file of an answer for a platform, inside `api/` and without `.json`: `plugins/jira/9.5.0_linux-amd64_any_any_latest`.
 */
export function fileOf(table: RoutingTable, name: Name, platform: string): string {
  if (!name.folder) return 'empty';
  return [
    `plugins/${name.folder}${stepName(table.steps.split(' ')[digitAt(name.since)] as string)}`,
    platformSegment(table.platforms, platform, name.patterns),
    name.free & 1 ? 'any' : EDITIONS[name.row & 1],
    name.free & 2 ? 'any' : HOSTINGS[name.row >> 1],
    (name.allVersions ? 'all' : 'latest') + name.suffix,
  ].join('_');
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
 * @param folder what its path begins with
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

/** A prime whose product with the factor below is exact in a double. */
const MODULUS = 2 ** 41 - 21;

/**
 * What the path of an answer about some plugins begins with: the folder of the only one, `jira/`; or, in one folder for all sets,
 * that of the first, how many they are and a digest of all of them: `some/jira_3_kq2f81xz_`.
 *
 * @param members in the order of the answer
 */
export function setName(members: Plugin[]): string {
  const first = (members[0] as Plugin).folder;
  if (!members[1]) return `${first}/`;
  const digest = members.reduce((sum, plugin) => (sum * 4093 + plugin.position) % MODULUS, 1);
  return `some/${first}_${members.length}_${digest.toString(36)}_`;
}
