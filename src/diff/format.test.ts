import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { announce } from './announce.ts';
import { diffCatalogs } from './diff-catalogs.ts';
import { toCode, toLinkTarget, toPlainText } from './escape.ts';
import { formatMarkdown } from './format-markdown.ts';
import { formatText } from './format-text.ts';

const parse = (entries: readonly object[]): Release[] => {
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  return releases;
};

const entry = (id: string, version: string, more: object = {}, name = id) => ({
  manifest: { id, version, name },
  ...more,
});

/** What someone might write into a catalog to do something to whoever reads of it. */
const HOSTILE = [
  '@everyone',
  '<script>alert(1)</script>',
  '</code><img src=x onerror=x>',
  '](https://example.com)',
  '| a | b |\n# title',
  '`code` **bold** ~~gone~~ _x_',
  'https://example.com www.example.com',
  '#1 GH-1 a/b#2 :tada: ~town-square',
  '\u001b[31mred \u202egnp.exe',
  '&lt;b&gt; &#64;all',
];

describe('what a catalog says does nothing where a diff is shown', () => {
  for (const text of HOSTILE) {
    const name = JSON.stringify(text);
    const before = parse([entry('abc', '1.0.0', { repo_name: text })]);
    const after = parse([
      entry('abc', '1.0.0', { repo_name: `${text}!`, [text]: text }, text),
      entry('def', '1.0.0', {}, text),
    ]);
    const diff = diffCatalogs(before, after);

    test(`in Markdown: ${name}`, () => {
      const markdown = formatMarkdown(diff);
      assert.match(markdown, /<code>def<\/code>/);
      // What is left when our own signs are taken away: no sign of theirs among letters, digits and numbered characters.
      const codes = [...markdown.matchAll(/<code>(.*?)<\/code>/gs)].map(([, code = '']) => code);
      for (const code of codes) assert.match(code, /^(?:[\p{L}\p{M}\p{N} -]|&#\d+;)*$/u);
      const rest = markdown.replace(/<code>.*?<\/code>/gs, '').replaceAll('<br>', '');
      assert.match(rest, /^[\w\s*.,:|#()>-]*$/, 'outside of code stands only what we write');
    });

    test(`on a terminal: ${name}`, () => {
      assert.doesNotMatch(formatText(diff).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      assert.equal(
        formatText(diff).match(/^\S/gm)?.length,
        3,
        'a line for each plugin, and one for all',
      );
    });

    test(`in a message: ${name}`, () => {
      const { text: message } = announce(diff, after) ?? assert.fail('a release is new');
      assert.doesNotMatch(message, /[@~:]\w/, 'no mention, channel or emoji');
      assert.doesNotMatch(message.replaceAll('\\\\', ''), /(?<!\\)[<>[\]`|_]/, 'no markup');
      assert.equal(message.split('\n').length, 3, 'a title, an empty line, and a line');
    });
  }
});

// Where the release notes are, how the address stands in a link of Markdown.
const addresses: readonly (readonly [string, string])[] = [
  ['https://a.example/?q=\\', 'https://a.example/?q=%5C'],
  ['https://a.example/#\\', 'https://a.example/#%5C'],
  ['https://a.example/b\\', 'https://a.example/b/'],
  [
    'https://a.example/?q=\\)[x](https://b.example',
    'https://a.example/?q=%5C%29[x]%28https://b.example',
  ],
  ['https://a.example/?<b>&c=d', 'https://a.example/?%3Cb%3E&c=d'],
];

for (const [url, target] of addresses) {
  test(`a link to ${url} ends where it should`, () => {
    const after = parse([entry('abc', '1.0.0', { release_notes_url: url })]);
    const { text } = announce(diffCatalogs([], after), after) ?? assert.fail('a release is new');
    assert.ok(text.endsWith(`: [release notes](${target})`), text);
  });
}

test('what is escaped reads as it was written', () => {
  const read = toCode('a&b <c> @d `e`\n|').replace(/&#(\d+);/g, (_, code) =>
    String.fromCodePoint(Number(code)),
  );
  assert.equal(read, '<code>a&b <c> @d `e` |</code>');
  assert.equal(toPlainText(' a\n*b* ').replaceAll('\\', ''), 'a *b*');
  assert.equal(
    toLinkTarget('https://example.com/a_(b)?c=<d>#e'),
    'https://example.com/a_%28b%29?c=%3Cd%3E#e',
  );
});

test('Markdown stays below what a comment holds, and says what it leaves out', () => {
  const many = Array.from({ length: 2000 }, (_, i) => entry(`plugin-${i}`, '1.0.0'));
  const markdown = formatMarkdown(diffCatalogs([], parse(many)));
  assert.ok(Buffer.byteLength(markdown) < 65_536, `${Buffer.byteLength(markdown)} bytes`);
  assert.match(markdown, /^\*\*2000 plugins change: 2000 releases added\.\*\*\n/);
  const shown = markdown.match(/^#### /gm)?.length ?? 0;
  assert.match(markdown, new RegExp(`no room for ${2000 - shown} more plugins`));
});

test('a message stays below what a post holds, and says how many it leaves out', () => {
  const many = parse(Array.from({ length: 500 }, (_, i) => entry(`plugin-${i}`, '1.0.0')));
  const { text } = announce(diffCatalogs([], many), many) ?? assert.fail('releases are new');
  assert.ok(text.length < 16_383);
  const shown = text.match(/^- /gm)?.length ?? 0;
  assert.match(text, new RegExp(`\\nand ${500 - shown} more$`));
});

test('many rows are folded away in Markdown, few are not', () => {
  const versions = (count: number) =>
    parse([
      entry('abc', '100.0.0'),
      ...Array.from({ length: count }, (_, i) => ({
        manifest: { id: 'abc', version: `${i}.0.0`, min_server_version: `${i + 1}.0.0` },
      })),
    ]);
  assert.doesNotMatch(formatMarkdown(diffCatalogs(versions(0), versions(8))), /<details>/);
  assert.match(
    formatMarkdown(diffCatalogs(versions(0), versions(9))),
    /<details><summary>by version: 9 changes<\/summary>\n\n\| by version \|/,
  );
});

test('a long value is shown where it changes', () => {
  const description = 'x'.repeat(500);
  const plugin = (text: string) =>
    parse([{ manifest: { id: 'abc', version: '1.0.0', description: `${description}${text}` } }]);
  const line = formatText(diffCatalogs(plugin('old'), plugin('new')))
    .split('\n')
    .at(-2);
  assert.equal(
    line?.trim(),
    `manifest.description: …${'x'.repeat(20)}old" -> …${'x'.repeat(20)}new"`,
  );
});

test('list items that change alike are told once, and not more fields than a person reads', () => {
  const plugin = (secret: boolean, more: number) =>
    parse([
      {
        ...Object.fromEntries(Array.from({ length: more }, (_, i) => [`field_${i}`, secret])),
        manifest: { id: 'abc', version: '1.0.0', settings: [{ secret }, { secret }, { secret }] },
      },
    ]);
  assert.match(
    formatText(diffCatalogs(plugin(false, 0), plugin(true, 0))),
    /manifest\.settings\[\]\.secret: false -> true \(3 times\)\n/,
  );
  assert.match(
    formatText(diffCatalogs(plugin(false, 20), plugin(true, 20))),
    /\n {6}and 12 more\n/,
  );
});

test('no language makes Markdown larger than a comment holds', () => {
  const many = Array.from({ length: 400 }, (_, i) =>
    entry(`plugin-${i}`, '1.0.0', {}, '語'.repeat(60)),
  );
  const markdown = formatMarkdown(diffCatalogs([], parse(many)));
  assert.ok(Buffer.byteLength(markdown) < 65_536, `${Buffer.byteLength(markdown)} bytes`);
  assert.match(markdown, /no room for \d+ more plugins/);
});

test('a long value is cut between characters, wherever one begins', () => {
  const plugin = (description: string) =>
    parse([{ manifest: { id: 'abc', version: '1.0.0', description } }]);
  for (let shift = 0; shift < 4; shift++) {
    const faces = 'x'.repeat(shift) + '😀'.repeat(200);
    for (const changed of [
      `${faces}!`,
      `${faces.slice(0, shift + 100)}!${faces.slice(shift + 100)}`,
    ]) {
      const text = formatText(diffCatalogs(plugin(faces), plugin(changed)));
      assert.match(text, /😀…|…😀/u, `shifted by ${shift}`);
      assert.doesNotMatch(text, /\p{Cs}/u, `shifted by ${shift}: half a character`);
    }
  }
});

test('what is no web address is no link to notes', () => {
  for (const release_notes_url of ['//x/', 'notes', 'https://', 'javascript:alert(1)', 'C:\\x']) {
    const releases = parse([entry('abc', '1.0.0')]).map((it) => ({ ...it, release_notes_url }));
    const { text } = announce(diffCatalogs([], releases), releases) ?? assert.fail('it is new');
    assert.match(text, /\n- \*\*.*\*\* 1\.0\.0 for every server$/, release_notes_url);
  }
});

test('of two releases of one version the one that servers are offered is announced', () => {
  const twice = parse([
    entry('abc', '1.0.0', { hosting: 'cloud' }, 'First'),
    entry('abc', '1.0.0', {}, 'Second'),
  ]);
  const { text } = announce(diffCatalogs([], twice), twice) ?? assert.fail('a release is new');
  assert.match(text, /\n- \*\*Second\*\* 1\.0\.0 for every server$/);
});

test('a plugin is called as its newest release calls it', () => {
  const plugin = (more: object) =>
    parse([entry('abc', '1.0.0', {}, 'Old name'), entry('abc', '2.0.0', more, 'New name')]);
  const text = formatText(diffCatalogs(plugin({}), plugin({ enterprise: true })));
  assert.match(text, /^New name \(abc\)$/m);
  assert.doesNotMatch(text, /Old name/);
});

test('a field is new also where it is called like what every object has', () => {
  const plugin = (more: object) =>
    parse([{ manifest: { id: 'abc', version: '1.0.0', props: more } }]);
  for (const field of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
    const { plugins } = diffCatalogs(plugin({}), plugin(JSON.parse(`{"${field}":1}`)));
    const path = `manifest.props.${field}`;
    assert.deepEqual(plugins[0]?.newest[0]?.fields, [{ path, to: 1 }], field);
  }
});
