import { gzipSync } from 'node:zlib';

/** The fields of a tar header; numbers are written as tar does unless given as the bytes of their field. */
export interface TarHeader {
  readonly name: string;
  readonly type?: string;
  readonly size?: number | string | Buffer;
  readonly mtime?: Buffer;
  /** Byte 482: whether the map of an old sparse file goes on. */
  readonly isExtended?: boolean;
}

/** A header of GNU tar and the data after it, filled up to whole blocks. */
export function tarEntry(header: TarHeader, data: string | Buffer = ''): Buffer {
  const content = Buffer.from(data);
  const { name, type = '0', size = content.length, mtime, isExtended = false } = header;
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write('0000755\0', 100);
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else Buffer.from(size).copy(block, 124, 0, 12);
  (mtime ?? Buffer.from('00000000000\0')).copy(block, 136);
  block.write(type, 156, 'latin1');
  block.write('ustar  \0', 257);
  if (isExtended) block[482] = 1;
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A record of PAX, with its length before it. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(`${length}${rest}`))
    length = Buffer.byteLength(`${length}${rest}`);
  return `${length}${rest}`;
}

const MIB = 1024 ** 2;
const file = tarEntry({ name: 'a' }, 'x');
const empty = tarEntry({ name: 'b' });
const pax = (records: string, type = 'x') => tarEntry({ name: 'pax', type }, records);
const paxSize = (value: string) => pax(paxRecord('size', value));
const long = (type: string, text: string) => tarEntry({ name: 'l', type }, text);
const sized = (size: number | string | Buffer, type = '0') => tarEntry({ name: 'a', type, size });
const base256 = (hex: string) => Buffer.from(hex.padStart(24, '0'), 'hex');
const nested = (open: string, close: string, depth: number) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;
const withManifest = (text: string, name = 'plugin.json') =>
  Buffer.concat([tarEntry({ name }, text), tarEntry({ name: 'a.js' }, 'x')]);
const plugin = withManifest(
  JSON.stringify({ id: 'abc', version: '1.2.0', webapp: { bundle_path: 'a.js' } }),
);

/** Archives that harm a reader before it reaches a whole plugin, keyed by what is wrong. */
const BEFORE_A_PLUGIN: Readonly<Record<string, readonly Buffer[]>> = {
  'a PAX size below zero': [paxSize('-5'), file],
  'a PAX size that is not a number': [paxSize('5x'), file],
  'a PAX size with an exponent': [paxSize('1e3'), file],
  'a PAX size beyond all bounds': [paxSize('9'.repeat(30)), file],
  'a PAX size that hides what follows': [paxSize('1000000'), file],
  'a PAX size of a link': [paxSize('512'), tarEntry({ name: 'l', type: '2' })],
  'a PAX record without a length': [pax('path=a\n'), file],
  'a PAX record that is too long': [pax('99 path=a\n'), file],
  'a PAX record of no length': [pax('0 path=a\n'), file],
  'a PAX record without a name': [pax('7 =abc\n'), file],
  'a PAX record without a line break': [pax('10 path=ab'), file],
  'a PAX path with a NUL': [pax(paxRecord('path', 'a\0b')), file],
  'a PAX path that leads out': [pax(paxRecord('path', '../../etc/passwd')), file],
  'a PAX header of 200 MB': [tarEntry({ name: 'p', type: 'x', size: 200 * MIB }), file],
  'a PAX header of two megabytes': [pax(paxRecord('comment', 'x'.repeat(2 * MIB))), file],
  'a PAX header of nothing': [pax(''), file],
  'a path for every entry': [pax(paxRecord('path', 'other'), 'g'), file],
  'a size for every entry': [pax(paxRecord('size', '0'), 'g'), file],
  'a sparse file of PAX': [
    pax(paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.name', 'plugin.json')),
    file,
  ],
  'a sparse file whose map goes on': [
    tarEntry({ name: 'a', type: 'S', isExtended: true }),
    Buffer.alloc(512, 1),
  ],
  'a long name of 20 MB': [long('L', 'a'.repeat(20 * MIB)), file],
  'a long target of 2 MB': [long('K', 'a'.repeat(2 * MIB)), file],
  'a long name of nothing': [long('L', ''), file],
  'a long name that leads out': [long('L', '../../a\0'), file],
  'a long name of an old kind': [long('N', 'plugin.json\0'), file],
  'two names for one entry': [long('L', 'b\0'), pax(paxRecord('path', 'c')), file],
  'a size below zero': [sized(base256('ffffffffffffffffffffffff'))],
  'a size of 2 ** 60': [sized(base256('800000001000000000000000'))],
  'a size of twelve bytes': [sized(base256('80ffffffffffffffffffffff'))],
  'a size with another first byte': [sized(base256('c00000000000000000000001'))],
  'a size in letters': [sized('many')],
  'a size of eights': [sized('00000000008\0')],
  'a size with a minus': [sized('-0000000005\0')],
  'a size with a gap': [sized('1 2\0')],
  'a header of a size below zero': [sized(base256('ffffffffffffffffffffffff'), 'x')],
  'a link with contents': [sized(512, '1')],
  'a hard link that hides an entry': [sized(512, '1'), empty],
  'a symbolic link that hides one': [sized(512, '2'), empty],
  'a device that hides an entry': [sized(512, '3'), empty],
  'a pipe with contents': [sized(1, '6')],
  'another checksum': [Buffer.alloc(512, 'x')],
};

/** Other archives that are made to harm. */
const WHOLE: Readonly<Record<string, Buffer>> = {
  'a long name at its end': tarEntry({ name: 'l', type: 'L', size: MIB }, 'a'),
  'a size beyond its end': Buffer.concat([plugin, sized(8 * 1024 ** 3 - 1)]),
  'its end inside of a header': plugin.subarray(0, plugin.length - 600),
  'headers for all without end': Buffer.concat(
    Array.from({ length: 20_001 }, () => pax(paxRecord('comment', 'x'), 'g')),
  ),
  'an object in an object, for ever': withManifest(
    `{"id":"abc","version":"1.2.0","x":${nested('{"a":', '}', 100_000)}}`,
  ),
  'a list in a list, for ever': withManifest(
    `{"id":"abc","version":"1.2.0","props":${nested('[', ']', 300_000)}}`,
  ),
  'a list in a list, in YAML': withManifest(
    `id: abc\nversion: 1.2.0\nx: ${nested('[', ']', 5_000)}\n`,
    'plugin.yaml',
  ),
  'a number beyond all bounds': withManifest('{"id":"abc","version":"1.2.0","x":1e999}'),
};

const TARS = [
  ...Object.entries(BEFORE_A_PLUGIN).map(
    ([what, parts]) => [what, Buffer.concat([...parts, plugin])] as const,
  ),
  ...Object.entries(WHOLE),
];

/** Bundles that no server should install, keyed by what is wrong. */
export const HOSTILE_BUNDLES: Readonly<Record<string, Buffer>> = Object.fromEntries(
  TARS.map(([what, tar]) => [what, gzipSync(Buffer.concat([tar, Buffer.alloc(1024)]))]),
);
