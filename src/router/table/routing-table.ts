// Edge dialect: this file is part of the router.

/**
 * What a router knows of one snapshot, encoded as strings. The build writes it (`site/table/encode-table.ts`), `locate`
 * reads it. A "digit" is a number in one character (`encoding.ts`); lists are separated by blanks.
 */
export interface RoutingTable {
  /** Path of the snapshot, with slashes around it: `/snapshots/0123abcd/`. */
  root: string;
  /**
   * The steps, each as its `versionKey` and, where that is no plain release, `=` and its name in paths. The first, `=any`, is
   * for versions below every step, the last, `=unspecified`, for requests without one.
   */
  steps: string;
  /** `default`, then the platforms for which some release has a bundle of its own. */
  platforms: string;
  /** For each platform pattern: a digit a platform, the default first; equal where the rendered release is equal. */
  patterns: string;
  /**
   * For each class of releases that are seen alike: the digit of its platform pattern, then for each row (`axes.ts`) the digits
   * of the steps at which it begins or ceases to be seen; one part for all rows, or the rows' parts separated by `!`.
   */
  classes: string;
  /**
   * A line a plugin, in the order of ids, each begun by a line break: the id (`escapeId`); its releases, highest version
   * first; its folder where that is not the id. The releases begin with the digit of their rank, and each is the digit of its
   * class. In front of one stand `#` and its rank where that changes, and `!` where its version equals that of the one before.
   * Answers list plugins by rank, and all releases of a rank have the same name and description.
   */
  plugins: string;
  /** How many blocks of records the store has; missing where the table has the plugins. */
  blocks?: number;
  /** The block that was read from the store for a request; missing in a table at rest. */
  records?: string;
  /**
   * For each versions and row, the list of all plugins as pairs of digits: the step from which on it stands and its kind; or
   * one digit: the same as that earlier row. Kind 0 is worked out by `locate`.
   */
  lists: string;
  /**
   * For each kind from 1 on: a digit, 4 times the axes that do not matter and in what the row that names it differs; then its
   * platform pattern.
   */
  kinds: string;
  /**
   * Whether lists of all versions of all plugins are published for everyone; else only the whole of them for Enterprise editions,
   * without a server version or platform: what other marketplaces are laid over.
   */
  allLists: boolean;
  /** Length of the longest list of newest versions, and of all versions. */
  longest: number[];
  /** The page sizes of the newest versions, of all versions, and of search results; empty: every size. */
  pageSizes: number[][];
  /**
   * The texts that are searched, as `readTexts` reads them; of `onlyIds`, the ids in them. A rank with an empty second text is
   * left out: no newest version has it.
   */
  texts: string;
  /** Whether only whole ids are searched for. */
  onlyIds: boolean;
  /** What is abbreviated in `texts`, as `expand` takes it. */
  abbreviations: string;
  /** The same for `plugins`. */
  idAbbreviations: string;
  /** Upper-case letters beyond ASCII, each followed by its lower-case one, as far as the texts have that. */
  lowerCase: string[];
  /**
   * Who may ask; missing where everybody may. For each user 16 hex digits of salt and the 64 of the SHA-256 of the salt and the
   * credentials (`access.ts`).
   */
  users?: string;
  /** How many files the pages load: their addresses are `/files/<digest>/<number>`. */
  files: number;
  /** The digest of those files, in 8 hex digits. */
  digest: string;
}
