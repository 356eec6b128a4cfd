import type { Label, Release } from '../catalog/release.ts';
import { labelsOf } from '../query/labels.ts';

/**
 * A release as an answer shows it, in the form of the catalog: labels that follow from its other fields are left out, since
 * they are computed again, however often the marketplace computed them (API.md, difference 5). Their descriptions may be
 * worded otherwise there.
 */
export function withoutComputedLabels(release: Release): Release {
  const computed = labelsOf({ ...release, labels: [] });
  const isOwn = ({ name, url }: Label) =>
    !computed.some((label) => label.name === name && label.url === url);
  return { ...release, labels: release.labels.filter(isOwn) };
}
