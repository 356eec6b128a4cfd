import type { Label } from '../../../catalog/release.ts';
import { COMPUTED_LABELS } from '../../../query/labels.ts';
import type { ListedPlugin } from '../listed-plugin.ts';
import { hostingWords } from '../server-words.ts';
import { isPlatform } from '../words.ts';

/** The parameters of the list's address that narrow it by what plugins have in common. */
export const FILTER_KEYS = ['maintainer', 'stage', 'subscription', 'hosting', 'runs_on'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** The chosen values; a missing one: any. */
export type Filters = Readonly<Partial<Record<FilterKey, string>>>;

/** A value for a filter, and its name for people. */
export type Choice = readonly [value: string, name: string];

interface Filter {
  readonly name: string;
  /** The values; those of `runs_on` are the platforms of the catalog. */
  readonly choices: readonly Choice[];
  readonly matches: (plugin: Partial<ListedPlugin>, value: string) => boolean;
}

export const FILTERS: Readonly<Record<FilterKey, Filter>> = {
  maintainer: {
    name: 'Maintained by',
    choices: [
      ['mattermost', 'Mattermost'],
      ['partner', 'Partners'],
      ['community', 'Community'],
    ],
    matches: ({ author_type }, value) => author_type === value,
  },
  stage: {
    name: 'Stage',
    choices: [
      ['production', 'Production'],
      ['beta', 'Beta'],
      ['experimental', 'Experimental'],
    ],
    matches: ({ release_stage }, value) => release_stage === value,
  },
  subscription: {
    name: 'Subscription',
    choices: [
      ['none', 'Not needed'],
      ['needed', 'Needed'],
    ],
    matches: ({ enterprise = false }, value) => enterprise === (value === 'needed'),
  },
  hosting: {
    name: 'Made for',
    choices: [
      ['both', 'Any hosting'],
      ['on-prem', hostingWords('on-prem')],
      ['cloud', hostingWords('cloud')],
    ],
    matches: ({ hosting }, value) => (hosting || 'both') === value,
  },
  runs_on: {
    name: 'Runs on',
    choices: [],
    matches: ({ runs_on = 'unstated' }, value) =>
      typeof runs_on === 'string' || runs_on.includes(value),
  },
};

/** Whether an address may have a value: the platforms of a catalog are known to its page only. */
export function isChoice(key: FilterKey, value: string): boolean {
  if (key === 'runs_on') return isPlatform(value);
  return FILTERS[key].choices.some(([known]) => known === value);
}

/** Those of some plugins that match all filters. */
export function narrow<Plugin extends Partial<ListedPlugin>>(
  plugins: readonly Plugin[],
  filters: Filters,
): readonly Plugin[] {
  const chosen = FILTER_KEYS.flatMap((key) => (filters[key] ? [[key, filters[key]] as const] : []));
  if (chosen.length === 0) return plugins;
  return plugins.filter((plugin) =>
    chosen.every(([key, value]) => FILTERS[key].matches(plugin, value)),
  );
}

/** The chosen filters for people: `Partners, Beta`. */
export function filterWords(filters: Filters): string {
  const names = FILTER_KEYS.flatMap((key) => {
    const value = filters[key];
    const known = FILTERS[key].choices.find(([choice]) => choice === value);
    return value === undefined ? [] : [known?.[1] ?? value];
  });
  return names.join(', ');
}

/** What a card says of a plugin in a word: a label, or something that follows from its fields. */
export interface Mark extends Pick<Label, 'name' | 'description' | 'color'> {
  /** The query string of the list of all plugins with it; undefined where no filter finds them. */
  readonly query?: string | undefined;
}

/** The views of the plugins with a computed label. */
const LABEL_QUERIES: Readonly<Record<string, string>> = {
  Partner: 'maintainer=partner',
  Community: 'maintainer=community',
  Beta: 'stage=beta',
  Experimental: 'stage=experimental',
  'Professional/Enterprise': 'subscription=needed',
};

/** The labels of a release as marks. */
export function toMarks(labels: readonly Label[]): Mark[] {
  return labels.map((label) => ({
    ...label,
    query: COMPUTED_LABELS.includes(label) ? LABEL_QUERIES[label.name] : undefined,
  }));
}

/** The mark of a release for one kind of hosting only; none for one for both. */
export function hostingMarks(hosting: ListedPlugin['hosting']): Mark[] {
  const name = hostingWords(hosting);
  if (name === '') return [];
  const servers = hosting === 'cloud' ? 'servers in the Mattermost Cloud' : 'self-hosted servers';
  const description = `This plugin is offered to ${servers} only.`;
  return [{ name, description, color: '', query: `hosting=${hosting}` }];
}
