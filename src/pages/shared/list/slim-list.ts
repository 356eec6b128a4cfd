import type { IndexedRelease } from '../../../query/catalog-index.ts';
import type { Candidate } from '../../../query/offer.ts';
import { lowerTexts, type Texts } from '../../../query/texts.ts';
import { versionKey } from '../../../router/request/version-key.ts';
import {
  type ListedPlugin,
  type ListedRelease,
  listRelease,
  type PluginFacts,
} from '../listed-plugin.ts';

/** The list as a file: what decides which plugins a server is offered, and what the list shows of them. */
export interface SlimList {
  /** The address of the icons' folder, from the root of the site; icons are numbers in it. */
  readonly folder: string;
  readonly plugins: readonly SlimPlugin[];
}

/** A plugin, and the releases that some server is offered as its newest, highest version first. */
interface SlimPlugin extends PluginFacts {
  /** Each without the fields that are as in the one before it; the first, without those that are as in `BLANK`. */
  readonly releases: readonly Partial<RankedRelease>[];
}

interface RankedRelease extends ListedRelease {
  /** Whether its version has the precedence of the one before. */
  readonly is_equal: boolean;
}

const BLANK: RankedRelease = {
  version: '',
  name: '',
  description: '',
  min_server_version: '',
  hosting: '',
  author_type: '',
  release_stage: '',
  enterprise: false,
  labels: [],
  runs_on: 'any',
  listed_on: '',
  download_url: '',
  downloads: {},
  is_equal: false,
};

/** A release in the list, with what the rule of the API looks at. */
export interface ListedCandidate extends Candidate, Texts {
  readonly release: ListedPlugin;
}

/** @param releases in the order of an index */
export function slimPlugin(facts: PluginFacts, releases: readonly IndexedRelease[]): SlimPlugin {
  const ranked = releases.map(
    ({ release, versionRank }, i): RankedRelease => ({
      ...listRelease(release),
      is_equal: releases[i - 1]?.versionRank === versionRank,
    }),
  );
  return { ...facts, releases: ranked.map((each, i) => changes(ranked[i - 1] ?? BLANK, each)) };
}

function changes(before: RankedRelease, after: RankedRelease): Partial<RankedRelease> {
  const fields = Object.keys(BLANK) as (keyof RankedRelease)[];
  const changed = fields.filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  return Object.fromEntries(changed.map((field) => [field, after[field]]));
}

/** The releases of each plugin. */
export function readSlimList({ folder, plugins }: SlimList): ListedCandidate[][] {
  return plugins.map(({ releases, icon, ...others }) => {
    const facts = { ...others, icon: icon === undefined ? undefined : folder + icon };
    let ranked = BLANK;
    let versionRank = 0;
    return releases.map((changed): ListedCandidate => {
      ranked = { ...ranked, ...changed };
      const { is_equal, ...release } = ranked;
      if (!is_equal) versionRank++;
      const { name, description, min_server_version } = release;
      return {
        release: { ...facts, ...release },
        versionRank,
        minServerKey: (min_server_version && versionKey(min_server_version)) ?? '',
        ...lowerTexts(facts.id, name, description),
      };
    });
  });
}
