import type { Label, Release } from '../catalog/release.ts';

/** The fields that labels follow from. */
type LabelingField = 'author_type' | 'release_stage' | 'enterprise';

interface ComputedLabel {
  readonly label: Label;
  readonly appliesTo: (release: Pick<Release, LabelingField>) => boolean;
}

/** The labels that follow from a release's fields, in the order of an answer. */
const COMPUTED: readonly ComputedLabel[] = [
  {
    label: label(
      'Partner',
      'This plugin is maintained by a Mattermost partner.',
      'https://mattermost.com/pl/default-partner-plugins',
    ),
    appliesTo: (release) => release.author_type === 'partner',
  },
  {
    label: label(
      'Community',
      'This plugin is maintained by the Mattermost open-source community.',
      'https://mattermost.com/pl/default-community-plugins',
    ),
    appliesTo: (release) => release.author_type === 'community',
  },
  {
    label: label(
      'Beta',
      'This plugin is in beta and not recommended for production.',
      'https://mattermost.com/pl/default-beta-plugins',
    ),
    appliesTo: (release) => release.release_stage === 'beta',
  },
  {
    label: label(
      'Experimental',
      'This plugin is an experiment and not meant for production.',
      'https://mattermost.com/pl/default-experimental-plugins',
    ),
    appliesTo: (release) => release.release_stage === 'experimental',
  },
  {
    label: label(
      'Professional/Enterprise',
      'This plugin needs a Mattermost Professional or Enterprise subscription.',
      'https://mattermost.com/pricing/',
    ),
    appliesTo: (release) => release.enterprise,
  },
];

/** What `/api/v1/labels` answers. */
export const COMPUTED_LABELS: readonly Label[] = COMPUTED.map(({ label }) => label);

/** The labels of a release in an answer: its own, then the computed ones. */
export function labelsOf(release: Pick<Release, 'labels' | LabelingField>): Label[] {
  const computed = COMPUTED.filter(({ appliesTo }) => appliesTo(release));
  return [...release.labels, ...computed.map(({ label }) => label)];
}

function label(name: string, description: string, url: string): Label {
  return { name, description, url, color: '' };
}
