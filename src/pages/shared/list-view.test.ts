import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ListSource, listView, viewTitle } from './list-view.ts';
import type { ListedPlugin, Searchable } from './listed-plugin.ts';
import { EVERY_PLUGIN, type ServerView, type ViewState } from './view-state.ts';

type Listed = Searchable & Partial<ListedPlugin>;

const ANY_SERVER: ServerView = {
  serverVersion: '',
  platform: '',
  enterprise: false,
  cloud: false,
};

const plugin = (id: string) => ({ id, name: `The ${id}`, description: 'for teams' });
const server = (serverVersion: string) => ({ ...ANY_SERVER, serverVersion });
const sourceOf = (offered: readonly Listed[], oldest = ''): ListSource<Listed> => ({
  offered,
  every: offered,
  oldest,
});

// What differs from the view of every plugin, number of plugins, the oldest server; summary, title of the notice, its remedy.
const NOTICES: readonly (readonly [
  Partial<ViewState>,
  number,
  string,
  string,
  string?,
  string?,
])[] = [
  [{}, 2, '', '2 plugins'],
  [{}, 1, '', '1 plugin'],
  [{ text: 'p0' }, 2, '', '1 of 2 plugins'],
  [{ text: ' xyz ' }, 2, '', '0 of 2 plugins', 'No plugin matches “xyz”', 'clear the search'],
  [
    { text: 'p0', filters: { stage: 'beta' } },
    2,
    '',
    '0 of 2 plugins',
    'No plugin matches “p0”',
    'clear the filters',
  ],
  [
    { filters: { stage: 'beta' } },
    2,
    '',
    '0 of 2 plugins',
    'No plugin matches these filters',
    'clear the filters',
  ],
  [{}, 0, '', '0 plugins', 'There are no plugins yet'],
  [{ server: server('9.5.0') }, 2, '5.0.0', '2 plugins for a self-hosted Team server 9.5.0'],
  [
    { server: { ...server(''), platform: 'linux-amd64', enterprise: true, cloud: true } },
    2,
    '5.0.0',
    '2 plugins for a Cloud Enterprise server of any version on linux-amd64',
  ],
  [
    { server: server('4.9.9') },
    0,
    '5.0.0',
    '0 plugins for a self-hosted Team server 4.9.9',
    'Server 4.9.9 is too old for every plugin',
    'show all plugins',
  ],
  [
    { text: 'x', server: server('5.0.0') },
    0,
    '5.0.0',
    '0 plugins for a self-hosted Team server 5.0.0',
    'No plugins for this server',
    'show all plugins',
  ],
  [
    { server: server('4.0.0') },
    0,
    '',
    '0 plugins for a self-hosted Team server 4.0.0',
    'No plugins for this server',
    'show all plugins',
  ],
];

for (const [changed, count, oldest, summary, title, remedy] of NOTICES) {
  test(`of ${count} plugins, for ${JSON.stringify(changed)}: ${title ?? summary}`, () => {
    const plugins = Array.from({ length: count }, (_, i) => plugin(`p${i}`));
    const view = listView({ ...EVERY_PLUGIN, ...changed }, sourceOf(plugins, oldest));
    assert.equal(view.summary, summary);
    assert.deepEqual([view.notice?.title, view.notice?.remedy], [title, remedy]);
  });
}

test('a search that fails for a server tells what there is for others', () => {
  const [jira, zoom] = [plugin('jira'), plugin('zoom')];
  const state = { ...EVERY_PLUGIN, text: 'zoom', server: server('9.5.0') };
  const view = listView(state, { offered: [jira], every: [jira, zoom], oldest: '' });
  assert.deepEqual(view.notice, {
    title: 'No plugin matches “zoom”',
    text: 'One plugin that matches is not for this server.',
    remedy: 'search all plugins',
  });
});

describe('A hint is shown', () => {
  const plugins = [plugin('jira'), { ...plugin('boards'), description: 'like Jira' }];
  const hintFor = (text: string) => listView({ ...EVERY_PLUGIN, text }, sourceOf(plugins)).hint;

  test('where Mattermost would find less', () => {
    const hint = hintFor('boards the');
    assert.match(hint ?? '', /^Mattermost’s own search finds none of these: .*“boards the”/);
    assert.equal(hintFor('jira'), undefined);
    assert.equal(hintFor(''), undefined);
  });

  test('where only something similar is found', () => {
    assert.equal(hintFor('jria'), 'Nothing matches “jria”. These plugins come close.');
    assert.equal(hintFor('xyz'), undefined);
  });
});

describe('Plugins are sorted', () => {
  const plugins: Listed[] = [
    { ...plugin('a'), listed_on: '2023-01-01', added_on: '2020-01-01' },
    { ...plugin('b'), listed_on: '', added_on: '' },
    { ...plugin('c'), listed_on: '2024-01-01', added_on: '2019-01-01' },
    { ...plugin('d'), listed_on: '2024-01-01', added_on: '2021-01-01' },
  ];
  // [order, ids]
  const cases = [
    ['name', 'a b c d'],
    ['updated', 'c d a b'],
    ['added', 'd a c b'],
  ] as const;
  for (const [sort, ids] of cases) {
    test(`by ${sort}`, () => {
      const view = listView({ ...EVERY_PLUGIN, sort }, sourceOf(plugins));
      assert.equal(view.plugins.map(({ id }) => id).join(' '), ids);
    });
  }
});

// [what differs from the view of every plugin, title]
const TITLES: readonly (readonly [Partial<ViewState>, string])[] = [
  [{}, ''],
  [{ sort: 'added' }, ''],
  [{ text: ' jira ' }, '“jira”'],
  [{ server: server('9.5.0') }, 'Plugins for a self-hosted Team server 9.5.0'],
  [
    { text: 'jira', server: server('9.5.0'), filters: { stage: 'beta' } },
    '“jira” Beta for a self-hosted Team server 9.5.0',
  ],
  [{ filters: { maintainer: 'partner', runs_on: 'linux-arm64' } }, 'Partners, linux-arm64'],
];

for (const [changed, title] of TITLES) {
  test(`the title of ${JSON.stringify(changed)} is ${JSON.stringify(title)}`, () => {
    assert.equal(viewTitle({ ...EVERY_PLUGIN, ...changed }), title);
  });
}
