import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Color, mix } from './palette.ts';
import type { Picture } from './picture.ts';

/** Our logo, in as many colors as its palette has, from the ground to white. */
const FILE = path.join(import.meta.dirname, 'touch-icon.png');

/**
 * Our logo as a PNG, where phones and link previews take no SVG. Its palette is a chunk of its own (PNG, section 11.2.2), so it can be
 * colored without a picture library.
 */
export async function touchIcon(accentColor: Color): Promise<Picture> {
  const content = await readFile(FILE);
  const start = content.indexOf('PLTE');
  const colors = content.readUInt32BE(start - 4) / 3;
  const palette = Array.from({ length: colors }, (_, i) =>
    mix(accentColor, '#ffffff', i / (colors - 1)).slice(1),
  );
  const end = start + 4 + content.write(palette.join(''), start + 4, 'hex');
  content.writeUInt32BE(crc32(content.subarray(start, end)), end);
  return { contentType: 'image/png', content };
}
