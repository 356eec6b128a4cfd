import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const PLUGINS = [
  { id: 'jira', name: 'Jira' },
  { id: 'com.mattermost.calls', name: 'Calls' },
  { id: 'com.github.manland.mattermost-plugin-gitlab', name: 'GitLab' },
  { id: 'github', name: 'GitHub' },
  { id: 'com.mattermost.msteams-sync', name: 'MS Teams' },
  { id: 'zoom', name: 'Zoom' },
];

// A word in an address, the id that is meant; empty: none.
const WORDS: readonly (readonly [string, string])[] = [
  ['jira', 'jira'],
  ['jria', 'jira'],
  ['Jiira', 'jira'],
  ['call', 'com.mattermost.calls'],
  ['mattermost.calls', 'com.mattermost.calls'],
  ['msteams', 'com.mattermost.msteams-sync'],
  ['git-lab', 'com.github.manland.mattermost-plugin-gitlab'],
  ['github', 'github'],
  ['zooom', 'zoom'],
  ['', ''],
  ['index', ''],
  ['.env', ''],
  ['\u{1f600}', ''],
];

for (const [word, id] of WORDS) {
  test(`nearest to ${word || 'nothing'} is ${id || 'nothing'}`, () => {
    assert.equal(nearest(word, PLUGINS, 3)[0]?.id ?? '', id);
  });
}

test('as many as wanted, the likeliest first', () => {
  const ids = nearest('gith', PLUGINS, 2).map(({ id }) => id);
  assert.deepEqual(ids, ['github', 'com.github.manland.mattermost-plugin-gitlab']);
});
