// Edge dialect: this file is part of the router.
import type { Filter, Refusal } from '../query/parse-filter.ts';
import { refuse } from '../query/parse-filter.ts';
import { versionKey } from '../query/version-key.ts';
import { digit, digitAt } from './digit.ts';
import { escapeId } from './escape-id.ts';
import type { RoutingTable } from './routing-table.ts';

/** A plugin in an answer. */
interface Member {
  /** Number of its line in the table. */
  line: number;
  folder: string;
  /** Digits of the classes of its releases. */
  releases: string;
  /** Digits of the positions of its releases in the answer. */
  found: string;
  rank: number;
}

/** What a plugin, or a list of them, gives at a step. */
interface Scan {
  /** Digits of the positions of the releases that are seen. */
  found: string;
  /** Digit of the step from which on it is so. */
  since: string;
}

const ROWS = 4;
const AXES = [
  ['team', 'enterprise'],
  ['on-prem', 'cloud'],
];

/** Where the empty answer lies. */
const EMPTY = 'api/empty.json';

/** The number of the combination of edition and hosting that a request comes from. */
export function rowOf(enterprise: boolean, cloud: boolean): number {
  return (enterprise ? 1 : 0) + (cloud ? 2 : 0);
}

/**
 * The path of the file that holds the answer to a filter, such as
 * `/snapshots/<id>/api/plugins/jira/9.5.0/linux-amd64/any/any/latest.json`, or why there is none.
 *
 * A path names its answer: the plugins, the step since when they have been offered so, and what matters of platform, edition
 * and hosting. So equal answers share a path, and unequal ones never do; the build checks that.
 */
export function resolve(table: RoutingTable, filter: Filter): string | Refusal {
  const steps = table.steps.split(' ');
  const platforms = table.platforms.split(' ');
  const column = digit(findStep(steps, filter.serverVersion));
  const row = rowOf(filter.enterprise, filter.cloud);
  const platform = filter.platform ? platforms.indexOf(filter.platform) + 1 : 0;
  let allVersions = filter.allVersions;

  const pathOf = (selection: string, since: string, form: string, free: number, pages: string) => {
    const segments = [selection, steps[digitAt(since, 0)], form];
    for (let axis = 0; axis < AXES.length; axis++) {
      const values = AXES[axis] as string[];
      segments.push((free >> axis) & 1 ? 'any' : (values[(row >> axis) & 1] as string));
    }
    return `${table.root}api/plugins/${segments.join('/')}/${allVersions ? 'all' : 'latest'}${pages}.json`;
  };
  const formName = (form: number, differs: boolean) =>
    form ? (platforms[form - 1] as string) : differs ? 'default' : 'any';

  if (filter.text) {
    return refuse('filter', filter.text, 'is not published', 'no filter: search in the list');
  }

  const wantsAll =
    filter.perPage < 0 ||
    (filter.page === 0 && filter.perPage >= (table.longest[allVersions ? 1 : 0] as number));
  if (wantsAll && !filter.pluginId) {
    const lists = table.lists.split(' ');
    let list = lists[(allVersions ? ROWS : 0) + row] as string;
    if (list.length === 1) list = lists[digitAt(list, 0)] as string;
    let at = list.length - 2;
    while (at > 0 && (list[at] as string) > column) at -= 2;
    const kind = at < 0 ? 0 : digitAt(list, at + 1);
    if (kind) {
      const kinds = table.kinds.split(' ')[kind - 1] as string;
      const form = platform ? digitAt(kinds, platform) : 0;
      const differs = /[^(]/.test(kinds.slice(1));
      return pathOf('all', list[at] as string, formName(form, differs), digitAt(kinds, 0), '');
    }
  }

  const classes = table.classes.split(' ');
  const scan = (releases: string, inRow: number, atColumn: string, limit: number): Scan => {
    let found = '';
    let since = digit(0);
    let position = 0;
    for (let i = 0; i < releases.length; i++) {
      const isTie = releases[i] === '!';
      if (isTie) i++;
      if (found && (allVersions ? found.length >= limit : !isTie)) break;
      const parts = (classes[digitAt(releases, i)] as string).slice(1).split('!');
      const changes = parts[parts.length > 1 ? inRow : 0] as string;
      let passed = 0;
      while (passed < changes.length && (changes[passed] as string) <= atColumn) passed++;
      if (passed && (changes[passed - 1] as string) > since) since = changes[passed - 1] as string;
      if (passed & 1) found = allVersions ? found + digit(position) : digit(position);
      position++;
    }
    return { found, since };
  };

  // The plugins in question, and those that this server is offered, in the order of the answer.
  const lines = selectLines(table.plugins, filter.pluginId);
  const plugins: Member[] = [];
  const offered: Member[] = [];
  let total = 0;
  for (let i = 0; i < lines.length; i++) {
    const fields = (lines[i] as string).split(' ');
    const releases = fields[2] as string;
    const found = scan(releases, row, column, Infinity).found;
    const rank = rankOf(fields[1] as string, found);
    const member = { line: i, folder: fields[3] || (fields[0] as string), releases, found, rank };
    plugins.push(member);
    if (found) offered.push(member);
    total += found.length;
  }
  offered.sort((a, b) => a.rank - b.rank);

  // The page.
  let start = 0;
  let end = total;
  if (filter.perPage >= 0) {
    start = filter.page * filter.perPage;
    end = Math.min(end, start + filter.perPage);
  }
  if (!total || start >= end) return table.root + EMPTY;
  if (start < 0) return refuse('page', `${filter.page}`, 'is not valid', 'an integer from 0 up');
  const isWhole = start === 0 && end === total;
  if (!isWhole && table.pageSizes.indexOf(filter.perPage) < 0) {
    return refuse(
      'per_page',
      `${filter.perPage}`,
      'is not published',
      `-1 or ${table.pageSizes.join(', ')}`,
    );
  }

  // The plugins on the page, and where it begins and ends among their releases.
  let members: Member[] = [];
  let passed = 0;
  let before = 0;
  let length = 0;
  for (let i = 0; i < offered.length; i++) {
    const member = offered[i] as Member;
    const next = passed + member.found.length;
    if (next > start && passed < end) {
      if (members.length === 0) before = passed;
      members.push(member);
      length += member.found.length;
    }
    passed = next;
  }
  const from = start - before;
  const to = end - before;
  const isCut = from > 0 || to < length;
  if (!isCut && length === members.length) allVersions = false;

  let selection = (members[0] as Member).folder;
  if (members.length > 1) {
    selection = isWhole ? 'all' : setName(members);
    if (isWhole) members = plugins;
  }
  const content = (inRow: number, atColumn: string): Scan => {
    let found = '';
    let since = digit(0);
    let left = to;
    for (let i = 0; i < members.length; i++) {
      const part = scan((members[i] as Member).releases, inRow, atColumn, isCut ? left : Infinity);
      left -= part.found.length;
      found += `${part.found} `;
      if (part.since > since) since = part.since;
    }
    return { found, since };
  };
  const answer = content(row, column);

  // The axes that do not matter at that step: the answer is the same with every value of all of them.
  let free = 0;
  for (let axis = 1; axis < ROWS; axis *= 2) {
    let isFree = true;
    for (let other = 0; other < ROWS; other++) {
      if (other !== row && ((other ^ row) & ~(free | axis)) === 0) {
        isFree = isFree && content(other, answer.since).found === answer.found;
      }
    }
    if (isFree) free |= axis;
  }

  // The platform whose bundles are the same.
  const patterns = table.patterns.split(' ');
  const seen: string[] = [];
  let position = 0;
  const parts = answer.found.split(' ');
  for (let i = 0; i < members.length; i++) {
    const releases = (members[i] as Member).releases.replace(/!/g, '');
    const part = parts[i] as string;
    for (let j = 0; j < part.length; j++) {
      if (position >= from && position < to) {
        const name = classes[digitAt(releases, digitAt(part, j))] as string;
        const pattern = digit(0) + patterns[digitAt(name, 0)];
        if (seen.indexOf(pattern) < 0) seen.push(pattern);
      }
      position++;
    }
  }
  const isSame = (a: number, b: number) => {
    for (let i = 0; i < seen.length; i++) {
      if ((seen[i] as string)[a] !== (seen[i] as string)[b]) return false;
    }
    return true;
  };
  let form = 0;
  while (!isSame(form, platform)) form++;
  let differs = false;
  for (let i = 1; i <= platforms.length; i++) differs = differs || !isSame(0, i);

  const pages = isCut ? `.${from}-${to}` : '';
  return pathOf(selection, answer.since, formName(form, differs), free, pages);
}

/** The number of the step that a version belongs to; the last for no version. */
function findStep(steps: string[], version: string): number {
  let least = 0;
  let most = steps.length - 1;
  if (!version) return most;
  const key = versionKey(version) as string;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if ((versionKey(steps[middle] as string) as string) <= key) least = middle;
    else most = middle;
  }
  return least;
}

function selectLines(plugins: string, id: string): string[] {
  if (!id) return plugins.split('\n').slice(1);
  const at = plugins.indexOf(`\n${escapeId(id)} `);
  return at < 0 ? [] : [plugins.slice(at + 1).split('\n')[0] as string];
}

/** The rank of a plugin by the highest of its releases in the answer. */
function rankOf(ranks: string, found: string): number {
  let at = ranks.length - 1;
  while (at > 0 && ranks.charAt(at - 1) > found.charAt(0)) at -= 2;
  return digitAt(ranks, at);
}

/** The folder of a set of plugins: their own, or past three their number and a bit for each plugin of the catalog, in base 32. */
function setName(members: Member[]): string {
  const folders: string[] = [];
  const bits: number[] = [];
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as Member;
    folders.push(member.folder);
    const at = (member.line / 5) | 0;
    while (bits.length <= at) bits.push(0);
    bits[at] = (bits[at] as number) | (1 << (member.line % 5));
  }
  if (folders.length < 4) return folders.sort().join('!!');
  let mask = '';
  for (let i = 0; i < bits.length; i++) mask += (bits[i] as number).toString(32);
  return `!${folders.length}-${mask}`;
}
