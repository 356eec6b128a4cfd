/** An image that pages show. */
export interface Picture {
  readonly contentType: string;
  readonly content: Buffer;
}

/** The first bytes of each kind of image, as Latin-1. */
const SIGNATURES: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF.{4}WEBP/s,
};

export const SVG_TYPE = 'image/svg+xml';

/** The image in a `data:` URL; undefined if browsers cannot show it. */
export function decodeDataUrl(url: string): Picture | undefined {
  const [, type = '', base64, data = ''] =
    /^data:(image\/[\w.+-]+)(?:;[^,;]*)*?(;base64)?,(.*)$/is.exec(url) ?? [];
  const content = base64 ? Buffer.from(data, 'base64') : decodePercents(data);
  return content && recognize(type.toLowerCase(), content);
}

/** Bytes as an image of a content type; undefined where they are not one. */
export function recognize(contentType: string, content: Buffer): Picture | undefined {
  if (contentType !== SVG_TYPE) {
    const start = content.subarray(0, 16).toString('latin1');
    return SIGNATURES[contentType]?.test(start) ? { contentType, content } : undefined;
  }
  const text = content.toString('utf8');
  const isSvg = /^\ufeff?\s*</.test(text) && text.includes('<svg');
  return isSvg ? { contentType, content: withoutOwnStyles(text) } : undefined;
}

/**
 * An SVG image as a file that looks the same under the content security policy of the pages. Firefox applies to an image the
 * policy it was sent with, which forbids styles inside, but not to an image in a `data:` URL. So an image with styles is put
 * into an image of ours.
 */
function withoutOwnStyles(text: string): Buffer {
  if (!/<style|\sstyle\s*=/i.test(text)) return Buffer.from(text);
  // Not base64, which does not compress.
  const data = `data:${SVG_TYPE},${encodeURIComponent(text).replace(/%20/g, ' ').replace(/'/g, '%27')}`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><image width="96" height="96" href="${data}"/></svg>`,
  );
}

function decodePercents(text: string): Buffer | undefined {
  try {
    return Buffer.from(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}
