import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../router/request/parse-filter.ts';
import {
  completeVersion,
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

// State, query string.
const STATES: readonly (readonly [ViewState, string])[] = [
  [{ text: '', server: undefined }, ''],
  [{ text: 'jira', server: undefined }, 'filter=jira'],
  [{ text: ' a&b=c;d+e% ', server: undefined }, 'filter=%20a%26b%3Dc%3Bd%2Be%25%20'],
  [{ text: '', server: ANY_SERVER }, 'server_version='],
  [{ text: '', server: { ...ANY_SERVER, serverVersion: '10.5.0' } }, 'server_version=10.5.0'],
  [{ text: '', server: { ...ANY_SERVER, serverVersion: 'abc' } }, 'server_version=abc'],
  [
    {
      text: 'é',
      server: { serverVersion: '9.5.0+b', platform: 'linux-amd64', enterprise: true, cloud: true },
    },
    'filter=%C3%A9&server_version=9.5.0%2Bb&platform=linux-amd64&enterprise_plugins=true&cloud=true',
  ],
];

for (const [state, query] of STATES) {
  test(`a view is recorded in its address and found again: ?${query}`, () => {
    assert.equal(formatViewState(state), query);
    assert.deepEqual(parseViewState(query), state);
  });
}

// Query string of an address that a person wrote, state.
const WRITTEN: readonly (readonly [string, ViewState])[] = [
  ['utm_source=x', { text: '', server: undefined }],
  ['filter=a+b&filter=c', { text: 'a b', server: undefined }],
  ['cloud=T', { text: '', server: { ...ANY_SERVER, cloud: true } }],
  ['enterprise_plugins=false', { text: '', server: ANY_SERVER }],
  ['cloud=truest&enterprise_plugins=1st', { text: '', server: ANY_SERVER }],
  ['platform=%zz&filter=%', { text: '', server: undefined }],
  ['__proto__=1&constructor=2', { text: '', server: undefined }],
];

for (const [query, state] of WRITTEN) {
  test(`?${query} is read as the API reads it`, () => {
    assert.deepEqual(parseViewState(query), state);
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
  ['-1', null],
];

test('a version is completed as people type it', () => {
  for (const [typed, version] of TYPED) assert.equal(completeVersion(typed), version, typed);
});
