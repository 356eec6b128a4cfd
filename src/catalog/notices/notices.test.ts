import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../lib/errors.ts';
import { parseCatalog } from '../parse-catalog.ts';
import { applyNotices, noticesInEffect } from './apply-notices.ts';
import { noticeWords } from './describe-notice.ts';
import { concerns, formatNotices, isSameNotice, type Notice, parseNotices } from './notice.ts';

const GROUNDS = { reason: 'https://example.com/why', date: '2024-05-17T12:00:00Z' };
const suspended = { plugin: 'jira', kind: 'suspended', ...GROUNDS } as const;
const advisory = { plugin: 'jira', kind: 'advisory', severity: 'high', ...GROUNDS } as const;

const releasesOf = (...entries: readonly object[]) =>
  parseCatalog(JSON.stringify(entries), 'test.json').releases;
const jira = (version: string, more: object = {}) => ({
  ...more,
  manifest: { id: 'jira', version, name: 'Jira' },
});

// What is changed of a notice, the problem.
const wrong: readonly [object, RegExp][] = [
  [{ plugin: '' }, /\[0\]\.plugin: "" is empty/],
  [{ versions: 'v?' }, /\[0\]\.versions: "v\?" is not a range of versions/],
  [{ versions: '1'.repeat(300) }, /\[0\]\.versions: .* is too long/],
  [{ kind: 'withdrawn' }, /\[0\]\.kind: .*is not a kind of notice/],
  [{ kind: 'deprecated', fixed_in: '1.0.0' }, /\[0\].*fixed_in/],
  [{ reason: '' }, /\[0\]\.reason: "" is empty/],
  [{ reason: 'javascript:alert(1)' }, /\[0\]\.reason: .* is not a web address/],
  [{ reason: 'https://me:secret@example.com' }, /\[0\]\.reason: .* a user name or a password/],
  [{ date: '2024-02-30T12:00:00Z' }, /\[0\]\.date: .* is not a date/],
  [{ ...advisory, severity: 'huge' }, /\[0\]\.severity: "huge" is not a severity/],
  [{ ...advisory, title: 'two\nlines' }, /\[0\]\.title: .* is not a title/],
  [{ ...advisory, fixed_in: 'v2' }, /\[0\]\.fixed_in: "v2" is not a semantic version/],
  [
    { ...advisory, versions: '<=2.0.0', fixed_in: '2.0.0' },
    /\[0\]\.fixed_in: .*among the versions/,
  ],
  [{ ...advisory, fixed_in: '2.0.0' }, /\[0\]\.fixed_in: .*among the versions/],
];

for (const [change, message] of wrong) {
  test(`a notice is refused with its location: ${JSON.stringify(change).slice(0, 60)}`, () => {
    const text = JSON.stringify([{ ...suspended, ...change }], null, 2);
    const { notices, problems } = parseNotices(text, 'notices.json');
    assert.deepEqual(notices, []);
    const [problem] = problems;
    assert.ok(problem);
    assert.match(formatProblem(problem), message);
    assert.ok((problem.line ?? 0) > 1, 'the line where it stands');
  });
}

test('the file has one order and form', () => {
  const notices: Notice[] = [
    { ...suspended, plugin: 'zoom' },
    { ...suspended, versions: '<2.0.0', date: '2024-05-18T12:00:00Z' },
    { ...advisory, versions: '<1.0.0', fixed_in: '1.0.0', title: 'It leaks' },
  ];
  const text = formatNotices(notices);
  assert.equal(formatNotices(notices.toReversed()), text);
  const { notices: read, problems } = parseNotices(text, 'notices.json');
  assert.deepEqual(problems, []);
  assert.deepEqual(
    read.map(({ plugin, kind }) => `${plugin} ${kind}`),
    ['jira advisory', 'jira suspended', 'zoom suspended'],
  );
  assert.equal(formatNotices(read), text);
  assert.match(text, /^\[\n {2}\{\n {4}"plugin": "jira",\n {4}"versions": "<1\.0\.0",\n/);
});

// A range, a version, whether it is in it.
const ranges: readonly [string | undefined, string, boolean][] = [
  [undefined, '0.0.1-rc1', true],
  ['<2.0.0', '1.9.9', true],
  ['<2.0.0', '1.9.0-rc1', true],
  ['<2.0.0', '2.0.0-rc1', true],
  ['<2.0.0', '2.0.0', false],
  ['1.x', '1.4.0-beta', true],
  ['1.x', '2.0.0-rc1', false],
  ['1.0.0', '1.0.0+build', true],
  ['1.0.0', '1.0.1', false],
  ['1.0.0 || >=3', '3.1.0', true],
];

for (const [versions, version, isIn] of ranges) {
  test(`${version} is ${isIn ? '' : 'not '}in ${versions ?? 'every version'}`, () => {
    const target = { plugin: 'jira', ...(versions !== undefined && { versions }) };
    assert.equal(concerns(target, { manifest: { id: 'jira', version } }), isIn);
    assert.equal(concerns(target, { manifest: { id: 'Jira', version } }), false, 'another id');
  });
}

test('ranges are compared by their meaning, and advisories by their reason, too', () => {
  assert.ok(isSameNotice({ ...suspended, versions: '1' }, { ...suspended, versions: '1.x' }));
  assert.ok(isSameNotice(suspended, { ...suspended, versions: '*', reason: 'https://b.example' }));
  assert.ok(!isSameNotice(suspended, { ...suspended, plugin: 'zoom' }));
  assert.ok(!isSameNotice(advisory, { ...advisory, reason: 'https://b.example' }));
});

test('labels come before the release has its own, the worst first, each name once', () => {
  const own = { name: 'Security: high', description: '', url: 'https://c.example', color: '' };
  const [release] = releasesOf(jira('1.0.0', { labels: [own] }));
  assert.ok(release);
  const notices: Notice[] = [
    { plugin: 'jira', kind: 'deprecated', ...GROUNDS },
    { ...advisory, severity: 'low', versions: '<3', fixed_in: '3.0.0', title: 'It leaks.' },
    { ...advisory, reason: 'https://b.example', versions: '<3' },
    { ...advisory, severity: 'critical' },
    { ...suspended, versions: '<1.0.0-0' },
  ];
  const apply = applyNotices(notices);
  const labeled = apply(release);
  assert.deepEqual(
    labeled?.labels.map(({ name, url }) => `${name} ${url}`),
    [
      'Security: critical https://example.com/why',
      'Security: high (2) https://b.example',
      'Security: low https://example.com/why',
      'Deprecated https://example.com/why',
      'Security: high https://c.example',
    ],
  );
  assert.equal(labeled?.labels[2]?.description, 'It leaks. Fixed in 3.0.0.');
  assert.deepEqual(
    labeled && apply(labeled),
    labeled,
    'once is enough: it may come from ourselves',
  );
  assert.equal(applyNotices([suspended])(release), undefined);
  const [other] = releasesOf({ manifest: { id: 'Jira', version: '1.0.0' } });
  assert.equal(other && apply(other), other, 'what has no notice stays the very same');
});

test('a notice is told with the versions that it is about, the newest first', () => {
  const releases = releasesOf(...['1.0.0', '1.2.0', '1.10.0', '1.2.0'].map((one) => jira(one)));
  const [one, ...others] = noticesInEffect(
    [
      { ...suspended, versions: '<1.10.0' },
      { ...suspended, versions: '>2' },
    ],
    releases,
  );
  assert.deepEqual(others, [], 'what is about nothing has no effect');
  assert.deepEqual([one?.name, one?.versions], ['Jira', ['1.2.0', '1.0.0']]);
  assert.ok(one);
  assert.equal(
    noticeWords(one),
    '1.2.0, 1.0.0 are suspended: servers are not offered them any more.',
  );
  const versions = ['7.0.0', '6.0.0', '5.0.0', '4.0.0', '3.0.0', '2.0.0', '1.0.0'];
  assert.equal(
    noticeWords({ notice: advisory, versions }),
    'Security advisory, high severity, for 7.0.0, 6.0.0, 5.0.0, 4.0.0, 3.0.0 and 2 more: This release has a vulnerability of high severity. There is no fix yet.',
  );
});
