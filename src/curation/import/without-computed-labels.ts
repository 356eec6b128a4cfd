import type { Release } from '../../catalog/release.ts';
import { labelsOf } from '../../query/labels.ts';

/** A release as an answer has it, without the labels that follow from its other fields: they are computed again. */
export function withoutComputedLabels(release: Release): Release {
  const computed = labelsOf({ ...release, labels: [] }).map(({ name }) => name);
  const own = release.labels.slice(0, Math.max(0, release.labels.length - computed.length));
  const last = release.labels.slice(own.length).map(({ name }) => name);
  const isComputed =
    last.length === computed.length && last.every((name, i) => name === computed[i]);
  return isComputed ? { ...release, labels: own } : release;
}
