import { decodePlus } from '../plugin-store.ts';
import { fitsPattern } from './pattern.ts';

/** A file of a release on GitHub. */
export interface ReleaseAsset {
  readonly name: string;
  readonly url: string;
  /** When it was last uploaded; empty if GitHub gives no time. */
  readonly updatedAt: string;
}

/** A bundle among the files of a release. */
export interface BundleAsset extends ReleaseAsset {
  /** The URL of its detached signature; absent if it has none. */
  readonly signatureUrl?: string;
}

/** The bundles among the files of a release, or the reason why there are none. */
export type PickedAssets =
  | {
      readonly common: BundleAsset;
      /** Keyed by the catalog's names for the platforms. */
      readonly platforms: Readonly<Record<string, BundleAsset>>;
    }
  /** There is nothing to take. */
  | { readonly lacking: string }
  /** A person has to choose. */
  | { readonly unclear: string };

export interface PickOptions {
  readonly tag: string;
  readonly version: string;
  /** The setting of the repository: a pattern for the name of the bundle. */
  readonly pattern?: string | undefined;
}

/** Finds the bundles of a release among its files by their names. */
export function pickAssets(
  assets: readonly ReleaseAsset[],
  { tag, version, pattern }: PickOptions,
): PickedAssets {
  const bundles = assets.filter(({ name }) => name.endsWith('.tar.gz'));
  const wanted = pattern?.replaceAll('{version}', version).replaceAll('{tag}', tag);
  const fitting =
    wanted === undefined
      ? bundles.filter((bundle) => platformOf(bundle) === undefined)
      : narrow(assets.filter(({ name }) => fitsPattern(wanted, decodePlus(name))));
  const [common, ...others] = fitting;
  if (common === undefined) return { lacking: explainLack(assets, pattern) };
  if (others.length > 0) return { unclear: explainChoice(fitting, version, pattern) };
  // Only the names show which belong together: a bundle for FIPS ends like the usual one of its platform.
  const stem = stemOf(common);
  const platforms = bundles.flatMap((bundle) => {
    const platform = platformOf(bundle);
    const isOfThis = bundle !== common && stemOf(bundle) === stem;
    return platform === undefined || !isOfThis
      ? []
      : [[platform, withSignature(bundle, assets)] as const];
  });
  return { common: withSignature(common, assets), platforms: Object.fromEntries(platforms) };
}

/** Names end as in the plugin store, or as the catalog calls platforms. The systems are those of Go. */
const PLATFORM_END =
  /-(aix|android|darwin|dragonfly|freebsd|illumos|linux|netbsd|openbsd|osx|plan9|solaris|windows)-([a-z0-9]+)(\.tar\.gz|\.tgz)$/;

/** The platform that a bundle is for by its name, as the catalog calls it; undefined: for every one. */
export function platformOf({ name }: ReleaseAsset): string | undefined {
  const [, system, processor] = PLATFORM_END.exec(name) ?? [];
  return system && `${system === 'osx' ? 'darwin' : system}-${processor}`;
}

/** The common beginning of the bundles of one release that belong together. */
export function stemOf({ name }: ReleaseAsset): string {
  return name.replace(PLATFORM_END, '').replace(/(\.tar\.gz|\.tgz)$/, '');
}

/** The files that a pattern matches, without bundles of single platforms and signatures if other files match. */
function narrow(fitting: readonly ReleaseAsset[]): readonly ReleaseAsset[] {
  const files = fitting.filter(({ name }) => !/\.(sig|asc)$/.test(name));
  const common = files.filter((file) => platformOf(file) === undefined);
  return common.length > 0 ? common : files;
}

function explainLack(assets: readonly ReleaseAsset[], pattern: string | undefined): string {
  const files = assets.map(({ name }) => name).join(', ');
  if (files === '') return 'has no files, and so no bundle';
  return pattern === undefined
    ? `has no bundle (.tar.gz) for every platform, only ${files}; name the file to take in "asset" of its row of the settings`
    : `has no file that "asset": ${JSON.stringify(pattern)} fits, only ${files}`;
}

function explainChoice(
  fitting: readonly ReleaseAsset[],
  version: string,
  pattern: string | undefined,
): string {
  const [first] = fitting;
  const example = (first?.name ?? '').replaceAll(version, '{version}');
  const names = fitting.map(({ name }) => name).join(', ');
  const fit = pattern === undefined ? '' : ` that "asset": ${JSON.stringify(pattern)} fits`;
  return `has several bundles${fit}: ${names} — choose one in its row of the settings, such as "asset": ${JSON.stringify(example)}`;
}

function withSignature(asset: ReleaseAsset, assets: readonly ReleaseAsset[]): BundleAsset {
  const signature = ['.sig', '.asc']
    .map((extension) => assets.find(({ name }) => name === `${asset.name}${extension}`))
    .find((found) => found !== undefined);
  return signature ? { ...asset, signatureUrl: signature.url } : asset;
}
