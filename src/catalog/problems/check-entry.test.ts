import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { formatPath, type JsonPath } from '../../lib/json/finding.ts';
import { parseCatalog } from '../parse-catalog.ts';
import { checkEntry } from './check-entry.ts';

const CASES = path.join(import.meta.dirname, '../../../test/fixtures/cases');

function problemsOfCase(name: string): string[] {
  const text = readFileSync(path.join(CASES, name, 'catalog.json'), 'utf8');
  const { releases, problems } = parseCatalog(text, 'c.json');
  assert.equal(releases.length, 0, 'a catalog with problems has no releases');
  return problems.map(({ path: at, message }) => `${at} ${message}`);
}

test('every field of a wrong type is named, with the type found and the type taken', () => {
  assert.deepEqual(problemsOfCase('wrong-type-manifest'), [
    '[1].manifest.server.executables is an array where a Mattermost server takes an object',
    '[1].manifest.webapp is a string where a Mattermost server takes an object',
    '[1].manifest.icon_path is a number where a Mattermost server takes a string',
    '[1].manifest.props is an array where a Mattermost server takes an object',
    '[1].manifest.settings_schema.settings is an object where a Mattermost server takes an array',
  ]);
});

test('a key that differs from a known one in case only is reported with the right spelling', () => {
  const reported = problemsOfCase('key-case').filter((line) => line.includes('in case only'));
  assert.deepEqual(
    reported.map((line) => [line.split(' ')[0], /reads as "(\w+)"/.exec(line)?.[1]]),
    [
      ['[0].Homepage_url', 'homepage_url'],
      ['[0].Enterprise', 'enterprise'],
      ['[0].Hosting', 'hosting'],
      ['[0].Signature', 'signature'],
      ['[0].manifest.Name', 'name'],
      ['[0].manifest.Min_Server_Version', 'min_server_version'],
    ],
  );
});

/** A valid entry except for the value at a path; indexes make lists. */
function entryWith(path: JsonPath, value: unknown): unknown {
  const labels = path[0] === 'labels' && path.length > 2 ? { labels: [{ name: 'A' }] } : {};
  const entry: unknown = { manifest: { id: 'abc', version: '1.0.0' }, ...labels };
  let inner = entry as Record<string | number, unknown>;
  for (const [i, step] of path.slice(0, -1).entries()) {
    inner[step] ??= typeof path[i + 1] === 'number' ? [] : {};
    inner = inner[step] as Record<string | number, unknown>;
  }
  inner[path.at(-1) ?? ''] = value;
  return entry;
}

const MANIFEST = ['manifest'];
const SCHEMA = ['manifest', 'settings_schema'];
const SETTING = [...SCHEMA, 'settings', 0];
const SECTION = [...SCHEMA, 'sections', 0];
const at = (path: JsonPath, ...names: string[]) => names.map((name) => [...path, name]);

const STRINGS: readonly JsonPath[] = [
  ...at([], 'homepage_url', 'icon_data', 'download_url', 'release_notes_url', 'hosting'),
  ...at([], 'author_type', 'release_stage', 'signature'),
  ...at(['labels', 0], 'name', 'description', 'url', 'color'),
  ...at(MANIFEST, 'id', 'name', 'version', 'description', 'homepage_url', 'support_url'),
  ...at(MANIFEST, 'release_notes_url', 'icon_path', 'min_server_version'),
  ...at(['manifest', 'server'], 'executable'),
  ...at(['manifest', 'backend'], 'executable'),
  ...at(['manifest', 'server', 'executables'], 'linux-amd64', 'plan9-mips'),
  ...at(['manifest', 'webapp'], 'bundle_path'),
  ...at(SCHEMA, 'header', 'footer'),
  ...at(SETTING, 'key', 'display_name', 'type', 'help_text', 'placeholder', 'hosting'),
  ...at(SETTING, 'regenerate_help_text'),
  ...at([...SETTING, 'options', 0], 'display_name', 'value'),
  ...at(SECTION, 'key', 'title', 'subtitle', 'header', 'footer'),
  ...at([...SECTION, 'settings', 0], 'key', 'type'),
];
const BOOLS = [['enterprise'], ...at(SETTING, 'secret'), ...at(SECTION, 'custom', 'fallback')];
const OBJECTS = [
  ...at([], 'manifest'),
  ...at(MANIFEST, 'server', 'backend', 'webapp', 'settings_schema', 'props'),
  ...at(['manifest', 'server'], 'executables'),
  ['labels', 0],
  SETTING,
  SECTION,
  [...SETTING, 'options', 0],
];
const LISTS = [
  ['labels'],
  ...at(SCHEMA, 'settings', 'sections'),
  ...at(SETTING, 'options'),
  ...at(SECTION, 'settings'),
];

// Paths, and values that a server does not accept there.
const WRONG: readonly (readonly [readonly JsonPath[], readonly unknown[]])[] = [
  [STRINGS, [1.2, true, ['text'], { text: '' }]],
  [BOOLS, ['true', 0, [], {}]],
  [OBJECTS, ['', 1, true, [1]]],
  [LISTS, [{}, '', 1, true]],
];

for (const [paths, values] of WRONG) {
  for (const path of paths) {
    test(`${formatPath(path)} of a type that servers do not decode is an error at that path`, () => {
      for (const value of values) {
        const findings = checkEntry(entryWith(path, value));
        const found = findings.filter(({ path: where }) => isAt(where, path));
        assert.ok(found.length > 0, `${JSON.stringify(value)}: ${JSON.stringify(findings)}`);
        assert.equal(found.length, findings.length, JSON.stringify(findings));
        for (const { message, remedy } of found) assert.ok(message !== '' && remedy !== '');
      }
    });
  }
}

/** At the path or below it. */
function isAt(where: JsonPath, path: JsonPath): boolean {
  return path.every((step, i) => where[i] === step);
}

test('a manifest may hold null, and fields that no server knows', () => {
  const optional = [...STRINGS, ...BOOLS, ...OBJECTS, ...LISTS].filter(
    ([first, second, third]) =>
      first === 'manifest' &&
      second !== undefined &&
      !(third === undefined && ['id', 'version'].includes(String(second))),
  );
  for (const path of optional) {
    assert.deepEqual(checkEntry(entryWith(path, null)), [], formatPath(path));
  }
  assert.deepEqual(checkEntry(entryWith([...SETTING, 'default'], { any: [1, null] })), []);
  assert.deepEqual(checkEntry(entryWith(['manifest', 'own'], [{ name: 5 }])), []);
});

// Spellings of a key that Go reads as the key itself.
const spellings: readonly ((key: string) => string)[] = [
  (key) => key.toUpperCase(),
  (key) => `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`,
  (key) => key.replace(/.$/, (last) => last.toUpperCase()),
  // The long s and the sign for Kelvin are the only other letters that fold to ours.
  (key) => key.replace('s', '\u017f').replace('k', '\u212a'),
];

test('a key in the wrong case is reported at every depth, with the right spelling', () => {
  // `Manifest` alone is how entries of 2019 begin.
  const isField = (path: JsonPath) =>
    typeof path.at(-1) === 'string' && formatPath(path) !== '.manifest';
  const fields = [...STRINGS, ...BOOLS, ...OBJECTS, ...LISTS].filter(isField);
  let tried = 0;
  for (const path of fields.filter(([, , third]) => third !== 'executables')) {
    const name = String(path.at(-1));
    for (const key of new Set(spellings.map((spell) => spell(name)).filter((it) => it !== name))) {
      const where = [...path.slice(0, -1), key];
      const reported = checkEntry(entryWith(where, null)).filter(({ atKey }) => atKey);
      assert.deepEqual(
        reported.map(({ path: at, remedy }) => [at, remedy]),
        [[where, `write it ${JSON.stringify(name)}`]],
      );
      tried++;
    }
  }
  assert.ok(tried > 100, `${tried} spellings`);
  const program = entryWith(['manifest', 'server', 'executables', 'Linux-AMD64'], 'p');
  assert.equal(checkEntry(program).filter(({ atKey }) => atKey).length, 1, 'old servers fold it');
});

// An entry, the field that shows its age, if any.
const old: readonly (readonly [object, string | undefined])[] = [
  [{ Manifest: {} }, 'Manifest'],
  [{ HomepageURL: '', Manifest: {} }, 'HomepageURL'],
  [{ Manifest: {}, manifest: { id: 'abc', version: '1.0.0' } }, undefined],
  ...[
    'HomepageURL',
    'IconData',
    'DownloadURL',
    'ReleaseNotesURL',
    'AuthorType',
    'ReleaseStage',
  ].map((key) => [{ manifest: { id: 'abc', version: '1.0.0' }, [key]: '' }, key] as const),
  ...['DownloadSignature', 'RepoName', 'UpdatedAt'].map(
    (key) => [{ manifest: { id: 'abc', version: '1.0.0' }, [key]: '' }, key] as const,
  ),
  ...['Labels', 'Hosting', 'Enterprise', 'Signature', 'Platforms'].flatMap(
    (key) =>
      [
        [{ manifest: { id: 'abc', version: '1.0.0' }, [key]: null }, undefined],
        [{ [key]: null }, key],
      ] as const,
  ),
];

for (const [entry, field] of old) {
  const reported =
    field === undefined ? 'is not sent to migrate' : `is sent to migrate, by ${field}`;
  test(`an entry with ${Object.keys(entry)} ${reported}`, () => {
    const findings = checkEntry(entry);
    const ofAge = findings.filter(({ remedy }) => remedy.includes('npm run catalog -- migrate'));
    assert.deepEqual(
      ofAge.map(({ path: where }) => where),
      field === undefined ? [] : [[field]],
    );
    if (field !== undefined) assert.equal(findings.length, 1, 'and nothing else is reported');
  });
}

test('the case go-field-names-2019 is reported in a line, with the command that fixes it', () => {
  assert.deepEqual(problemsOfCase('go-field-names-2019'), [
    '[0].HomepageURL is a field name of 2019',
  ]);
});

test('an empty file should hold [], and [] is a catalog', () => {
  const empty = readFileSync(path.join(CASES, 'empty-file', 'catalog.json'), 'utf8');
  for (const text of [empty, ' \n', '\uFEFF']) {
    const [problem, ...others] = parseCatalog(text, 'c.json').problems;
    assert.deepEqual(others, []);
    assert.equal(problem?.message, 'is empty');
    assert.match(problem.remedy ?? '', /^write \[\] /);
  }
  assert.deepEqual(parseCatalog('[]', 'c.json'), { releases: [], problems: [] });
});
