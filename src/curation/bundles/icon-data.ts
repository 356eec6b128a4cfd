/** Image formats that browsers show, with what their files begin with. */
const FORMATS: readonly (readonly [type: string, isOne: (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff'],
  ['image/gif', (bytes) => /^GIF8[79]a/.test(bytes.subarray(0, 6).toString('latin1'))],
  ['image/webp', (bytes) => /^RIFF.{4}WEBP/s.test(bytes.subarray(0, 12).toString('latin1'))],
  ['image/svg+xml', isSvg],
];

/** An icon as `icon_data` has it, such as `data:image/svg+xml;base64,…`; null where it is no image that browsers show. */
export function iconData(bytes: Buffer): string | null {
  const format = FORMATS.find(([, isOne]) => isOne(bytes));
  return format ? `data:${format[0]};base64,${bytes.toString('base64')}` : null;
}

/** An XML declaration, comments and a document type may stand before the root: within reason. */
function isSvg(bytes: Buffer): boolean {
  const text = bytes
    .subarray(0, 4096)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const root = /<(?![?!])[^\s>/]*/.exec(text.replace(/<!--.*?-->/gs, ''));
  return root?.[0] === '<svg' && /^\s*</.test(text);
}
