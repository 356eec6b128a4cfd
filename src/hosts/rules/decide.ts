import { rowOf } from '../../router/axes.ts';
import { locate, nameFound } from '../../router/locate.ts';
import { type Found, foundOf, lookAt, type Plugin, readPlugins } from '../../router/members.ts';
import { fileOf, type Name } from '../../router/name.ts';
import { type Filter, parseFilter, type Refusal, trim } from '../../router/request/parse-filter.ts';
import { digit, digitAt } from '../../router/table/encoding.ts';
import { findStep, stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { View } from '../../router/table/scan-plugin.ts';
import { foldText, readTexts } from '../../router/table/search.ts';
import type { DecidedStep, Decision, Decisions, State } from './decisions.ts';

/** The page size that servers ask for. */
export const PAGE_SIZE = 100;

/** The rows, by their numbers. */
const ROWS = [0, 1, 2, 3].map((row) => ({ enterprise: (row & 1) > 0, cloud: row > 1 }));

/** A version below every step. */
const LOWEST_VERSION = '0.0.0-0';

const WHOLE: Filter = { ...(parseFilter('') as Filter), perPage: -1 };

/**
 * What plain rules decide, by asking the router about every class of requests.
 *
 * @throws {Error} where the router refuses what is always published: a bug
 */
export function decide(table: RoutingTable): Decisions {
  const asked = new Asked(table);
  const plugins = asked.lines.flatMap((_line, i) => asked.plugin(i));
  const wholeView = (cloud: boolean) =>
    asked.fileOf({ ...WHOLE, allVersions: true, enterprise: true, cloud });
  return {
    id: table.root.split('/')[2] as string,
    root: table.root,
    steps: asked.steps,
    platforms: asked.platforms,
    decisions: [...asked.lists(), ...plugins, ...asked.filters(plugins)],
    wholeViews: [wholeView(false), wholeView(true)],
    longest: table.longest[0] ?? 0,
    pages: asked.lines.map(([id, , folder]) => (folder ?? id) as string),
    files: table.files,
    digest: table.digest,
  };
}

/** The requests that a decision is about. */
type Subject = Pick<Decision, 'subject' | 'id' | 'allVersions'>;

/** Gives an answer its name, and counts its releases. */
type Ask = (filter: Filter) => { readonly name: Name | Refusal; readonly count?: number };

/** What a server sees of all plugins. */
interface Looked {
  readonly plugins: Plugin[];
  /** Those that it is offered, in the order of a list. */
  readonly offered: Plugin[];
  /** How many releases. */
  readonly count: number;
}

/** A router that is asked about everything. */
class Asked {
  readonly #table: RoutingTable;
  readonly #classes: string[];
  /** The digits of the steps, by the versions that they are asked for with. */
  readonly #stepDigits: ReadonlyMap<string, string>;
  /** Of all releases. */
  readonly #changes: readonly string[];
  /** Of the plugins: the id as it stands in the table, the releases, the folder where it is another. */
  readonly lines: readonly string[][];
  readonly steps: readonly DecidedStep[];
  readonly platforms: readonly string[];
  /** For each row, the positions of the plugins of which something changes at a step, by its digit. */
  readonly #changing: ReadonlyMap<string, number[]>[];
  /** For each name without its folder, the files in parts, between which the folder stands. */
  readonly #files = new Map<string, string[][]>();
  readonly #looked = new Map<string, Looked>();

  constructor(table: RoutingTable) {
    this.#table = table;
    this.#classes = table.classes.split(' ');
    this.#changes = changesOf(this.#classes);
    this.lines = readPlugins(table, '');
    const changes = this.lines.map(([, releases]) => this.#changesOf(releases as string));
    this.#changing = ROWS.map((_row, row) => groupBy(changes, (each) => new Set(each[row])));
    const steps = table.steps.split(' ');
    this.steps = steps.map((step, i) => ({
      name: stepName(step),
      version: i === 0 || i === steps.length - 1 ? '' : versionOf(step),
    }));
    this.platforms = table.platforms.split(' ').slice(1);
    this.#stepDigits = new Map(
      steps.map((_step, i) => {
        const version = this.#versionAt(i);
        return [version, digit(findStep(steps, version))];
      }),
    );
  }

  /** The file for the default platform. */
  fileOf(filter: Filter): string {
    return this.#filesOf(named(filter, locate(this.#table, filter)))[0] as string;
  }

  lists(): Decision[] {
    const allVersions = this.#table.allLists ? [false, true] : [false];
    return allVersions.flatMap((all) =>
      this.#decide({ subject: 'list', id: '', allVersions: all }, this.#changes, (filter) => {
        const { plugins, offered, count } = this.#look(filter);
        if (filter.perPage < 0) return { name: locate(this.#table, filter), count };
        return { name: this.#nameFound(filter, foundOf(plugins, offered, offered.length)) };
      }),
    );
  }

  /** The decisions about the plugin on a line: the newest versions, then all. */
  plugin(position: number): Decision[] {
    const line = this.lines[position] as string[];
    const id = unescapeId(line[0] as string);
    const changes = this.#changesOf(line[1] as string);
    return [false, true].flatMap((allVersions) =>
      this.#decide({ subject: 'plugin', id, allVersions }, changes, (filter) => {
        const plugins = lookAt(this.#viewOf(filter), [line]);
        const members = plugins.filter(isFound);
        const found = foundOf(plugins, members, members.length);
        return { name: this.#nameFound({ ...filter, pluginId: id }, found) };
      }),
    );
  }

  /** The decisions about ids as filters. One that finds its plugin only is answered as that plugin. */
  filters(plugins: readonly Decision[]): Decision[] {
    const newest = new Map(
      plugins
        .filter(({ allVersions, page }) => !allVersions && page === null)
        .map((decision) => [decision.id, decision]),
    );
    const texts = readTexts(this.#table);
    const ids = this.lines.map(([id]) => unescapeId(id as string));
    const folded = ids.map((id) => foldText(id, this.#table.lowerCase));
    const allTexts = texts.flat().join('\n');
    const owners = groupBy(this.lines, ([, releases]) => ranksOf(releases as string));
    return [...groupBy(folded, (text) => [text])]
      .filter(([text]) => trim(text) === text)
      .flatMap(([text, own]) => {
        const hits = allTexts.includes(text) ? texts : [];
        const ranks = new Set(
          hits.flatMap((parts, rank) => (parts.some((part) => part.includes(text)) ? rank : [])),
        );
        const found = [
          ...new Set([...own, ...[...ranks].flatMap((rank) => owners.get(rank) ?? [])]),
        ];
        const only = newest.get(ids[found[0] as number] as string);
        if (found.length === 1 && only) return [{ ...only, subject: 'filter' as const, id: text }];
        const subject = { subject: 'filter' as const, id: text, allVersions: false };
        return this.#decide(subject, this.#changes, (filter) => {
          const { plugins, offered } = this.#look(filter);
          const members = found
            .filter((i) => {
              const seen = (plugins[i] as Plugin).ranks;
              return seen !== '' && (folded[i] === text || ranks.has(digitAt(seen)));
            })
            .map((i) => plugins[i] as Plugin);
          const own = { ...filter, text };
          return { name: this.#nameFound(own, foundOf(plugins, members, offered.length)) };
        });
      });
  }

  /** The decision about the whole, and those about its pages where it has more than one. */
  #decide(subject: Subject, changes: readonly string[], ask: Ask): Decision[] {
    const decision = (page: number | null): Decision => {
      const rows: State[][] = [];
      for (const [row, own] of changes.entries()) {
        const alike = rows[changes.indexOf(own)];
        const server = { ...(ROWS[row] as (typeof ROWS)[number]), ...subject };
        rows.push(alike ?? this.#states(server, page, stepsOf(own), ask));
      }
      return { ...subject, page, rows };
    };
    const whole = decision(null);
    const most = Math.max(0, ...whole.rows.flat().map(({ count }) => count));
    const pages = most > PAGE_SIZE ? Math.ceil(most / PAGE_SIZE) : 0;
    return [whole, ...Array.from({ length: pages }, (_, page) => decision(page))];
  }

  #states(
    { enterprise, cloud, allVersions }: Pick<Filter, 'enterprise' | 'cloud' | 'allVersions'>,
    page: number | null,
    steps: readonly number[],
    ask: Ask,
  ): State[] {
    const states: State[] = [];
    for (const step of steps) {
      const filter = {
        ...{ ...WHOLE, enterprise, cloud, allVersions },
        ...(page !== null && { page, perPage: PAGE_SIZE }),
        serverVersion: this.#versionAt(step),
      };
      const answer = ask(filter);
      const name = named(filter, answer.name);
      const files = this.#filesOf(name);
      const count = name.folder === '' ? 0 : (answer.count ?? name.patterns.length);
      const before = states.at(-1);
      if (before ? before.files.join() !== files.join() : count > 0) {
        states.push({ step, files, count });
      }
    }
    return states;
  }

  /** A version in a step. */
  #versionAt(step: number): string {
    return step === 0 ? LOWEST_VERSION : (this.steps[step] as DecidedStep).version;
  }

  /** Of a plugin's releases. */
  #changesOf(releases: string): string[] {
    const classes = [...classesOf(releases)];
    return changesOf(classes.map((each) => this.#classes[digitAt(each)] as string));
  }

  /** Kept, since many filters are of the same server. */
  #look(filter: Filter): Looked {
    const view = this.#viewOf(filter);
    const key = `${view.row} ${view.step} ${view.allVersions}`;
    const known = this.#looked.get(key);
    if (known) return known;
    const plugins = this.#pluginsSeen(filter, view);
    const looked = {
      plugins,
      offered: foundOf(plugins, plugins.filter(isFound), 0).members,
      count: plugins.reduce((sum, { found }) => sum + found.length, 0),
    };
    this.#looked.set(key, looked);
    return looked;
  }

  /** Of a step's servers, what those of the step before see, but for the plugins of which something changes. */
  #pluginsSeen(filter: Filter, view: View): Plugin[] {
    const step = digitAt(view.step);
    if (step === 0) return lookAt(view, this.lines as string[][]);
    const before = { ...filter, serverVersion: this.#versionAt(step - 1) };
    const plugins = [...this.#look(before).plugins];
    for (const position of this.#changing[view.row]?.get(view.step) ?? []) {
      const [plugin] = lookAt(view, [this.lines[position] as string[]]);
      plugins[position] = { ...(plugin as Plugin), position };
    }
    return plugins;
  }

  /** As in the router, but what takes long is done once: there may be thousands of classes. */
  #viewOf(filter: Filter): View {
    return {
      classes: this.#classes,
      row: rowOf(filter),
      step: this.#stepDigits.get(filter.serverVersion) as string,
      allVersions: filter.allVersions,
      passed: {},
    };
  }

  #nameFound(filter: Filter, found: Found): Name | Refusal {
    return nameFound(this.#table, filter, this.#viewOf(filter), found);
  }

  /** For each platform. Most differ from those of another name in the folder only. */
  #filesOf({ folder, ...name }: Name): string[] {
    const isEmpty = folder === '';
    const key = JSON.stringify([isEmpty, name]);
    const known = this.#files.get(key);
    const files =
      known ??
      ['', ...this.platforms].map((platform) =>
        `api/${fileOf(this.#table, { ...name, folder: isEmpty ? '' : ' ' }, platform)}.json`.split(
          ' ',
        ),
      );
    if (!known) this.#files.set(key, files);
    return files.map((parts) => parts.join(folder));
  }
}

/**
 * What changes for the servers of each row: the digits of the steps at which they begin or cease to see releases of some classes.
 * Rows with equal changes are answered alike.
 */
function changesOf(classes: readonly string[]): string[] {
  const changes = classes.map((each) => each.slice(1).split('!'));
  return ROWS.map((_row, i) => changes.map((rows) => rows[i % rows.length]).join('!'));
}

/** The numbers of the steps at which something changes, and of the first. */
function stepsOf(changes: string): number[] {
  const steps = [...changes.replaceAll('!', '')].map((each) => digitAt(each));
  return [...new Set([0, ...steps])].sort((a, b) => a - b);
}

/** The positions of values, by the keys that each has. */
function groupBy<T, K>(values: readonly T[], keysOf: (value: T) => Iterable<K>): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  for (const [position, value] of values.entries()) {
    for (const key of keysOf(value)) {
      const group = groups.get(key);
      if (group) group.push(position);
      else groups.set(key, [position]);
    }
  }
  return groups;
}

const isFound = ({ found }: Plugin) => found !== '';

function named(filter: Filter, name: Name | Refusal): Name {
  if (!('error' in name)) return name;
  throw new Error(`the router refuses ${JSON.stringify(filter)}: ${name.error}`);
}

/** The version that a step of the table begins with: `6.0.0-rc1` for `A6A0A0!1rc1=6.0.0-rc1`. */
function versionOf(step: string): string {
  const [numbers = '', ...identifiers] = (step.split('=')[0] as string).split('!');
  const core = numbers.replace('~', '').split(/[A-Z]/).slice(1).join('.');
  // Numbers begin with 0 and the letter of their length, other identifiers with 1.
  const preRelease = identifiers.map((each) => each.slice(each.startsWith('0') ? 2 : 1));
  return [core, ...(preRelease.length > 0 ? [preRelease.join('.')] : [])].join('-');
}

/** What stands in a table for an id. */
const unescapeId = (text: string): string =>
  text.replace(/%(\d\d)/g, (_escape, code) => String.fromCharCode(code));

/** The digits of the classes of a plugin's releases. */
const classesOf = (releases: string): string => releases.slice(1).replace(/#.|!/gs, '');

/** The ranks of a plugin's releases. */
const ranksOf = (releases: string): number[] =>
  [...`#${releases}`.matchAll(/#(.)/gs)].map(([, rank]) => digitAt(rank as string));
