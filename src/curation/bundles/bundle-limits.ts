import { MOST_ICON_BYTES } from '../../catalog/schema.ts';

/** Limits for a bundle. Larger ones are mistakes or attacks; the largest real ones have some 200 MB. */
export interface BundleLimits {
  /** The size of the file. */
  readonly compressedBytes: number;
  /** The size of everything in it. */
  readonly unpackedBytes: number;
  /** How many times as large as the file its contents may be, once they are larger than `ratioFromBytes`. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** Files and folders in it. */
  readonly entries: number;
  /** The size of the manifest. */
  readonly manifestBytes: number;
  /** The size of the icon, which every answer of the API carries. */
  readonly iconBytes: number;
}

const MIB = 1024 ** 2;

export const BUNDLE_LIMITS: BundleLimits = {
  compressedBytes: 512 * MIB,
  unpackedBytes: 2048 * MIB,
  // Programs shrink to a third, text to a tenth; only what is made to harm shrinks to a hundredth.
  ratio: 100,
  ratioFromBytes: 16 * MIB,
  entries: 20_000,
  manifestBytes: MIB,
  iconBytes: MOST_ICON_BYTES,
};
