import type { Bundle, Release } from '../../../catalog/release.ts';
import {
  findVerified,
  type VerifiedRecord,
  type VerifiedRecords,
} from '../../../catalog/verified/verified-file.ts';
import { webLink } from '../../../lib/web-link.ts';
import { decodeSignature, judgeSignature } from '../../../mattermost/openpgp/signature.ts';
import { ownPlatforms, runsOn } from '../../../mattermost/platforms.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { formatDay, platformWords } from '../../shared/words.ts';

/** The SHA-256 of bundles by their addresses, as far as they are known. */
export type BundleDigests = ReadonlyMap<string, string>;

/** The bundles of a release, each with its signature and digest; undefined if there are none. */
export function bundleList(release: Release, digests: BundleDigests): Piece {
  const own = ownPlatforms(release.platforms);
  const bundles = [
    {
      name: 'Default bundle',
      runsOn: servedByDefault(release, own),
      ...pick(release),
      unsigned: 'servers do not install it from here',
    },
    ...Object.entries(release.platforms).map(([name, bundle]) => ({
      name,
      runsOn: undefined,
      ...pick(bundle),
      unsigned: 'servers get the default bundle',
    })),
  ].flatMap(({ href, ...bundle }) => (href === undefined ? [] : [{ href, ...bundle }]));
  if (bundles.length === 0) return undefined;
  return h(
    'ul',
    { class: 'bundles', role: 'list' },
    bundles.map(({ name, runsOn, href, signature, unsigned }) =>
      h(
        'li',
        {},
        h('a', { href }, name),
        runsOn && h('span', { class: 'muted platforms' }, runsOn),
        signatureOf(signature, href, unsigned),
        digestOf(digests.get(href)),
      ),
    ),
  );
}

/** The records of the bundles of a release that stand in the catalog as they were verified. */
export function findRecords(release: Release, evidence: VerifiedRecords): VerifiedRecord[] {
  return offeredOf(release).flatMap(
    (bundle) => findVerified(evidence, { release, ...bundle }) ?? [],
  );
}

/** When the bundles of a release were verified; undefined if none was. */
export function tellVerified(release: Release, records: readonly VerifiedRecord[]): Piece {
  if (records.length === 0) return undefined;
  const days = new Set(records.map(({ verified }) => formatDay(verified)?.words));
  if (days.size === 1 && records.length === offeredOf(release).length) return [...days][0];
  return records
    .map(({ platform, verified }) => `${platform || 'default'}: ${formatDay(verified)?.words}`)
    .join(', ');
}

function offeredOf({ download_url: url, signature, platforms }: Release) {
  const others = Object.entries(platforms).map(([platform, bundle]) => ({
    ...{ platform, url: bundle.download_url ?? '', signature: bundle.signature ?? '' },
  }));
  return [{ platform: '', url, signature }, ...others].filter((bundle) => bundle.url !== '');
}

function pick({ download_url, signature }: Bundle) {
  return { href: webLink(download_url), signature: signature ?? '' };
}

/** The platforms that get the default bundle, in words; undefined if they are not stated, or there are none. */
function servedByDefault(release: Release, own: readonly string[]): string | undefined {
  const on = runsOn(release);
  if (typeof on === 'string') return platformWords(on);
  const others = on.filter((platform) => !own.includes(platform));
  return others.length === 0 ? undefined : platformWords(others);
}

/**
 * The signature as the file that `gpg` reads. It is in the address of the link: a file of its own for each of them would be
 * most of the files of a build. The content security policy is about what a page loads, and saving a link loads nothing.
 */
function signatureOf(signature: string, bundle: string, unsigned: string): Piece {
  const finding = judgeSignature(signature);
  const bytes = decodeSignature(signature);
  if (bytes === null || finding?.check === 'unsigned') {
    return h('span', { class: 'muted' }, `not signed: ${unsigned}`);
  }
  const base64 = Buffer.from(bytes).toString('base64');
  return [
    h(
      'a',
      {
        class: 'signature',
        href: `data:application/pgp-signature;base64,${base64}`,
        download: `${bundleName(bundle)}.sig`,
      },
      'Signature',
    ),
    finding === null
      ? undefined
      : h('span', { class: 'muted' }, 'of a kind that servers do not accept'),
  ];
}

/** In the form of `sha256sum`, so that it can be compared. */
function digestOf(sha256: string | undefined): Piece {
  return sha256 && h('span', { class: 'digest' }, 'SHA-256 ', h('code', {}, sha256));
}

/** The name that a browser gives a bundle; one that is safe in any folder. */
export function bundleName(url: string): string {
  const [, name = ''] = /^[^?#]*\/([\w.+-]+)(?:[?#]|$)/.exec(url) ?? [];
  return /^[\w]/.test(name) ? name : 'plugin.tar.gz';
}
