import { locate, nameFound, viewOf } from '../../router/locate.ts';
import { type Found, foundOf, lookAt, type Plugin, readPlugins } from '../../router/members.ts';
import { fileOf, type Name } from '../../router/name.ts';
import { type Filter, parseFilter, type Refusal, trim } from '../../router/request/parse-filter.ts';
import { digitAt } from '../../router/table/encoding.ts';
import { stepName } from '../../router/table/find-step.ts';
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
  /** How many it is offered. */
  readonly offered: number;
  /** How many releases. */
  readonly count: number;
}

/** A router that is asked about everything. */
class Asked {
  readonly #table: RoutingTable;
  readonly #classes: string[];
  /** Of the plugins: the id as it stands in the table, the releases, the folder where it is another. */
  readonly lines: readonly string[][];
  readonly steps: readonly DecidedStep[];
  readonly platforms: readonly string[];
  readonly #looked = new Map<string, Looked>();

  constructor(table: RoutingTable) {
    this.#table = table;
    this.#classes = table.classes.split(' ');
    this.lines = readPlugins(table, '');
    const steps = table.steps.split(' ');
    this.steps = steps.map((step, i) => ({
      name: stepName(step),
      version: i === 0 || i === steps.length - 1 ? '' : versionOf(step),
    }));
    this.platforms = table.platforms.split(' ').slice(1);
  }

  /** The file for the default platform. */
  fileOf(filter: Filter): string {
    return this.#filesOf(named(filter, locate(this.#table, filter)))[0] as string;
  }

  lists(): Decision[] {
    const allVersions = this.#table.allLists ? [false, true] : [false];
    return allVersions.flatMap((all) =>
      this.#decide({ subject: 'list', id: '', allVersions: all }, this.#everyStep, (filter) => {
        const { plugins, offered, count } = this.#look(filter);
        if (filter.perPage < 0) return { name: locate(this.#table, filter), count };
        const found = foundOf(plugins, plugins.filter(isFound), offered);
        return { name: this.#nameFound(filter, found) };
      }),
    );
  }

  /** The decisions about the plugin on a line: the newest versions, then all. */
  plugin(position: number): Decision[] {
    const line = this.lines[position] as string[];
    const id = unescapeId(line[0] as string);
    const steps = this.#stepsOf(line[1] as string);
    return [false, true].flatMap((allVersions) =>
      this.#decide({ subject: 'plugin', id, allVersions }, steps, (filter) => {
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
    const owners = texts.map((): number[] => []);
    for (const [i, [, releases]] of this.lines.entries()) {
      for (const rank of ranksOf(releases as string)) owners[rank]?.push(i);
    }
    const sharers = new Map<string, number[]>();
    for (const [i, text] of folded.entries()) {
      sharers.set(text, [...(sharers.get(text) ?? []), i]);
    }
    return [...sharers]
      .filter(([text]) => trim(text) === text)
      .flatMap(([text, own]) => {
        const ranks = new Set(
          texts.flatMap((parts, rank) => (parts.some((part) => part.includes(text)) ? rank : [])),
        );
        const found = [...new Set([...own, ...[...ranks].flatMap((rank) => owners[rank] ?? [])])];
        const only = newest.get(ids[found[0] as number] as string);
        if (found.length === 1 && only) return [{ ...only, subject: 'filter' as const, id: text }];
        const subject = { subject: 'filter' as const, id: text, allVersions: false };
        return this.#decide(subject, this.#everyStep, (filter) => {
          const { plugins, offered } = this.#look(filter);
          const members = found
            .filter((i) => {
              const seen = (plugins[i] as Plugin).ranks;
              return seen !== '' && (folded[i] === text || ranks.has(digitAt(seen)));
            })
            .map((i) => plugins[i] as Plugin);
          const own = { ...filter, text };
          return { name: this.#nameFound(own, foundOf(plugins, members, offered)) };
        });
      });
  }

  /** The decision about the whole, and those about its pages where it has more than one. */
  #decide(subject: Subject, steps: readonly number[], ask: Ask): Decision[] {
    const decision = (page: number | null): Decision => ({
      ...subject,
      page,
      rows: ROWS.map((row) => this.#states({ ...row, ...subject }, page, steps, ask)),
    });
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

  get #everyStep(): number[] {
    return [...this.steps.keys()];
  }

  /** The steps at which what is seen of some releases may change. */
  #stepsOf(releases: string): number[] {
    const digits = [...classesOf(releases)].flatMap((release) =>
      [...(this.#classes[digitAt(release)] as string).slice(1).replaceAll('!', '')].map((each) =>
        digitAt(each),
      ),
    );
    return [...new Set([0, ...digits])].sort((a, b) => a - b);
  }

  /** Kept, since many filters are of the same server. */
  #look(filter: Filter): Looked {
    const view = this.#viewOf(filter);
    const key = `${view.row} ${view.step} ${view.allVersions}`;
    const known = this.#looked.get(key);
    if (known) return known;
    const plugins = lookAt(view, this.lines as string[][]);
    const looked = {
      plugins,
      offered: plugins.filter(isFound).length,
      count: plugins.reduce((sum, { found }) => sum + found.length, 0),
    };
    this.#looked.set(key, looked);
    return looked;
  }

  /** There may be thousands of classes, so they are taken apart once. */
  #viewOf(filter: Filter): View {
    return { ...viewOf({ ...this.#table, classes: '' }, filter), classes: this.#classes };
  }

  #nameFound(filter: Filter, found: Found): Name | Refusal {
    return nameFound(this.#table, filter, this.#viewOf(filter), found);
  }

  #filesOf(name: Name): string[] {
    return ['', ...this.platforms].map(
      (platform) => `api/${fileOf(this.#table, name, platform)}.json`,
    );
  }
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
