import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';

/** Runs wherever it is interpreted as markup or a script. */
export const ATTACK =
  '"\'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></svg>--></title></textarea>';

/** An image that is a script when it is opened by itself, and asks elsewhere. */
const ATTACKING_ICON = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="alert(4)"><script>alert(5)</script><style>@import url(https://evil.test/a.css);</style><image xlink:href="https://evil.test/a.png" width="9" height="9"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(6)"/></foreignObject><a href="javascript:alert(7)"><rect width="32" height="32" fill="red"/></a></svg>`;

/** The same without styles: it is in the snapshot unchanged. */
const ATTACKING_PLAIN_ICON = ATTACKING_ICON.replace(/<style>.*<\/style>/, '');

/** What would be markup, pictures and links out of the web if Markdown were rendered as it comes. */
const MARKDOWN = [
  ATTACK,
  '# A heading',
  '![a picture](https://evil.test/a.png)',
  '[a script](javascript:alert(16)) [data](data:text/html,<script>alert(17)</script>)',
  '[a link](https://evil.test/"onmouseover="alert(18) "title"onclick="alert(19)")',
  "<https://evil.test/'><script>alert(20)</script>",
  '[a reference]: javascript:alert(21)\n\n[a reference]',
  `| ${ATTACK} |\n| --- |\n| ${ATTACK} |`,
  '>'.repeat(200),
].join('\n\n');

const LONG_WORD = 'x'.repeat(10_000);
const LONG_TEXT = 'wide words '.repeat(1000);
const RIGHT_TO_LEFT = '\u202eevil\u202d \u2067abc \u200f\u202e';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the check of catalogs lets no id have them
const CONTROLS = /[\0-\x1f]/g;

const dataUrl = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;

/** Releases that the check of a catalog accepts, each bad in its own way; and some that it would not. */
export function hostileReleases(): Release[] {
  const { releases, problems } = parseCatalog(JSON.stringify(hostileEntries()), 'hostile.json');
  if (problems.length > 0) throw new Error(`it is not accepted: ${JSON.stringify(problems)}`);
  const unchecked = releases.filter(({ manifest }) => manifest.id === 'links');
  return [...releases.map(withOddSettings), ...unchecked.map(withScripts)];
}

/** Checked catalogs do not have such settings. */
function withOddSettings(release: Release): Release {
  const odd = ODD_SETTINGS[release.manifest.id];
  if (odd === undefined) return release;
  return { ...release, manifest: { ...release.manifest, settings_schema: odd } };
}

const ODD_SETTINGS: Readonly<Record<string, unknown>> = {
  settings: {
    header: ATTACK,
    settings: [
      { key: ATTACK, display_name: ATTACK, type: ATTACK, help_text: ATTACK },
      { display_name: LONG_WORD, type: LONG_WORD, help_text: LONG_WORD },
      {
        key: 'markdown',
        type: 'dropdown',
        help_text: MARKDOWN,
        default: ATTACK,
        placeholder: ATTACK,
      },
      { key: 'options', options: [{ display_name: ATTACK }, { value: LONG_WORD }, null, 7] },
      ...[null, 7, 'x', [], {}, { key: 5, help_text: [] }],
    ],
    sections: [
      { title: ATTACK, subtitle: MARKDOWN, header: LONG_TEXT, settings: [{ key: LONG_WORD }] },
      { key: LONG_WORD, settings: [{ key: RIGHT_TO_LEFT, help_text: RIGHT_TO_LEFT }] },
      ...[null, 7, 'x', [], {}, { settings: 'none' }],
    ],
    footer: MARKDOWN,
  },
  'odd-settings': 'none',
};

/** Checked catalogs do not have such addresses. */
function withScripts(release: Release): Release {
  return {
    ...release,
    homepage_url: 'javascript:alert(9)',
    release_notes_url: 'JavaScript:alert(10)',
    download_url: 'data:text/html,<script>alert(11)</script>',
    icon_data: 'javascript:alert(12)',
    manifest: {
      ...release.manifest,
      id: 'script-links',
      homepage_url: ' javascript:alert(13)',
      support_url: 'vbscript:alert(14)',
      release_notes_url: '//evil.test/',
    },
    platforms: { 'linux-amd64': { download_url: 'java\nscript:alert(15)', signature: 'c2ln' } },
  };
}

function hostileEntries(): object[] {
  const texts = [ATTACK, LONG_WORD, LONG_TEXT, RIGHT_TO_LEFT, '\u0000\u0007\r\n\t', '{{7*7}}'];
  const bad = texts.flatMap((text, i) => [
    entry(`text-${i}`, text, {}),
    entry(`id-${i}-${text.replace(CONTROLS, '').slice(0, 180)}.`, 'odd id', {}),
  ]);
  const attacks = [
    entry('links', 'Links', {
      homepage_url: `https://evil.test/${ATTACK.replace(/\s/g, '')}`,
      release_notes_url: `https://evil.test/"onmouseover="alert(8)`,
      download_url: `https://evil.test/'$(id)'`,
    }),
    entry('icon', 'Icon', { icon_data: dataUrl(ATTACKING_ICON) }),
    entry('plain-icon', 'Plain icon', { icon_data: dataUrl(ATTACKING_PLAIN_ICON) }),
    entry('page-icon', 'Page', {
      icon_data: `data:image/svg+xml;text/html,${encodeURIComponent(ATTACK)}`,
    }),
    entry('labels', 'Labels', {
      labels: [
        { name: ATTACK, description: ATTACK, url: 'https://evil.test/', color: 'red;}' },
        { name: LONG_WORD, color: 'url(https://evil.test/)' },
        ...Array.from({ length: 40 }, (_, i) => ({ name: `Label ${i}`, color: '#ff0000' })),
      ],
    }),
    entry('settings', 'Settings', {}),
    entry('odd-settings', 'Odd settings', {}),
    entry('notes', 'Notes', { release_notes: MARKDOWN }),
    entry('odd-notes', 'Odd notes', { release_notes: { text: ATTACK } }),
    entry('odd-programs', 'Odd programs', {
      manifest: { server: { executables: { [ATTACK]: ATTACK, [LONG_WORD]: LONG_WORD, '': 'x' } } },
    }),
    entry('../..', 'Two dots', {}),
    entry('.', 'One dot', {}),
    entry('../../etc/passwd', 'A path', {}),
    entry('__proto__', 'A prototype', {}),
    entry(LONG_WORD.slice(0, 190), 'A long id', {}),
  ];
  return [...bad, ...attacks];
}

function entry(id: string, text: string, more: { manifest?: object; [key: string]: unknown }) {
  const { manifest, ...rest } = more;
  return {
    ...rest,
    signature: text.slice(0, 2000),
    repo_name: text,
    platforms: { 'linux-amd64': { download_url: 'https://example.com/x', signature: ATTACK } },
    updated_at: '2024-01-02T03:04:05Z',
    manifest: { id, version: '1.0.0', name: text, description: text, ...manifest },
  };
}
