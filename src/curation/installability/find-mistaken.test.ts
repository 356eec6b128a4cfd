import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { findMistaken } from './find-mistaken.ts';

function entry(id: string, version: string, fields: object = {}) {
  return { manifest: { id, version, name: id, ...fields } };
}

test('a plugin that old servers would install another for is named', () => {
  // [entries, releases that are mistaken]
  const other = entry('z-suite', '1.0.0', { name: 'A suite', description: 'Goes with JIRA' });
  const cases: [object[], string[]][] = [
    [[entry('jira', '1.0.0'), other], ['jira@1.0.0']],
    [[other, entry('jira', '1.0.0')], ['jira@1.0.0']],
    // the other comes after it, or has another version
    [[entry('jira', '1.0.0', { name: 'A' }), other], []],
    [[entry('jira', '1.0.1'), other], []],
    // an older version of the other is not in the answer
    [[entry('jira', '1.0.0'), other, entry('z-suite', '2.0.0', { name: 'A suite' })], []],
    // the texts do not contain the id
    [[entry('jira', '1.0.0'), entry('jira-suite', '1.0.0', { name: 'A suite' })], []],
    // no server that searches is offered both
    [
      [
        entry('jira', '1.0.0'),
        { ...other, manifest: { ...other.manifest, min_server_version: '5.32.0' } },
      ],
      [],
    ],
    [
      [
        entry('jira', '1.0.0'),
        { ...other, manifest: { ...other.manifest, min_server_version: '5.31.9' } },
      ],
      ['jira@1.0.0'],
    ],
    [
      [
        { ...entry('jira', '1.0.0'), hosting: 'cloud' },
        { ...other, hosting: 'on-prem' },
      ],
      [],
    ],
  ];
  for (const [entries, expected] of cases) {
    const { releases, problems } = parseCatalog(JSON.stringify(entries), 'c.json');
    assert.deepEqual(problems, []);
    const located = releases.map((release, index) => ({ release, file: 'c.json', index }));
    const found = findMistaken(located);
    assert.deepEqual(
      found.map(({ release }) => release),
      expected,
      JSON.stringify(entries),
    );
    for (const { check, level } of found) {
      assert.deepEqual([check, level], ['mistaken-for-other', 'warning']);
    }
  }
});
