import { createHash } from 'node:crypto';
import { LOADED_FOLDER } from '../../router/headers/headers.ts';
import { LOGO, SCRIPT, STYLE_SHEET, TOUCH_ICON } from '../../router/headers/loaded-numbers.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import type { Asset } from './bundle-assets.ts';
import { decodeDataUrl, type Picture } from './picture.ts';

/** What every page loads. */
export interface CommonFiles {
  readonly styleSheet: Asset;
  readonly script: Asset;
  readonly logo: Picture;
  readonly touchIcon: Picture;
}

/** The icons of plugins. */
export interface IconSet {
  /** The address of an icon, from the root of the site; undefined where it cannot be shown. */
  pathOf(dataUrl: string): string | undefined;
}

/** Files with their addresses. */
export interface NamedFiles extends IconSet {
  /** Of all of them, in 8 hex digits. */
  readonly digest: string;
  /** The address of their folder, from the root of the site. */
  readonly folder: string;
  readonly files: readonly SiteFile[];
  /** The address of what every page loads, from the root of the site. */
  pathTo(file: keyof CommonFiles): string;
}

const NUMBERS: Readonly<Record<keyof CommonFiles, number>> = {
  styleSheet: STYLE_SHEET,
  script: SCRIPT,
  logo: LOGO,
  touchIcon: TOUCH_ICON,
};

const COMMON = (Object.keys(NUMBERS) as (keyof CommonFiles)[]).sort(
  (a, b) => NUMBERS[a] - NUMBERS[b],
);

/**
 * The files that pages load, each once, numbered from 1, so that the router needs only their count. Their addresses have a digest of
 * all of them, so that browsers may keep them, and never mix up those of two snapshots.
 */
export class LoadedFiles {
  readonly #icons: Picture[] = [];
  readonly #byDigest = new Map<string, number>();
  readonly #byDataUrl = new Map<string, number | undefined>();

  /** @param icons `data:` URLs; some may be invalid or equal */
  constructor(icons: Iterable<string>) {
    for (const icon of new Set(icons)) {
      const picture = decodeDataUrl(icon);
      this.#byDataUrl.set(icon, picture && this.#add(picture));
    }
  }

  get count(): number {
    return COMMON.length + this.#icons.length;
  }

  /** The number of an icon; undefined where it cannot be shown. */
  numberOf(dataUrl: string): number | undefined {
    return this.#byDataUrl.get(dataUrl);
  }

  /** Gives them their addresses. */
  name(common: CommonFiles): NamedFiles {
    const all = [...COMMON.map((name) => common[name]), ...this.#icons];
    const digest = digestOf(...all).slice(0, 8);
    const folder = `files/${digest}/`;
    const pathOf = (number: number) => `${folder}${number}`;
    return {
      digest,
      folder,
      files: all.map(({ contentType, content }, i) => ({
        path: `${LOADED_FOLDER}${digest}/${i + 1}`,
        contentType,
        content,
      })),
      pathTo: (name) => pathOf(NUMBERS[name]),
      pathOf: (dataUrl) => {
        const number = this.numberOf(dataUrl);
        return number === undefined ? undefined : pathOf(number);
      },
    };
  }

  /** The number of a picture. */
  #add(picture: Picture): number {
    const digest = digestOf(picture);
    const known = this.#byDigest.get(digest);
    if (known !== undefined) return known;
    this.#icons.push(picture);
    this.#byDigest.set(digest, this.count);
    return this.count;
  }
}

function digestOf(...files: readonly Asset[]): string {
  const hash = createHash('sha256');
  for (const { contentType, content } of files) {
    hash.update(`${contentType} ${Buffer.byteLength(content)}\n`).update(content);
  }
  return hash.digest('hex');
}
