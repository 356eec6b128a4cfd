/** What plain rules of a server decide: which file answers which request, for every request in canonical form that servers send. */
export interface Decisions {
  /** The snapshot's id. */
  readonly id: string;
  /** What the paths of files begin with: `/snapshots/<id>/`. */
  readonly root: string;
  /** From the first, below every version, to the last, for requests without a version. */
  readonly steps: readonly DecidedStep[];
  /** Those with bundles of their own; others, and none, get the default. */
  readonly platforms: readonly string[];
  /** A list of all versions is among them only where everyone may ask for it; where not, it is refused, but for `wholeViews`. */
  readonly decisions: readonly Decision[];
  /**
   * The files of all versions of all plugins for Enterprise editions, on-prem and in the cloud: whole, without server version and
   * platform. Other marketplaces are laid over them.
   */
  readonly wholeViews: readonly [string, string];
  /** The length of the longest list of newest versions. */
  readonly longest: number;
  /** The folders of the plugins that have a page. */
  readonly pages: readonly string[];
  /** The number and the digest of the files that pages load. */
  readonly files: number;
  readonly digest: string;
}

/** A range of server versions. */
export interface DecidedStep {
  /** As it stands in paths. */
  readonly name: string;
  /** The lowest version in it; empty for the first and the last. */
  readonly version: string;
}

/** Requests that differ only in server version, edition, hosting and platform. */
export interface Decision {
  /** `list`: all plugins; `plugin`: by `plugin_id`; `filter`: by a `filter` that is an id, in whatever case. */
  readonly subject: 'list' | 'plugin' | 'filter';
  /** The plugin's id, or the filter in lower case; empty for lists. */
  readonly id: string;
  readonly allVersions: boolean;
  /**
   * The number of a page of 100; null for the whole. Where no answer is longer than 100, there are no pages: the first is the whole,
   * and those behind the last are empty.
   */
  readonly page: number | null;
  /**
   * For each row (edition + 2 × hosting: `query/audience/space.ts`), the states in the order of the steps. Before the first one,
   * the answer is empty.
   */
  readonly rows: readonly (readonly State[])[];
}

/** What is answered from a step on, up to the next state. */
export interface State {
  /** The number of the step. */
  readonly step: number;
  /** The files for the default and then for each platform, inside the snapshot: `api/plugins/all/9.5.0_any_….json`. */
  readonly files: readonly string[];
  /** How many releases the answer has. */
  readonly count: number;
}
