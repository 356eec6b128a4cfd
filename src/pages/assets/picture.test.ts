import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDataUrl } from './picture.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>';
const PNG = Buffer.from('\x89PNG\r\n\x1a\nxyz', 'latin1');
const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');

// Data URL, its type.
const PICTURES: readonly (readonly [string, string])[] = [
  [`data:image/svg+xml;base64,${base64(SVG)}`, 'image/svg+xml'],
  [`data:image/svg+xml,${encodeURIComponent(SVG)}`, 'image/svg+xml'],
  [`data:image/svg+xml;utf8,${SVG}`, 'image/svg+xml'],
  [`data:image/svg+xml;charset=utf-8;base64,${base64(SVG)}`, 'image/svg+xml'],
  [`data:IMAGE/SVG+XML;BASE64,${base64(SVG)}`, 'image/svg+xml'],
  [`data:image/png;base64,${base64(PNG)}`, 'image/png'],
  [`data:image/jpeg;base64,${base64(Buffer.from('ffd8ffe0', 'hex'))}`, 'image/jpeg'],
  [`data:image/gif;base64,${base64('GIF89a...')}`, 'image/gif'],
  [`data:image/webp;base64,${base64('RIFF\n123WEBPVP8')}`, 'image/webp'],
];

for (const [url, contentType] of PICTURES) {
  test(`${url.slice(0, 44)} is a picture`, () => {
    const picture = decodeDataUrl(url);
    assert.equal(picture?.contentType, contentType);
    if (contentType === 'image/svg+xml') assert.equal(String(picture?.content), SVG);
  });
}

// Description, data URL.
const NO_PICTURES: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no data', 'data:image/svg+xml'],
  ['an address', 'https://example.com/x.svg'],
  ['a script', 'javascript:alert(1)'],
  ['a page', `data:text/html,${encodeURIComponent('<script>alert(1)</script>')}`],
  ['a page declared as a PNG', `data:image/png;base64,${base64('<script>alert(1)</script>')}`],
  ...(['png', 'jpeg', 'gif', 'webp'] as const).map((kind): readonly [string, string] => {
    const bytes = { png: PNG, jpeg: '\xff\xd8\xff', gif: 'GIF89a', webp: 'RIFF1234WEBP' }[kind];
    const page = Buffer.concat([Buffer.from('<p>'), Buffer.from(bytes as string, 'latin1')]);
    return [`a page with a ${kind} in it`, `data:image/${kind};base64,${base64(page)}`];
  }),
  ['a text with an SVG in it', `data:image/svg+xml;base64,${base64(`x${SVG}`)}`],
  ['a page declared as an SVG', `data:image/svg+xml;base64,${base64('<html></html>')}`],
  ['a PNG declared as a JPEG', `data:image/jpeg;base64,${base64(PNG)}`],
  ['a kind that browsers do not show', `data:image/tiff;base64,${base64('II*')}`],
  ['percents that mean nothing', 'data:image/svg+xml,<svg>%zz</svg>'],
];

for (const [what, url] of NO_PICTURES) {
  test(`${what} is not a picture`, () => {
    assert.equal(decodeDataUrl(url), undefined);
  });
}

// Firefox applies to a picture the policy that it is sent with, and that policy allows no styles.
for (const styled of [
  '<svg><style>.a{fill:red}</style></svg>',
  `<svg><path style='fill:"red"' d="M0 0"/></svg>`,
  '<svg>\n<path\nstyle = "fill:%23é#red"/></svg>',
]) {
  test(`a picture with styles is put into one without: ${JSON.stringify(styled)}`, () => {
    const picture = decodeDataUrl(`data:image/svg+xml;base64,${base64(styled)}`);
    const text = String(picture?.content);
    assert.doesNotMatch(text, /<style|\sstyle\s*=/i);
    const [, inner = ''] = / href="([^"]*)"/.exec(text) ?? [];
    assert.equal(decodeURIComponent(inner.slice('data:image/svg+xml,'.length)), styled);
    assert.equal(text.match(/</g)?.length, 3, 'an image, its one element, its end');
  });
}
