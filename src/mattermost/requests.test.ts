import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installQuery, listQuery, type MattermostServer } from './requests.ts';
import { lineOf, nameLines, SERVER_LINES } from './server-line.ts';

function server(version: string, others: Partial<MattermostServer> = {}): MattermostServer {
  return {
    version,
    platform: 'linux-amd64',
    isEnterpriseBuild: true,
    hasEnterprisePlugins: false,
    isCloud: false,
    ...others,
  };
}

test('each server line lists with the keys it knows, empty ones too, in alphabetical order', () => {
  // [version, query]; docs/mattermost.md, Requests
  const cases: [string, string][] = [
    ['5.16.0', 'filter=&page=0&server_version=5.16.0'],
    ['5.19.1', 'filter=&page=0&server_version=5.19.1'],
    ['5.20.0', 'filter=&local_only=false&page=0&server_version=5.20.0'],
    [
      '5.29.0',
      'build_enterprise_ready=true&enterprise_plugins=false&filter=&local_only=false&page=0&server_version=5.29.0',
    ],
    [
      '5.31.0',
      'build_enterprise_ready=true&cloud=false&enterprise_plugins=false&filter=&local_only=false&page=0&platform=linux-amd64&server_version=5.31.0',
    ],
    [
      '6.4.0',
      'build_enterprise_ready=true&cloud=false&enterprise_plugins=false&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&return_all_versions=false&server_version=6.4.0',
    ],
    [
      '11.6.0',
      'build_enterprise_ready=true&cloud=false&enterprise_plugins=false&filter=&local_only=false&page=0&platform=linux-amd64&plugin_id=&remote_only=false&return_all_versions=false&server_version=11.6.0',
    ],
  ];
  for (const [version, expected] of cases) {
    assert.equal(listQuery(server(version)), expected);
  }
});

test('each server line asks for a plugin to install in its own way', () => {
  // [version, what differs from the request for the list]; docs/mattermost.md, Requests
  const cases: [string, Record<string, string> | undefined][] = [
    ['5.17.0', undefined],
    ['5.18.0', { filter: 'jira' }],
    ['5.31.5', { filter: 'jira' }],
    ['5.32.0', { plugin_id: 'jira', return_all_versions: 'true' }],
    ['6.4.9', { plugin_id: 'jira', return_all_versions: 'true' }],
    ['6.5.0', { plugin_id: 'jira' }],
    ['12.0.0', { plugin_id: 'jira' }],
  ];
  for (const [version, asked] of cases) {
    const list = new URLSearchParams(listQuery(server(version)));
    for (const [key, value] of Object.entries(asked ?? {})) list.set(key, value);
    assert.equal(installQuery(server(version), 'jira'), asked && list.toString());
  }
});

test('values are escaped as Go does it', () => {
  // [id, in the query]
  const cases: [string, string][] = [
    ['a b', 'a+b'],
    ["!'()*", '%21%27%28%29%2A'],
    ['a-_.~', 'a-_.~'],
    ['a+b&c=d/e', 'a%2Bb%26c%3Dd%2Fe'],
    ['ä', '%C3%A4'],
  ];
  for (const [id, escaped] of cases) {
    assert.match(
      `${installQuery(server('9.0.0'), id)}&`,
      new RegExp(`&plugin_id=${escaped.replace(/[.*+]/g, '\\$&')}&`),
    );
  }
});

test('every version from 5.16 on belongs to one line', () => {
  assert.equal(lineOf('5.15.9'), undefined);
  // [version, name of its line]
  const cases: [string, string][] = [
    ['5.16.0', '5.16 to 5.17'],
    ['5.19.3', '5.18 to 5.19'],
    ['5.39.0', '5.32 to 5.39'],
    ['6.4.2', '6.0 to 6.4'],
    ['8.1.13', '7.8 to 8.1'],
    ['10.0.4', '10.0'],
    ['10.12.1', '10.5 to 10.12'],
    ['11.6.0', '11.0 and newer'],
    ['99.0.0', '11.0 and newer'],
  ];
  for (const [version, name] of cases) {
    const line = lineOf(version);
    assert.equal(line && nameLines([line]), name);
  }
  assert.equal(nameLines(SERVER_LINES), '5.16 and newer');
  assert.equal(nameLines(SERVER_LINES.slice(1, 3)), '5.18 to 5.21');
  assert.equal(nameLines(SERVER_LINES.slice(1, 3), '5.19.2'), '5.19.2 to 5.21');
  assert.equal(nameLines(SERVER_LINES.slice(-1), '11.2.0'), '11.2.0 and newer');
});
