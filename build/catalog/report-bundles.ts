import { nameBundle } from '../../src/curation/verify/bundles-of.ts';
import type { VerifiedBundle, VerifyProgress } from '../../src/curation/verify/verify-bundles.ts';
import { formatBytes } from '../summarize.ts';

/** A line for a bundle, and one more for each thing that is wrong with it. */
export function reportBundle({ release, platform, url, failures }: VerifiedBundle): string {
  const name = nameBundle(release, platform);
  if (failures.length === 0) return `ok      ${name}\n`;
  return `FAILED  ${name} ${url}\n${failures.map((failure) => `          ${failure}\n`).join('')}`;
}

/** How far the checking of bundles is. */
export function tellProgress({ bundles, bundlesTotal, bytes }: VerifyProgress): string {
  return `Checked ${bundles} of ${bundlesTotal} bundles · ${formatBytes(bytes)} downloaded`;
}
