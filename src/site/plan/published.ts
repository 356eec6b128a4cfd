import { PAGE_SIZE as CLIENT_PAGE_SIZE } from '../../router/store/records.ts';

/** What of the space of answers a build publishes beside what real clients ask for. */
export interface Published {
  /** Whether newest versions can be searched by any text, and not by whole ids only. */
  readonly search: boolean;
  /** Whether every server version can ask for all versions of all plugins. */
  readonly allLists: boolean;
  /** The page sizes of each kind of answer; `every` for all there are. */
  readonly pageSizes: {
    readonly newest: readonly number[] | 'every';
    readonly all: readonly number[] | 'every';
    readonly search: readonly number[] | 'every';
  };
}

export { CLIENT_PAGE_SIZE };

/** What is published whatever the budget: what real clients ask for. */
export const ALWAYS_PUBLISHED: Published = {
  search: false,
  allLists: false,
  pageSizes: { newest: [CLIENT_PAGE_SIZE], all: [CLIENT_PAGE_SIZE], search: [CLIENT_PAGE_SIZE] },
};

/** Nothing is refused: for planning, where each part finds out what it costs. */
export const EVERYTHING_PUBLISHED: Published = {
  search: true,
  allLists: true,
  pageSizes: { newest: 'every', all: 'every', search: 'every' },
};
