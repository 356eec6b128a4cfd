import type { Label, Release } from '../catalog/release.ts';
import { labelsOf } from '../query/labels.ts';

/**
 * A release as an answer shows it, in the form of the catalog: without the labels that follow from its other fields, for they
 * are computed again. An answer has the catalog's labels first and then the computed ones, once more for each marketplace
 * that it came through (API.md, difference 5), and not each of those need know all of them. So what is left out is what stands
 * last; a label like them before one of the catalog's own is the catalog's, and so is one that leads elsewhere. Descriptions
 * may be worded otherwise there.
 */
export function withoutComputedLabels(release: Release): Release {
  const computed = labelsOf({ ...release, labels: [] });
  const isOwn = ({ name, url }: Label) =>
    !computed.some((label) => label.name === name && label.url === url);
  const lastOwn = release.labels.findLastIndex(isOwn);
  return { ...release, labels: release.labels.slice(0, lastOwn + 1) };
}
