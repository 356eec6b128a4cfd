import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { indexCatalog } from '../../src/query/catalog-index.ts';
import { labelsOf } from '../../src/query/labels.ts';
import { runInNode } from '../engines/edge-function.ts';
import { evaluatedAnswer } from '../evaluated-answer.ts';
import { plannedSite } from '../sites/planned-site.ts';

// The requests in the tests of the reference service (internal/api/plugins_test.go, internal/store/static_test.go,
// internal/model/plugin_test.go), as inputs and answers in data of our own.

type Entry = Readonly<Record<string, unknown>>;

/** An entry: `id@version`, the least server, and what else it has. */
const entry = (at: string, min: string, fields: Entry = {}, texts: Entry = {}): Entry => {
  const [id, version] = at.split('@');
  const download_url = `https://files.example/${id}-${version}.tar.gz`;
  const manifest = { id, version, name: id, min_server_version: min, ...texts };
  return { download_url, signature: `sig-${at}`, ...fields, manifest };
};

const api = [
  entry('apple@0.1.0', '5.15.0'),
  entry('apple@0.2.0', '5.15.0'),
  entry('apple@0.3.0', '5.15.0'),
  entry('berry@0.1.0', '5.16.0'),
  entry('cherry@1.1.0', ''),
  entry('cherry@1.2.0', '5.16.0'),
  entry('cherry@1.3.0', '5.17.0'),
];
const last = entry('dill@1.2.4', '', {}, { name: 'Zdill' });
const withLast = [...api, last];
const paid = [entry('paid@1.0.0', '5.24.0', { enterprise: true })];
const needy = api.filter(({ manifest }) => (manifest as Entry)['min_server_version'] !== '');

const tour = { name: 'Guided Tour', description: 'Shows what a plugin of Mattermost may do.' };
const blank = { name: 'Blank Sheet', description: 'Where a plugin of Mattermost begins.' };
const store = [
  entry('org.tour@0.1.0', '5.14.0', {}, tour),
  entry('org.tour@0.2.0', '5.15.0', {}, tour),
  entry('org.blank@0.1.0', '5.15.0', { signature: 'earlier' }, { ...blank, name: 'Blank (Old)' }),
  entry('org.blank@0.1.0', '5.15.0', {}, blank),
];

const bundle = (platform: string) => ({
  download_url: `https://files.example/${platform}.tar.gz`,
  signature: `sig-${platform}`,
});
const hostings = [
  entry('any@1.0.0', ''),
  entry('cloudy@1.0.0', '', { hosting: 'cloud' }),
  entry('home@1.0.0', '', { hosting: 'on-prem' }),
];
const byPlatform = [
  entry('native@1.0.0', '', {
    platforms: {
      'linux-amd64': bundle('linux-amd64'),
      'darwin-amd64': { download_url: 'https://files.example/unsigned.tar.gz' },
      'windows-amd64': { signature: 'without a bundle' },
    },
  }),
];
const marked = [
  entry('community@1.0.0', '', { author_type: 'community' }),
  entry('partner@1.0.0', '', { author_type: 'partner', release_stage: 'beta' }),
  entry('trial@1.0.0', '', { release_stage: 'experimental', enterprise: true }),
];

const everything = 'per_page=-1';
const named = `${everything}&filter=MATTERMOST`;
const oneOf = 'plugin_id=org.tour&return_all_versions=true';
const cherries = 'plugin_id=cherry&return_all_versions=true';

// Catalog, query, `id@version` of what is answered; null: refused.
const cases: Readonly<
  Record<string, readonly (readonly [readonly Entry[], string, string | null])[]>
> = {
  'the API': [
    [[], 'per_page=10', ''],
    [[], 'page=invalid&per_page=100', null],
    [[], 'page=0&per_page=invalid', null],
    [[], '', ''],
    [[], 'per_page=100', ''],
    [[], 'page=1', ''],
    [api, 'page=0&per_page=2', 'apple@0.3.0 berry@0.1.0'],
    [api, 'page=1&per_page=2', 'cherry@1.3.0'],
    [api, 'per_page=3&server_version=5.18.0', 'apple@0.3.0 berry@0.1.0 cherry@1.3.0'],
    [api, 'per_page=3&server_version=5.15.0', 'apple@0.3.0 cherry@1.1.0'],
    [needy, 'per_page=3&server_version=5.14.0', ''],
    [api, 'per_page=3', 'apple@0.3.0 berry@0.1.0 cherry@1.3.0'],
    [api, 'per_page=3&filter=cherry', 'cherry@1.3.0'],
    [[...needy, last], 'per_page=3&filter=cherry&server_version=5.16.0', 'cherry@1.2.0'],
    [api, 'per_page=3&filter=cherry&server_version=5.17.0', 'cherry@1.3.0'],
    [withLast, everything, 'apple@0.3.0 berry@0.1.0 cherry@1.3.0 dill@1.2.4'],
    [paid, `${everything}&server_version=5.24.0&enterprise_plugins=false`, 'paid@1.0.0'],
    [paid, `${everything}&server_version=5.25.0&enterprise_plugins=false`, ''],
    [paid, `${everything}&server_version=5.25.0&enterprise_plugins=true`, 'paid@1.0.0'],
    [paid, `${everything}&server_version=5.26.0&enterprise_plugins=true`, 'paid@1.0.0'],
    [paid, everything, ''],
    [paid, `${everything}&enterprise_plugins=true`, 'paid@1.0.0'],
    // docs/api.md, differences: 400 where the reference has 500.
    [api, `${everything}&server_version=1`, null],
    [api, `${everything}&server_version=a`, null],
    [hostings, everything, 'any@1.0.0 home@1.0.0'],
    [hostings, `${everything}&cloud=false`, 'any@1.0.0 home@1.0.0'],
    [hostings, `${everything}&cloud=true`, 'any@1.0.0 cloudy@1.0.0'],
    [api, 'cloud=invalid', null],
    [api, 'enterprise_plugins=invalid', null],
    [api, 'return_all_versions=invalid', null],
    [api, 'plugin_id=cherry', 'cherry@1.3.0'],
    [api, 'plugin_id=nothing', ''],
    [api, cherries, 'cherry@1.3.0 cherry@1.2.0 cherry@1.1.0'],
    [api, `${cherries}&server_version=5.16.0`, 'cherry@1.2.0 cherry@1.1.0'],
    [
      api,
      `${everything}&return_all_versions=true`,
      'apple@0.3.0 apple@0.2.0 apple@0.1.0 berry@0.1.0 cherry@1.3.0 cherry@1.2.0 cherry@1.1.0',
    ],
  ],
  'the store': [
    [store, 'per_page=0', ''],
    [store, 'per_page=1', 'org.blank@0.1.0'],
    [store, 'per_page=10', 'org.blank@0.1.0 org.tour@0.2.0'],
    [store, everything, 'org.blank@0.1.0 org.tour@0.2.0'],
    [store, `${everything}&filter=%20%20`, 'org.blank@0.1.0 org.tour@0.2.0'],
    [store, `${everything}&filter=org.tour`, 'org.tour@0.2.0'],
    [store, `${everything}&filter=org.TOUR`, 'org.tour@0.2.0'],
    [store, `${everything}&filter=Blank%20Sheet`, 'org.blank@0.1.0'],
    [store, `${everything}&filter=Sheet`, 'org.blank@0.1.0'],
    [store, `${everything}&filter=SHEET`, 'org.blank@0.1.0'],
    // The name of the release that a later one of the same version overrides.
    [store, `${everything}&filter=Old`, ''],
    [store, `${everything}&filter=may+do`, 'org.tour@0.2.0'],
    [store, named, 'org.blank@0.1.0 org.tour@0.2.0'],
    [store, `${named}&server_version=5.15.0`, 'org.blank@0.1.0 org.tour@0.2.0'],
    [store, `${named}&server_version=5.14.0`, 'org.tour@0.1.0'],
    [store, `${everything}&server_version=5.13.0`, ''],
    [store, `${oneOf}&per_page=0`, ''],
    [store, `${oneOf}&per_page=1`, 'org.tour@0.2.0'],
    [store, `${oneOf}&per_page=10`, 'org.tour@0.2.0 org.tour@0.1.0'],
    [store, `${oneOf}&${everything}`, 'org.tour@0.2.0 org.tour@0.1.0'],
    [store, `${oneOf}&${everything}&server_version=5.15.0`, 'org.tour@0.2.0 org.tour@0.1.0'],
    [store, `${oneOf}&${everything}&server_version=5.14.0`, 'org.tour@0.1.0'],
    [store, `${oneOf}&${everything}&server_version=5.13.0`, ''],
  ],
};

/** A catalog's answers by its meaning, and by the router and the files of a build. */
const makeSite = async (entries: readonly Entry[]) => {
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  const { code, read } = await plannedSite(releases, { pageSizes: [1, 2, 3, 10] });
  const index = indexCatalog(releases);
  const routed = (query: string): string | null => {
    const [result] = runInNode(code, [{ method: 'GET', path: '/api/v1/plugins', query }]);
    assert.ok(result, query);
    if (!('statusCode' in result)) return read(result.path);
    assert.equal(result.statusCode, 400, `?${query}: ${result.body}`);
    return null;
  };
  const evaluated = (query: string) => evaluatedAnswer(index, query);
  return { releases, answer: { evaluated, routed } };
};

const sites = new Map<readonly Entry[], ReturnType<typeof makeSite>>();

function siteOf(entries: readonly Entry[]) {
  const site = sites.get(entries) ?? makeSite(entries);
  sites.set(entries, site);
  return site;
}

interface Answered {
  readonly manifest: { readonly id: string; readonly version: string };
  readonly download_url: string;
  readonly signature: string;
  readonly labels?: readonly { readonly name: string }[];
}

const parse = (body: string | null) => JSON.parse(body ?? 'null') as Answered[] | null;

for (const [what, rows] of Object.entries(cases)) {
  describe(`what the reference tests of ${what}`, () => {
    rows.forEach(([entries, query, expected], i) => {
      test(`${i + 1}: ?${query}`, async () => {
        const { answer } = await siteOf(entries);
        for (const [by, ask] of Object.entries(answer)) {
          const found = parse(ask(query));
          const names = found?.map(({ manifest: { id, version } }) => `${id}@${version}`);
          assert.equal(names?.join(' ') ?? null, expected, `docs/api.md, ${by}: ?${query}`);
          for (const { signature } of found ?? []) assert.notEqual(signature, 'earlier');
        }
      });
    });
  });
}

describe('what the reference tests of platforms and labels', () => {
  // Platform, the bundle that is answered.
  for (const [platform, signature] of [
    ['', 'sig-native@1.0.0'],
    ['linux-amd64', 'sig-linux-amd64'],
    ['darwin-amd64', 'sig-native@1.0.0'],
    ['windows-amd64', 'sig-native@1.0.0'],
    ['plan9-arm', 'sig-native@1.0.0'],
  ] as const) {
    test(`platform "${platform}" is answered ${signature}`, async () => {
      const { answer } = await siteOf(byPlatform);
      for (const ask of Object.values(answer)) {
        assert.equal(parse(ask(`platform=${platform}`))?.[0]?.signature, signature);
      }
    });
  }

  // Plugin, the names of its labels.
  for (const [id, expected] of [
    ['community', ['Community']],
    ['partner', ['Partner', 'Beta']],
    ['trial', ['Experimental', 'Professional/Enterprise']],
  ] as const) {
    test(`"${id}" is labelled ${expected}`, async () => {
      const { releases, answer } = await siteOf(marked);
      const namesOf = (labels: readonly { name: string }[] = []) => labels.map(({ name }) => name);
      const release = releases.find(({ manifest }) => manifest.id === id);
      assert.deepEqual(namesOf(release && labelsOf(release)), expected);
      for (const ask of Object.values(answer)) {
        const [found] = parse(ask(`plugin_id=${id}&enterprise_plugins=true`)) ?? [];
        assert.deepEqual(namesOf(found?.labels), expected);
      }
    });
  }
});

describe('what the reference tests of reading a catalog', () => {
  // Text of the catalog, how many releases; null: an error.
  const texts: readonly (readonly [string, number | null])[] = [
    // docs/api.md, differences: an empty file is an error; the reference takes it for an empty list.
    ['', null],
    ['{test', null],
    ['[]', 0],
    [JSON.stringify(store), 4],
    // The reference takes a manifest without id and version here, and refuses it in its store.
    ['[{"manifest":{}}]', null],
    ['[{"manifest":{"id":"test"}}]', null],
    ['[{"manifest":{"id":"test","version":"0.1.0","min_server_version":"5.23.0"}}]', 1],
    ['[{"manifest":{"id":"test","version":"0.1.0","min_server_version":"none"}}]', null],
  ];
  for (const [text, count] of texts) {
    test(`${text.slice(0, 80) || 'nothing'} is ${count === null ? 'an error' : `${count} releases`}`, () => {
      const { releases, problems } = parseCatalog(text, 'test.json');
      assert.equal(problems.length === 0 ? releases.length : null, count);
    });
  }
});
