import type { ContentTypes } from '../../router/headers/content-types.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import type { Decision, Decisions } from '../rules/decisions.ts';
import { fixedFiles, refusalBodies, slashless } from '../rules/fixed-files.ts';
import { isPlain, TRUE } from '../rules/request-patterns.ts';
import { ESCAPED_PLUS, minorSteps, stepPatterns } from '../rules/semver-patterns.ts';
import {
  BY_QUERY,
  haproxyConfig,
  inUnary,
  NONE,
  PREFIX,
  rowKey,
  SLASHLESS,
  USUAL_TYPE,
  YES,
} from './haproxy-config.ts';

/** The part of a snapshot that the rules of HAProxy are made of. */
export interface HaproxySource {
  readonly table: RoutingTable;
  readonly decisions: Decisions;
  readonly contentTypes: ContentTypes;
  /** The paths inside the snapshot of the files that have a gzip form. */
  readonly compressed: ReadonlySet<string>;
}

const EMPTY = 'empty';

/** For each row, what stands for it in keys. */
const ROWS = ['', YES].flatMap((cloud) => ['', YES].map((enterprise) => rowKey(enterprise, cloud)));

/** Old servers send a slash too many in front of the API; the router takes up to nine more. */
const MOST_SLASHES = 10;

/** The configuration for HAProxy in front of a server of plain files, and the tables in which it looks things up. */
export function haproxyFiles(source: HaproxySource): SiteFile[] {
  const { decisions } = source;
  const files = new Map([[JSON.stringify(['api/empty.json']), EMPTY]]);
  const numberOf = (forms: readonly string[]) => {
    const key = JSON.stringify(forms.every((form) => form === forms[0]) ? [forms[0]] : forms);
    if (!files.has(key)) files.set(key, `${files.size}`);
    return files.get(key) as string;
  };
  const known = decisions.decisions.filter(({ id }) => isPlain(id));
  const states = stateLines({ ...decisions, decisions: known }, numberOf);
  const file = (name: string, lines: readonly string[]) => ({
    path: `edge/haproxy/${name}`,
    contentType: 'text/plain; charset=utf-8',
    content: `${lines.join('\n')}\n`,
  });
  const whole = [...decisions.wholeViews.entries()].map(
    ([cloud, path]) => `whole${cloud}:: ${describeFile(source, path)}`,
  );
  return [
    file('haproxy.cfg', [haproxyConfig(decisions, refusalBodies(source.table, `${PREFIX}/`))]),
    file('paths.map', pathLines(source)),
    file('subjects.map', subjectLines(known)),
    file('minors.map', minorLines(decisions)),
    file('steps.map', stepLines(decisions)),
    file(
      'true.map',
      TRUE.map((text) => `${text} ${YES}`),
    ),
    file('states.map', states),
    file('files.map', [...fileLines(source, files), ...whole]),
  ];
}

/** A file as it stands in the tables: its path, `.gz` where it has that form, its type where that is not the usual one. */
const describeFile = ({ compressed }: HaproxySource, path: string, type = USUAL_TYPE): string =>
  [path, compressed.has(path) ? '.gz' : '', type === USUAL_TYPE ? '' : type]
    .join(':')
    .replace(/:+$/, '');

/** Paths as sent, and their files, or where their pages are. */
function pathLines(source: HaproxySource): string[] {
  const { table, decisions, contentTypes } = source;
  const fixed = fixedFiles(table, decisions, contentTypes);
  const rows = [
    ...fixed.map(
      ({ path, file, contentType }) => [path, describeFile(source, file, contentType)] as const,
    ),
    ...slashless(fixed).map(([path, to]) => [path, SLASHLESS + to] as const),
    ['/api/v1/plugins', BY_QUERY] as const,
  ];
  return rows.flatMap(([path, file]) => {
    const slashes = path.startsWith('/api/') ? MOST_SLASHES : 1;
    return Array.from({ length: slashes }, (_, i) => `${'/'.repeat(i)}${path} ${file}`);
  });
}

/** As the configuration puts it together: filter, plugin, versions. */
const subjectOf = ({ subject, id, allVersions }: Decision) =>
  [subject === 'filter' ? id : '', subject === 'plugin' ? id : '', allVersions ? YES : ''].join(
    ':',
  );

/** The filters that are answered as their plugin, and the subjects that have pages. */
function subjectLines(decisions: readonly Decision[]): string[] {
  const plugins = new Map(
    decisions.filter(({ subject }) => subject === 'plugin').map((each) => [each.rows, each]),
  );
  const lines = decisions.flatMap((decision) => {
    const plugin = decision.subject === 'filter' && plugins.get(decision.rows);
    if (plugin) return [`${subjectOf(decision)} ${subjectOf(plugin)}`];
    return decision.page === 0 ? [`${subjectOf(decision)}:paged 1`] : [];
  });
  // Without lists of all versions, there are whole views of them, but no first page.
  return hasAllLists(decisions) ? lines : [...lines, `::${YES}:paged 1`];
}

const hasAllLists = (decisions: readonly Decision[]): boolean =>
  decisions.some(({ subject, allVersions }) => subject === 'list' && allVersions);

/** Minor versions whose releases are all in one step. */
const minorLines = ({ steps }: Decisions): string[] =>
  [...minorSteps(steps)].map(([minor, step]) => `${minor} ${inUnary(step)}`);

/** Patterns of server versions, highest first, and their steps. */
const stepLines = ({ steps }: Decisions): string[] => [
  `^$ ${inUnary(steps.length - 1)}`,
  ...stepPatterns(steps, ESCAPED_PLUS).map(({ step, pattern }) => `${pattern} ${inUnary(step)}`),
];

/** Beginnings of what is asked for, and the numbers of the files for what has no longer one. */
function stateLines(
  { decisions, steps }: Decisions,
  numberOf: (files: readonly string[]) => string,
): string[] {
  const wholes = decisions.filter(({ page }) => page === null);
  const plugins = new Set(
    wholes.filter(({ subject }) => subject === 'plugin').map(({ rows }) => rows),
  );
  const own = decisions.filter(({ subject, rows }) => subject !== 'filter' || !plugins.has(rows));
  const paged = new Set(decisions.filter(({ page }) => page !== null).map(subjectOf));
  const partOf = (decision: Decision) =>
    decision.page || (decision.page === null && paged.has(subjectOf(decision)) ? 'whole' : '');
  return [
    // Without a filter: no such plugin, no such page. With one, it has to be known.
    `: ${EMPTY}`,
    ...own.flatMap((decision) =>
      decision.subject === 'filter' && decision.page === null
        ? [`${subjectOf(decision)}: ${EMPTY}`]
        : [],
    ),
    ...(hasAllLists(decisions)
      ? []
      : [
          `::${YES}: ${NONE}`,
          ...[1, 3].map(
            (row, i) => `::${YES}:whole:${ROWS[row]}:${inUnary(steps.length - 1)} whole${i}`,
          ),
        ]),
    ...own.flatMap((decision) =>
      decision.rows.flatMap((states, row) =>
        states.map(({ step, files }) => {
          const beginning = `${subjectOf(decision)}:${partOf(decision)}:${ROWS[row]}`;
          return `${beginning}:${inUnary(step)} ${numberOf(files)}`;
        }),
      ),
    ),
  ];
}

/** The numbers of files, and for platforms that differ from the default those and the platform. */
function fileLines(source: HaproxySource, numbers: ReadonlyMap<string, string>): string[] {
  const { platforms } = source.decisions;
  return [...numbers].flatMap(([forms, number]) => {
    const [usual = '', ...others] = JSON.parse(forms) as string[];
    return [
      `${number}: ${describeFile(source, usual)}`,
      ...others.flatMap((path, i) =>
        path === usual ? [] : [`${number}:${platforms[i]}: ${describeFile(source, path)}`],
      ),
    ];
  });
}
