import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyNotices } from '../catalog/notices/apply-notices.ts';
import type { Notice } from '../catalog/notices/notice.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { announce } from './announce.ts';
import { diffCatalogs } from './diff-catalogs.ts';
import { formatMarkdown } from './format-markdown.ts';
import { formatText } from './format-text.ts';

const GROUNDS = { reason: 'https://example.com/why', date: '2024-05-17T12:00:00Z' };
const suspended: Notice = { plugin: 'jira', versions: '2.0.0', kind: 'suspended', ...GROUNDS };
const deprecated: Notice = { plugin: 'jira', kind: 'deprecated', ...GROUNDS };

const parse = (...versions: readonly string[]): Release[] =>
  parseCatalog(
    JSON.stringify(
      versions.map((version) => ({ manifest: { id: 'jira', version, name: 'Jira' } })),
    ),
    'test.json',
  ).releases;

const offered = (releases: readonly Release[], notices: readonly Notice[]) =>
  releases.flatMap((release) => applyNotices(notices)(release) ?? []);

const both = parse('1.0.0', '2.0.0');
const names = (found: readonly { version: string }[]) => found.map(({ version }) => version);

// What changes, the catalogs with their notices; added, removed, noticed, lifted.
type Side = readonly [readonly Release[], readonly Notice[]];
const CHANGES: readonly [string, Side, Side, string, string, string, string][] = [
  ['a suspension removes nothing', [both, []], [both, [suspended]], '', '', '2.0.0', ''],
  ['its end adds nothing', [both, [suspended]], [both, []], '', '', '', '2.0.0'],
  ['what stays is no news', [both, [suspended]], [both, [suspended]], '', '', '', ''],
  ['a label that stays is none', [both, [deprecated]], [both, [deprecated]], '', '', '', ''],
  ['what never was there neither', [parse('1.0.0'), []], [both, [suspended]], '', '', '', ''],
  ['a release that is gone is removed', [both, []], [parse('1.0.0'), []], '', '2.0.0', '', ''],
  [
    'a label is news for what was there',
    [parse('1.0.0'), []],
    [both, [deprecated]],
    '2.0.0',
    '',
    '1.0.0',
    '',
  ],
  ['a label goes', [both, [deprecated]], [both, []], '', '', '', '2.0.0 1.0.0'],
];

for (const [what, [old, before], [now, after], ...expected] of CHANGES) {
  test(what, () => {
    const [was, is] = [offered(old, before), offered(now, after)];
    const { added, removed, noticed, lifted } = diffCatalogs(was, is, { before, after });
    const versions = [noticed, lifted].map((all) => all.flatMap((one) => one.versions).join(' '));
    assert.deepEqual([names(added).join(), names(removed).join(), ...versions], expected);
  });
}

test('what was published before need not know any notices', () => {
  const live = offered(both, [suspended]);
  const { noticed } = diffCatalogs(live, live, { after: [suspended] });
  assert.deepEqual(noticed, [], 'it is announced once');
});

test('notices are told in a terminal, in Markdown and in a message, and do nothing there', () => {
  const title = '<b>@all</b> [x](javascript:1) |';
  const advisory: Notice = {
    ...{ plugin: 'jira', versions: '1.0.0', kind: 'advisory', severity: 'low', title },
    ...GROUNDS,
  };
  const notices = [suspended, advisory];
  const now = offered(both, notices);
  const diff = diffCatalogs(both, now, { after: notices });
  assert.match(
    formatText(diff),
    /^1 plugin changes: 2 notices given\.\n\njira: 2\.0\.0 is suspended: servers are not offered it any more\. https:\/\/example\.com\/why\njira: Security advisory, low severity, for 1\.0\.0: <b>/,
  );
  const markdown = formatMarkdown(diff);
  assert.match(markdown, /^\*\*1 plugin changes: 2 notices given\.\*\*\n\n- <code>jira<\/code>: /);
  assert.doesNotMatch(markdown, /<b>|@all|\]\(/);
  const { text } = announce(diff, now) ?? assert.fail('there is news');
  assert.match(text, /^#### Notices on the plugin marketplace: 2\n\n- \*\*Jira\*\*: 2/);
  assert.match(text, /\[Read why\]\(https:\/\/example\.com\/why\)\n- \*\*Jira\*\*/);
  assert.doesNotMatch(text, /@all|<b>|[^\\]\]\(javascript/);
  const rest = text.replaceAll('[Read why](https://example.com/why)', '');
  assert.doesNotMatch(rest, /(?<!\\)[[\]<>|]/, 'everything else is escaped');
  const more = announce(diffCatalogs([], now), now)?.text ?? '';
  assert.match(more, /^#### New on the plugin marketplace: 1 release\n/);
});

test('a message with notices and releases has both', () => {
  const now = offered(parse('1.0.0', '2.0.0', '3.0.0'), [suspended]);
  const { text } = announce(diffCatalogs(both, now, { after: [suspended] }), now) ?? { text: '' };
  assert.match(
    text,
    /: 1\n\n- .*\n\n#### New on the plugin marketplace: 1 release\n\n- .* 3\.0\.0 /,
  );
});
