import { STORE_PLATFORMS } from '../plugin-store.ts';

/** A file of a release on GitHub. */
export interface ReleaseAsset {
  readonly name: string;
  readonly url: string;
}

/** A bundle among the files of a release. */
export interface BundleAsset {
  readonly url: string;
  /** Where its detached signature is; absent where it has none. */
  readonly signatureUrl?: string;
}

/** The bundles among the files of a release. */
export interface PickedAssets {
  readonly common: BundleAsset;
  /** By the catalog's names for the platforms. */
  readonly platforms: Readonly<Record<string, BundleAsset>>;
}

/** Finds the bundles of a release among its files by their names, or says in words why it cannot. */
export function pickAssets(assets: readonly ReleaseAsset[]): PickedAssets | string {
  const bundles = assets.filter(({ name }) => name.endsWith('.tar.gz'));
  const common = bundles.filter((bundle) => platformOf(bundle) === undefined);
  const [first, ...others] = common;
  if (first === undefined) return 'has no bundle (.tar.gz) for every platform';
  if (others.length > 0) {
    return `has several bundles, and it is not clear which to take: ${common.map(({ name }) => name).join(', ')}`;
  }
  const platforms = bundles.flatMap((bundle) => {
    const platform = platformOf(bundle);
    return platform === undefined ? [] : [[platform, withSignature(bundle, assets)] as const];
  });
  return { common: withSignature(first, assets), platforms: Object.fromEntries(platforms) };
}

/** Names end as in the plugin store, or as the catalog calls platforms. */
function platformOf({ name }: ReleaseAsset): string | undefined {
  const found = STORE_PLATFORMS.find((names) =>
    names.some((platform) => name.endsWith(`-${platform}.tar.gz`)),
  );
  return found?.[0];
}

function withSignature({ name, url }: ReleaseAsset, assets: readonly ReleaseAsset[]): BundleAsset {
  const signature = ['.sig', '.asc']
    .map((extension) => assets.find((asset) => asset.name === `${name}${extension}`))
    .find((asset) => asset !== undefined);
  return signature ? { url, signatureUrl: signature.url } : { url };
}
