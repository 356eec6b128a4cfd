import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { plannedSite } from '../../../test/sites/planned-site.ts';
import { UserError } from '../../lib/errors.ts';
import { encodeRecords } from '../../site/table/encode-records.ts';
import { makeStoreRouter } from './make-router.ts';
import { readStore } from './read-store.ts';

const releases = randomCatalog(seededRandom(3));
const { plan } = await plannedSite(releases, { hosts: ['nginx'] });
const { table, values } = encodeRecords(plan.space, plan.table, (each) =>
  plan.answers.locate(each),
);
const files = new Set(plan.answers.answers.map(({ path }) => path));
const stored = new Map(Object.entries(values));
const read = (store: ReadonlyMap<string, string>) => readStore(table, store, files, 'store.json');

test('the store of a build is read, block by block', () => {
  assert.equal(read(stored).length, table.blocks);
});

test('a store without a piece is refused', () => {
  for (const key of stored.keys()) {
    const less = new Map([...stored].filter(([other]) => other !== key));
    assert.throws(() => read(less), /store\.json: block \d+ is not whole; build again/);
  }
});

test('a record that names no file of the snapshot is refused', () => {
  const [key, value] = [...stored].find(([, text]) => text.includes(' all/ ')) ?? ['', ''];
  for (const [folder, other] of [
    ['all/', '../../'],
    ['all/', 'all/../../x/'],
    ['all/', 'nobody/'],
  ] as const) {
    const changed = new Map([...stored, [key, value.replace(` ${folder} `, ` ${other} `)]]);
    assert.throws(() => read(changed), /block \d+ has a record that no build writes, "/);
  }
});

test('any change of a store is refused, or the router answers with a file of the snapshot', () => {
  const { below, pick } = seededRandom(7);
  const keys = [...stored.keys()];
  const ids = [...new Set(releases.map(({ manifest }) => manifest.id))];
  const targets = ids.flatMap((id) =>
    ['plugin_id', 'filter'].map(
      (name) =>
        `/api/v1/plugins?${name}=${encodeURIComponent(id)}&server_version=${pick(['5.0.0', '9.5.0', ''])}`,
    ),
  );
  let taken = 0;
  for (let i = 0; i < 1500; i++) {
    const key = pick(keys);
    const value = stored.get(key) as string;
    const at = below(value.length);
    const put = pick(['', ' ', '!', '(', ')', '*', '-', '~', '\n', '/', '..', 'Z', '\uffff']);
    const changed = value.slice(0, at) + put + value.slice(at + pick([0, 1, 3]));
    let blocks: string[];
    try {
      blocks = read(new Map([...stored, [key, changed]]));
    } catch (error) {
      assert.ok(error instanceof UserError, `${JSON.stringify(changed)}: ${error}`);
      continue;
    }
    taken++;
    const ask = makeStoreRouter(table, blocks);
    for (const target of [...targets, '/api/v1/plugins?page=1&per_page=1', '/plugins/jira/']) {
      const routed = ask('GET', target);
      if (!('path' in routed) || !routed.path.includes('/api/plugins/')) continue;
      assert.ok(files.has(routed.path), `${JSON.stringify(changed)}: ${target} is ${routed.path}`);
    }
  }
  assert.ok(taken > 10 && taken < 1490, `${taken} were taken`);
});
