import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginsNearly, search } from './search.ts';

const PLUGINS = [
  ['com.github.manland.mattermost-plugin-gitlab', 'GitLab', 'GitLab plugin for Mattermost.'],
  ['com.mattermost.msteams-sync', 'MS Teams', 'Sync between chats.'],
  ['com.mattermost.plugin-azure-devops', 'Azure DevOps', 'Boards and repositories by Microsoft.'],
  ['github', 'GitHub', 'Like GitLab, but another.'],
  ['jira', 'Jira', 'Atlassian Jira plugin.'],
  ['playbooks', 'Playbooks', 'Repeatable processes, also from Jira issues.'],
  ['cafe', 'Café', 'Coffee at noon'],
].map(([id = '', name = '', description = '']) => ({ id, name, description }));

// [text, ids that it finds, the best first]
const CASES: readonly (readonly [string, string])[] = [
  ['jira', 'jira playbooks'],
  [' JIRA ', 'jira playbooks'],
  ['issues jira', 'playbooks'],
  ['msteams', 'com.mattermost.msteams-sync'],
  ['teams ms', 'com.mattermost.msteams-sync'],
  ['azure boards', 'com.mattermost.plugin-azure-devops'],
  ['boards azure', 'com.mattermost.plugin-azure-devops'],
  ['plugin-azure', 'com.mattermost.plugin-azure-devops'],
  ['devops', 'com.mattermost.plugin-azure-devops'],
  ['gitlab', 'com.github.manland.mattermost-plugin-gitlab github'],
  ['github', 'github com.github.manland.mattermost-plugin-gitlab'],
  ['cafe', 'cafe'],
  ['CAFÉ', 'cafe'],
  ['\u0085cafe\u3000', 'cafe'],
  ['jira zzz', ''],
  ['…', ''],
];

for (const [text, ids] of CASES) {
  test(`“${text}” finds ${ids || 'nothing'}`, () => {
    const { plugins, isSimilar } = search(PLUGINS, text);
    assert.equal(plugins.map(({ id }) => id).join(' '), ids);
    assert.equal(isSimilar, ids === '');
  });
}

// [text with a typing error, ids]
const ERRORS: readonly (readonly [string, string])[] = [
  ['jria', 'jira playbooks'],
  ['playboks', 'playbooks'],
  ['atlasian jira', 'jira'],
  ['jxx', ''],
];

test('one typing error in a word is tolerated if nothing else is found', () => {
  for (const [text, ids] of ERRORS) {
    const { plugins, isSimilar } = search(PLUGINS, text);
    assert.equal(plugins.map(({ id }) => id).join(' '), ids, text);
    assert.equal(isSimilar, true, text);
  }
});

// [text, word, whether it begins with it but for one error]
const NEAR: readonly (readonly [string, string, boolean])[] = [
  ['jira', 'jira', true],
  ['jira', 'jria', true],
  ['jira', 'jra', true],
  ['jira', 'jiira', true],
  ['jira', 'jika', true],
  ['jira', 'xira', true],
  ['jirafe', 'jria', true],
  ['jira', 'jiraxy', false],
  ['jira', 'jrai', false],
  ['jira', 'ajiar', false],
];

for (const [text, word, expected] of NEAR) {
  test(`${text} ${expected ? 'begins' : 'does not begin'} nearly with ${word}`, () => {
    assert.equal(beginsNearly(text, word), expected);
  });
}

test('what the API finds is counted: phrases in names and descriptions, and whole ids', () => {
  assert.equal(search(PLUGINS, 'azure boards').byApi, 0);
  assert.equal(search(PLUGINS, 'azure devops').byApi, 1);
  assert.equal(search(PLUGINS, 'plugin-azure').byApi, 0);
  assert.equal(search(PLUGINS, 'com.mattermost.msteams-sync').byApi, 1);
  assert.equal(search(PLUGINS, '').byApi, PLUGINS.length);
});
