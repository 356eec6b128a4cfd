import { createHash } from 'node:crypto';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { decodeDataUrl, type Picture } from './picture.ts';

/**
 * The icons of the pages, each once, numbered from 1, so that the router needs only their count. The first is the
 * logo.
 */
export class IconSet {
  readonly #pictures: Picture[] = [];
  readonly #byDigest = new Map<string, string>();
  readonly #byDataUrl = new Map<string, string | undefined>();

  /** @param icons `data:` URLs; some may be invalid or equal */
  constructor(icons: Iterable<string>) {
    for (const icon of new Set(icons)) {
      const picture = decodeDataUrl(icon);
      this.#byDataUrl.set(icon, picture && this.#add(picture));
    }
  }

  /** With the logo. */
  get count(): number {
    return this.#pictures.length + 1;
  }

  /** The address of an icon, from the root of the site; undefined where it cannot be shown. */
  pathOf(dataUrl: string): string | undefined {
    return this.#byDataUrl.get(dataUrl);
  }

  /** The files, with the logo first. */
  files(logo: Picture): SiteFile[] {
    return [logo, ...this.#pictures].map(({ contentType, content }, i) => ({
      path: `site/icons/${i + 1}`,
      contentType,
      content,
    }));
  }

  #add(picture: Picture): string {
    const digest = digestOf(picture);
    const known = this.#byDigest.get(digest);
    if (known !== undefined) return known;
    this.#pictures.push(picture);
    const path = iconPath(this.count, digest);
    this.#byDigest.set(digest, path);
    return path;
  }
}

/** The address of the logo, from the root of the site. */
export function logoPath(logo: Picture): string {
  return iconPath(1, digestOf(logo));
}

/** With the digest as a query, which the router ignores, so that browsers never mix up icons of two snapshots. */
function iconPath(number: number, digest: string): string {
  return `icons/${number}?${digest.slice(0, 8)}`;
}

function digestOf({ contentType, content }: Picture): string {
  return createHash('sha256').update(contentType).update(content).digest('hex');
}
