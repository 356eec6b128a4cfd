import {
  type AnswerSpace,
  type FilterClass,
  lists,
  pagesOf,
  plugins,
  searches,
} from './answer-space.ts';
import { CLIENT_PAGE_SIZE, type Published } from './published.ts';

/** A part of the space of answers that is published whole or not at all. */
export interface Part {
  /** As in DESIGN: 1 what real clients ask for, 2 search, 3 the other page sizes. */
  readonly tier: 1 | 2 | 3;
  readonly name: string;
  /** The setting that leaves it out; empty where none does. */
  readonly setting: string;
  /** Whether the settings ask for it, and what it builds on is published. */
  readonly isWanted: (published: Published) => boolean;
  readonly classes: () => Iterable<FilterClass>;
  /** What is published once it is. */
  readonly publish: (published: Published) => Published;
}

/** What the settings say of the parts. */
export interface PartOptions {
  readonly pageSizes: readonly number[];
  readonly search: boolean;
  readonly everyPageSize: boolean;
}

/** The parts, in the order in which they are published. */
export function partsOf(space: AnswerSpace, options: PartOptions): Part[] {
  const { pageSizes } = options;
  const sizes = pageSizes.join(', ');
  const hasSizes = pageSizes.some((size) => size !== CLIENT_PAGE_SIZE);
  return [
    {
      tier: 1,
      name: `lists and plugins, whole and in pages of ${CLIENT_PAGE_SIZE}`,
      setting: '',
      isWanted: () => true,
      classes: () => clientClasses(space),
      publish: (published) => published,
    },
    {
      tier: 2,
      name: 'text search, newest versions',
      setting: '--search off',
      isWanted: () => options.search,
      classes: () => searches(space),
      publish: (published) => ({ ...published, search: true }),
    },
    {
      tier: 3,
      name: `lists of newest versions in pages of ${sizes}`,
      setting: '--page-sizes',
      isWanted: () => hasSizes,
      classes: () => pagesOfAll(lists(space, false), pageSizes),
      publish: (published) => withPageSizes(published, { newest: pageSizes }),
    },
    {
      tier: 3,
      name: `all versions in pages of ${sizes}`,
      setting: '--page-sizes',
      isWanted: () => hasSizes,
      classes: () => pagesOfAll(allVersions(space), pageSizes),
      publish: (published) => withPageSizes(published, { all: pageSizes }),
    },
    {
      tier: 3,
      name: `search results in pages of ${sizes}`,
      setting: '--page-sizes',
      isWanted: ({ search }) => search,
      classes: () => pagesOfAll(searches(space), pageSizes),
      publish: (published) => withPageSizes(published, { search: pageSizes }),
    },
    {
      tier: 3,
      name: 'lists of newest versions in pages of every size',
      setting: '--every-page-size off',
      isWanted: () => options.everyPageSize,
      classes: () => pagesOfAll(lists(space, false), 'every'),
      publish: (published) => withPageSizes(published, { newest: 'every' }),
    },
  ];
}

function* clientClasses(space: AnswerSpace): Generator<FilterClass> {
  yield* lists(space, false);
  yield* plugins(space, false);
  yield* allVersions(space);
  yield* pagesOfAll(lists(space, false), [CLIENT_PAGE_SIZE]);
  yield* pagesOfAll(allVersions(space), [CLIENT_PAGE_SIZE]);
}

function* allVersions(space: AnswerSpace): Generator<FilterClass> {
  yield* lists(space, true);
  yield* plugins(space, true);
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
