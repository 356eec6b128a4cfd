import path from 'node:path';
import { bundlesOf, nameBundle, type OfferedBundle } from '../../catalog/bundles/bundles-of.ts';
import type { Release } from '../../catalog/release.ts';
import { BUNDLE_LIMITS } from '../../curation/bundles/bundle-limits.ts';
import { verifyBundles } from '../../curation/verify/verify-bundles.ts';
import { downloadFile } from '../../lib/http/download-file.ts';
import { isHtml } from '../../lib/http/unexpected-answer.ts';
import { decodeSignature, readSignatures } from '../../mattermost/openpgp/signature.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import type { VerificationKey } from '../../signatures/read-keys.ts';
import { type Answer, headerOf } from '../ask/answer.ts';
import { AskError } from '../ask/ask-error.ts';
import type { Probing } from './probing.ts';

export interface CheckBundlesOptions {
  /** So many bundles are asked for. */
  readonly most: number;
  /** The keys that servers have; none: nothing is downloaded. */
  readonly keys: readonly VerificationKey[];
  /** So many are downloaded and verified; each hour others. */
  readonly mostVerified: number;
  /** For downloads; its owner removes it. */
  readonly folder: string;
}

/** How many bundles were asked for, and how many downloaded and verified. */
export interface BundlesReport {
  readonly asked: number;
  readonly verified: number;
}

const HOUR_MS = 3_600_000;

/** Asks for the bundles of the newest releases. With keys, verifies some, and whose signatures the others have. */
export async function checkBundles(
  probing: Probing,
  releases: readonly Release[],
  options: CheckBundlesOptions,
): Promise<BundlesReport> {
  const { keys, mostVerified, most } = options;
  const newest = everyPlugin(indexCatalog(releases));
  const bundles = newest
    .flatMap(({ release }) => bundlesOf(release))
    .filter(({ url }) => /^https?:\/\//.test(url) && URL.canParse(url));
  const byUrl = [...new Map(bundles.map((bundle) => [bundle.url, bundle])).values()];
  const hour = Math.floor(probing.now.getTime() / HOUR_MS);
  const asked = rotate(byUrl, hour * most).slice(0, most);
  await Promise.all(asked.map((bundle) => checkBundle(probing, bundle)));
  if (keys.length === 0) return { asked: asked.length, verified: 0 };
  for (const bundle of bundles) checkSigner(probing, bundle, keys);
  const chosen = rotate(bundles, hour * mostVerified).slice(0, mostVerified);
  return { asked: asked.length, verified: await verify(probing, chosen, options) };
}

async function checkBundle({ asker, findings }: Probing, bundle: OfferedBundle) {
  const name = nameOf(bundle);
  const report = (check: string, message: string) =>
    findings.add({ check, message: `${bundle.url} ${message}` }, name);
  try {
    const answer = await asker.head(bundle.url);
    if (answer !== null) judge(answer, report);
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    report('bundle', error.message);
  }
}

function judge(
  answer: Pick<Answer, 'status' | 'headers'>,
  report: (check: string, message: string) => void,
) {
  const { status } = answer;
  if (status < 200 || status > 299) return report('bundle', `answers ${status}`);
  const headers = new Headers({ 'content-type': headerOf(answer, 'content-type') });
  if (isHtml(headers)) return report('bundle', 'is a web page');
  if (headerOf(answer, 'content-encoding') === 'gzip') {
    const message = 'has Content-Encoding: gzip, so servers unpack it before they verify it';
    report('bundle-encoding', message);
  }
}

/** Whether a key of servers made the signature, as far as it tells. */
function checkSigner(
  { findings }: Probing,
  bundle: OfferedBundle,
  keys: readonly VerificationKey[],
) {
  const bytes = decodeSignature(bundle.signature);
  if (bytes === null || bytes.length === 0) return;
  const issuers = [...readSignatures(bytes)].flatMap((one) => ('issuer' in one ? one.issuer : []));
  const isKnown = keys.some(({ key }) => issuers.some((issuer) => key.signerIds.includes(issuer)));
  if (issuers.length === 0 || isKnown) return;
  const name = nameOf(bundle);
  const message = `${name} is signed with the key ${issuers.join(', ')}, which is not one of the given keys`;
  const remedy = 'name every key that the servers have with --key';
  findings.add({ check: 'other-key', message, remedy }, name);
}

/** Returns how many of the bundles are good. */
async function verify(
  { asker, findings, now }: Probing,
  bundles: readonly OfferedBundle[],
  { keys, folder }: CheckBundlesOptions,
): Promise<number> {
  const { web } = asker;
  let number = 0;
  const verified = await verifyBundles(bundles, {
    keys,
    now,
    fetch: async ({ url }) => {
      const file = path.join(folder, `${number++}.tar.gz`);
      await downloadFile(web, url, { file, mostBytes: BUNDLE_LIMITS.compressedBytes });
      return file;
    },
    onProgress: () => {},
  });
  for (const { release, platform, failures } of verified) {
    const name = `the bundle of ${nameBundle(release, platform)}`;
    for (const failure of failures) {
      findings.add({ check: 'bundle-refused', message: `${name} ${failure}` }, name);
    }
  }
  return verified.filter(({ failures }) => failures.length === 0).length;
}

function nameOf({ release: { manifest }, platform }: OfferedBundle): string {
  return `the bundle of ${nameBundle(`${manifest.id}@${manifest.version}`, platform)}`;
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
