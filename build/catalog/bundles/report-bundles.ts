import { nameBundle } from '../../../src/catalog/bundles/bundles-of.ts';
import type {
  VerifiedBundle,
  VerifyProgress,
} from '../../../src/curation/verify/verify-bundles.ts';
import { spellOutLine } from '../../../src/lib/spell-out.ts';
import { formatBytes } from '../../site/summarize.ts';

/** A line for a bundle, and one more for each failure or note. */
export function reportBundle({ release, platform, url, failures, notes }: VerifiedBundle): string {
  const name = nameBundle(release, platform);
  const head = failures.length === 0 ? `ok      ${name}` : `FAILED  ${name} ${url}`;
  const lines = [...failures, ...notes.map((note) => `note: ${note}`)];
  return [head, ...lines.map((line) => `          ${line}`)]
    .map((line) => `${spellOutLine(line)}\n`)
    .join('');
}

/** How far the checking of bundles is. */
export function reportProgress({ bundles, bundlesTotal, bytes }: VerifyProgress): string {
  return `Checked ${bundles} of ${bundlesTotal} bundles · ${formatBytes(bytes)} downloaded`;
}
