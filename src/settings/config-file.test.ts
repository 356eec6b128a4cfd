import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, UserError } from '../lib/errors.ts';
import { parseConfig } from './config-file.ts';

/** The error that a configuration is refused with. */
function refuse(text: string): UserError {
  try {
    parseConfig(text, 'c.json');
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  return assert.fail('it is not refused');
}

const positionOf = ({ line, column, path }: Problem) => [line, column, path];

// A configuration, every problem that it has: where, and what to do.
const refused: readonly [string, readonly [string | undefined, RegExp][]][] = [
  ['{"catalog": []}', [['catalog', /as a JSON array/]]],
  ['{"catalog": [""]}', [['catalog[0]', /files or globs/]]],
  ['{"out": ""}', [['out', /a folder/]]],
  ['{"pageSizes": "1"}', [['pageSizes', /as a JSON array/]]],
  [
    '{"pageSizes": [1, 1.5, "x"]}',
    [
      ['pageSizes[1]', /1 to 100000/],
      ['pageSizes[2]', /1 to 100000/],
    ],
  ],
  [
    '{"routerBytes": 0, "buildTag": 1}',
    [
      ['routerBytes', /whole/],
      ['buildTag', /git tag/],
    ],
  ],
  [
    '{"search": "on", "everyPageSize": 1}',
    [
      ['search', /^it takes true or false$/],
      ['everyPageSize', /^it takes true or false$/],
    ],
  ],
  [
    '{"maxFiles": 1.5, "maxBytes": "2147483648"}',
    [
      ['maxFiles', /whole number of files/],
      ['maxBytes', /whole number of bytes/],
    ],
  ],
  ['{"compress": true}', [['compress', /^it takes off, gzip or both$/]]],
  [
    '{"upstream": "example.com", "upstreamDeny": [""], "upstreamAllow": "*"}',
    [
      ['upstream', /web address/],
      ['upstreamAllow', /plugin ids.*as a JSON array/],
      ['upstreamDeny[0]', /plugin ids/],
    ],
  ],
  ['{"page-sizes": [1]}', [[undefined, /known settings: catalog, upstream, .*, dir, pageSizes, /]]],
  ['{"stoer": "x"}', [[undefined, /known settings: .*store/]]],
  ['[]', [[undefined, /known settings: catalog, /]]],
  ['null', [[undefined, /known settings/]]],
];

for (const [text, expected] of refused) {
  test(`the configuration ${text} is refused with every problem`, () => {
    const { problems } = refuse(text);
    assert.deepEqual(
      problems.map((problem) => problem.path),
      expected.map(([path]) => path),
    );
    for (const [i, [, remedy]] of expected.entries()) {
      assert.match(problems[i]?.remedy ?? '', remedy);
      assert.equal(problems[i]?.file, 'c.json');
    }
  });
}

const row = { repo: 'a/b', author: 'partner' };

// A row of "repositories", the error message; a setting beside it.
const refusedRows: readonly (readonly [object, RegExp, object?])[] = [
  [row, /github: .*is not a web address.*a web address/, { github: 'x' }],
  [{ ...row, repo: 'abc' }, /repositories\[0\]\.repo: invalid string/],
  [{ repo: 'a/b' }, /repositories\[0\]\.author: invalid option/],
  [{ ...row, author: 'me' }, /repositories\[0\]\.author: invalid option/],
  [{ ...row, x: 1 }, /repositories\[0\]: unrecognized key/],
  [{ ...row, tag: 'v1.0.0' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: '{version}-{version}' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: '{tag}{version}' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: 'v{version' }, /repositories\[0\]\.tag.*must hold \{version\} once/],
  [{ ...row, tag: 1 }, /repositories\[0\]\.tag.*expected string/],
  [{ ...row, asset: '' }, /repositories\[0\]\.asset.*too small/],
  [{ ...row, asset: '{name}.tar.gz' }, /\.asset.*may hold \{version\}, \{tag\} and \*/],
  [{ ...row, asset: '{.tar.gz' }, /repositories\[0\]\.asset.*may hold \{version\}/],
  [{ ...row, asset: ['a'] }, /repositories\[0\]\.asset.*expected string/],
  [{ ...row, ignore: 'v1.0.0' }, /repositories\[0\]\.ignore.*expected array/],
  [{ ...row, ignore: [''] }, /repositories\[0\]\.ignore.*too small/],
  [{ ...row, ignore: [1] }, /repositories\[0\]\.ignore.*expected string/],
];

for (const [wrong, expected, more] of refusedRows) {
  test(`a repository such as ${JSON.stringify({ ...wrong, ...more })} is refused`, () => {
    assert.match(refuse(JSON.stringify({ repositories: [wrong], ...more })).message, expected);
  });
}

// A configuration that is not JSON, the message after the file name.
const notJson: readonly [string, RegExp][] = [
  ['{', /:1:2: a "}" is missing/],
  ['{"dir": "a",,}', /:1:13: /],
  ['{,}', /:1:2: /],
  ['{"catalog": [,]}', /:1:14: /],
  ['{"dir": "a" "out": "a",}', /:1:13: a comma is missing/],
  ['{\n  // where\n  "dir": dist\n}', /:3:10: an unknown word/],
  ['{\n  /* over\n  lines */ "dir" "a"\n}', /:3:18: a colon is missing/],
  ['/* not closed', /: is empty — write {} where there is nothing to set/],
  ['', /: is empty/],
  [' // nothing', /: is empty/],
];

for (const [text, expected] of notJson) {
  test(`the configuration ${JSON.stringify(text)} is not JSON, and the location is reported`, () => {
    const { message } = refuse(text);
    assert.match(message, /^c\.json is not JSON\n {2}c\.json/);
    assert.match(message, expected);
  });
}

test('a configuration may have comments and trailing commas, and a text that looks like one is kept', () => {
  const text = `// settings
{
  /* the site:
     a line more */ "siteUrl": "https://a.example.com", // its address
  "introduction": "a // b /* c */ d,}",
  "catalog": [ "a.json", /* last */ ], // commas
}
// the end`;
  const siteUrl = 'https://a.example.com';
  assert.deepEqual(parseConfig(text, 'c.json'), {
    siteUrl,
    introduction: 'a // b /* c */ d,}',
    catalog: ['a.json'],
  });
});

test('a configuration may begin with a byte order mark', () => {
  assert.deepEqual(parseConfig('\uFEFF{ "dir": "a" }', 'c.json'), { dir: 'a' });
});

// A configuration, the locations of the keys that repeat one.
const repeated: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  ['{"dir": "a", "dir": "b"}', [[1, 14, 'dir']]],
  [
    '{"dir": "a", "dir": "a",\n "dir": "a"}',
    [
      [1, 14, 'dir'],
      [2, 2, 'dir'],
    ],
  ],
  ['{"ignoreChecks": {"a@1.0.0": ["x"], "a@1.0.0": ["y"]}}', [[1, 37, 'ignoreChecks["a@1.0.0"]']]],
  ['{"__proto__": 1, "__proto__": 2}', [[1, 18, '__proto__']]],
  [
    '{"repositories": [{"repo": "a/b", "repo": "a/c", "author": "partner"}]}',
    [[1, 35, 'repositories[0].repo']],
  ],
];

for (const [text, locations] of repeated) {
  test(`a key that appears twice in one object is reported: ${text}`, () => {
    const { problems, message } = refuse(text);
    assert.deepEqual(problems.map(positionOf), locations);
    assert.match(message, /appears twice/);
  });
}

test('two objects may have the same key', () => {
  const rows = ['a/b', 'a/c'].map((repo) => ({ repo, author: 'partner' }));
  const text = JSON.stringify({ repositories: rows });
  assert.deepEqual(parseConfig(text, 'c.json'), { repositories: rows });
});

test('what a setting cannot take is reported with line and column, after comments too', () => {
  const text = '{\n  // the pages\n  "pageSizes": [10, /* no */ 0],\n  "nope": 1\n}';
  assert.deepEqual(refuse(text).problems.map(positionOf), [
    [3, 30, 'pageSizes[1]'],
    [1, 1, undefined],
  ]);
});
