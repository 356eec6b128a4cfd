import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../router/request/parse-filter.ts';
import {
  completeVersion,
  EVERY_PLUGIN,
  formatViewState,
  offerQuery,
  parseViewState,
  type ServerView,
  type ViewState,
} from './view-state.ts';

/** A server about which nothing is known. */
const ANY_SERVER: ServerView = {
  serverVersion: '',
  platform: '',
  enterprise: false,
  cloud: false,
};

// What differs from the view of every plugin, query string.
const STATES: readonly (readonly [Partial<ViewState>, string])[] = [
  [{}, ''],
  [{ text: 'jira' }, 'filter=jira'],
  [{ text: ' a&b=c;d+e% ' }, 'filter=%20a%26b%3Dc%3Bd%2Be%25%20'],
  [{ server: ANY_SERVER }, 'server_version='],
  [{ server: { ...ANY_SERVER, serverVersion: '10.5.0' } }, 'server_version=10.5.0'],
  [{ server: { ...ANY_SERVER, serverVersion: 'abc' } }, 'server_version=abc'],
  [{ sort: 'updated' }, 'sort=updated'],
  [
    { text: 'a', sort: 'added', filters: { maintainer: 'partner', runs_on: 'linux-arm64' } },
    'filter=a&maintainer=partner&runs_on=linux-arm64&sort=added',
  ],
  [
    { filters: { stage: 'beta', subscription: 'needed', hosting: 'cloud' } },
    'stage=beta&subscription=needed&hosting=cloud',
  ],
  [
    {
      text: 'é',
      server: { serverVersion: '9.5.0+b', platform: 'linux-amd64', enterprise: true, cloud: true },
    },
    'filter=%C3%A9&server_version=9.5.0%2Bb&platform=linux-amd64&enterprise_plugins=true&cloud=true',
  ],
];

for (const [changed, query] of STATES) {
  test(`a view is recorded in its address and found again: ?${query}`, () => {
    assert.equal(formatViewState(changed), query);
    assert.deepEqual(parseViewState(query), { ...EVERY_PLUGIN, ...changed });
  });
}

// Query string of an address that a person wrote, what differs from the view of every plugin.
const WRITTEN: readonly (readonly [string, Partial<ViewState>])[] = [
  ['utm_source=x', {}],
  ['filter=a+b&filter=c', { text: 'a b' }],
  ['cloud=T', { server: { ...ANY_SERVER, cloud: true } }],
  ['enterprise_plugins=false', { server: ANY_SERVER }],
  ['cloud=truest&enterprise_plugins=1st', { server: ANY_SERVER }],
  ['platform=%zz&filter=%', {}],
  ['__proto__=1&constructor=2', {}],
  ['server_version=7.5', { server: { ...ANY_SERVER, serverVersion: '7.5.0' } }],
  ['server_version=v7.5.0', { server: { ...ANY_SERVER, serverVersion: '7.5.0' } }],
  ['server_version=Version+9.11.3', { server: { ...ANY_SERVER, serverVersion: '9.11.3' } }],
  ['platform=linux-riscv64', { server: { ...ANY_SERVER, platform: 'linux-riscv64' } }],
  ['platform=%3Cscript%3E', { server: ANY_SERVER }],
  ['platform=plan9-mips&runs_on=my-computer', { server: ANY_SERVER }],
  ['sort=random&stage=old&maintainer=__proto__&hosting=', {}],
];

for (const [query, changed] of WRITTEN) {
  test(`?${query} is read as it is meant`, () => {
    assert.deepEqual(parseViewState(query), { ...EVERY_PLUGIN, ...changed });
  });
}

test('the API is asked for the very server of the view, and for all of its offer', () => {
  for (const serverVersion of ['', '10.5.0', '6.0.0-rc1+b']) {
    for (const platform of ['', 'linux-amd64', 'a&cloud=true']) {
      for (const enterprise of [false, true]) {
        for (const cloud of [false, true]) {
          const server: ServerView = { serverVersion, platform, enterprise, cloud };
          assert.deepEqual(parseFilter(offerQuery(server)), {
            ...server,
            page: 0,
            perPage: -1,
            text: '',
            pluginId: '',
            allVersions: false,
          });
        }
      }
    }
  }
});

// The text typed, the version; null: none.
const TYPED: readonly (readonly [string, string | null])[] = [
  ['', ''],
  ['  ', ''],
  ['10', '10.0.0'],
  ['10.5', '10.5.0'],
  ['10.5.0', '10.5.0'],
  [' v10.5.1 ', '10.5.1'],
  ['V9.5', '9.5.0'],
  ['6.0.0-rc1', '6.0.0-rc1'],
  ['9.5.0+build', '9.5.0+build'],
  ['010.5', null],
  ['10.', null],
  ['10.5.', null],
  ['10.5.0.1', null],
  ['abc', null],
  ['v', ''],
  ['Version 9.11.3', '9.11.3'],
  ['Mattermost Version: 9.11.3', '9.11.3'],
  ['Mattermost server v10.5', '10.5.0'],
  ['9.11.3 (ESR)', '9.11.3'],
  ['version', null],
  ['9.5 or 10.5', null],
  ['-1', null],
];

test('a version is completed as people type it', () => {
  for (const [typed, version] of TYPED) assert.equal(completeVersion(typed), version, typed);
});
