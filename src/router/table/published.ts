// Edge dialect: this file is part of the router.

// What the routing table may hold. The bundler puts constants in the place of this file, so that a router carries no code for
// what its snapshot does not publish; here, where the table is known at run time only, everything is possible.

/** Whether every server version can ask for all versions of all plugins; undefined where the table says it. */
export const ALL_LISTS: boolean | undefined = undefined;

/** Whether the plugins are records in a store; undefined where the table says it. */
export const IN_STORE: boolean | undefined = undefined;

/** Whether only users may ask; undefined where the table says it. */
export const HAS_USERS: boolean | undefined = undefined;

/** Whether some answers are published in pages. */
export const HAS_PAGES: boolean = true;

/** The page size, where it is one for all answers; 0 where the table lists them. */
export const ONLY_PAGE_SIZE: number = 0;

/** Whether only whole ids are searched for; undefined where the table says it. */
export const ONLY_IDS: boolean | undefined = undefined;

/** Whether there are texts to search. */
export const HAS_TEXTS: boolean = true;

/** Whether texts that no newest version has may be left out. */
export const HAS_GAPS: boolean = true;
