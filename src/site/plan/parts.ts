import type { Space } from '../../query/audience/space.ts';
import {
  exactFilters,
  type FilterClass,
  lists,
  pagesOf,
  plugins,
  searches,
  wholeViews,
} from './answer-space.ts';
import { CLIENT_PAGE_SIZE, type Published } from './published.ts';

/** A part of the space of answers that is published whole or not at all. */
export interface Part {
  /** As in docs/design.md: 1 what real clients ask for, 2 search, 3 other page sizes, 4 lists of all versions. */
  readonly tier: 1 | 2 | 3 | 4;
  readonly name: string;
  /** The setting that leaves it out; empty where none does. */
  readonly setting: string;
  /** Whether the settings ask for it. */
  readonly isWanted: boolean;
  /** Whether what it builds on is published. */
  readonly isPossible: (published: Published) => boolean;
  readonly classes: (published: Published) => Iterable<FilterClass>;
  /** What is published once it is. */
  readonly publish: (published: Published) => Published;
}

/** What the settings say of the parts. */
export interface PartOptions {
  readonly pageSizes: readonly number[];
  readonly search: boolean;
  readonly everyPageSize: boolean;
  readonly allLists: boolean;
}

/** The parts, in the order in which they are published. */
export function partsOf(space: Space, options: PartOptions): Part[] {
  return [
    {
      tier: 1,
      name: `lists of newest versions, plugins, ids as filters, whole and in pages of ${CLIENT_PAGE_SIZE}`,
      setting: '',
      isWanted: true,
      isPossible: () => true,
      classes: () => clientClasses(space),
      publish: (published) => published,
    },
    {
      tier: 2,
      name: `text search, newest versions, whole and in pages of ${CLIENT_PAGE_SIZE}`,
      setting: '--search off',
      isWanted: options.search,
      isPossible: () => true,
      classes: () => inClientPages(searches(space)),
      publish: (published) => ({ ...published, search: true }),
    },
    ...partsByPageSize(space, options),
    {
      tier: 3,
      name: 'lists of newest versions in pages of every size',
      setting: '--every-page-size off',
      isWanted: options.everyPageSize,
      isPossible: () => true,
      classes: () => pagesOfAll(lists(space, false), 'every'),
      publish: (published) => withPageSizes(published, { newest: 'every' }),
    },
    {
      tier: 4,
      name: 'all versions of all plugins for each server version, whole and in pages',
      setting: '--all-lists off',
      isWanted: options.allLists,
      isPossible: () => true,
      classes: ({ pageSizes }) => inPages(lists(space, true), pageSizes.all),
      publish: (published) => ({ ...published, allLists: true }),
    },
  ];
}

/** The page sizes that are named, beside the one that the first parts have. */
function partsByPageSize(space: Space, { pageSizes, search }: PartOptions): Part[] {
  const others = pageSizes.filter((size) => size !== CLIENT_PAGE_SIZE);
  if (others.length === 0) return [];
  const inSizes = `in pages of ${others.join(', ')}`;
  const common = { tier: 3, setting: `--page-sizes ${CLIENT_PAGE_SIZE}` } as const;
  return [
    {
      ...common,
      name: `lists of newest versions ${inSizes}`,
      isWanted: true,
      isPossible: () => true,
      classes: () => pagesOfAll(lists(space, false), others),
      publish: (published) => withPageSizes(published, { newest: pageSizes }),
    },
    {
      ...common,
      name: `all versions of a plugin ${inSizes}`,
      isWanted: true,
      isPossible: () => true,
      classes: () => pagesOfAll(plugins(space, true), others),
      publish: (published) => withPageSizes(published, { all: pageSizes }),
    },
    {
      ...common,
      name: `search results ${inSizes}`,
      isWanted: search,
      // A text that finds the whole of a plugin is answered with the pages of all its versions.
      isPossible: (published) => published.search && published.pageSizes.all === pageSizes,
      classes: () => pagesOfAll(searches(space), others),
      publish: (published) => withPageSizes(published, { search: pageSizes }),
    },
  ];
}

function* clientClasses(space: Space): Generator<FilterClass> {
  yield* inClientPages(lists(space, false));
  yield* plugins(space, false);
  yield* inClientPages(plugins(space, true));
  yield* inClientPages(exactFilters(space));
  yield* wholeViews(space);
}

function inClientPages(classes: Iterable<FilterClass>): Generator<FilterClass> {
  return inPages(classes, [CLIENT_PAGE_SIZE]);
}

function* inPages(
  classes: Iterable<FilterClass>,
  sizes: readonly number[] | 'every',
): Generator<FilterClass> {
  for (const whole of classes) {
    yield whole;
    yield* pagesOf(whole, sizes);
  }
}

function* pagesOfAll(
  classes: Iterable<FilterClass>,
  sizes: readonly number[] | 'every',
): Generator<FilterClass> {
  for (const whole of classes) yield* pagesOf(whole, sizes);
}

function withPageSizes(
  published: Published,
  pageSizes: Partial<Published['pageSizes']>,
): Published {
  return { ...published, pageSizes: { ...published.pageSizes, ...pageSizes } };
}
