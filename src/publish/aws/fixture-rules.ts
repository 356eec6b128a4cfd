import assert from 'node:assert/strict';
import { readPruneRecord, writePruneRecord } from '../records/prune-record.ts';
import { type Bucket, MOST_REMOVED, newObject } from './target.ts';

/** Keys that are easily signed, encoded, parsed or sorted wrong. */
const ODD_KEYS = [
  "(a) [b] {c}!'*~.txt",
  ' leading and trailing ',
  '%41%2F%',
  '+plus+and space',
  'a&b<c>d"e=f;g',
  'a?b#c',
  'back\\slash^`|',
  'e\u0301 and \u00e9',
  'z:@,$',
].sort();

/** The rules of the port `Bucket`, by name, each in a folder of its own. */
export const RULES: Readonly<Record<string, (bucket: Bucket) => Promise<void>>> = {
  'an object is read as it was stored, with its ETag': async (bucket) => {
    const etag = await put(bucket, 'read/a', 'x');
    const stored = await bucket.get('read/a');
    assert.deepEqual([stored?.etag, stored?.body.toString()], [etag, 'x']);
    const [listed] = await bucket.list('read/');
    assert.deepEqual([listed?.key, listed?.sizeBytes], ['read/a', 1]);
    assert.ok(listed?.modifiedAt instanceof Date);
  },
  'a missing object is undefined, and too large a one an error': async (bucket) => {
    assert.equal(await bucket.get('large/none'), undefined);
    await put(bucket, 'large/a', 'xyz');
    assert.ok(await bucket.get('large/a', 3));
    await assert.rejects(bucket.get('large/a', 2), /large\/a has more than 2 bytes/);
  },
  'a condition decides whether a write takes effect': async (bucket) => {
    const failed = { name: 'PreconditionFailed' };
    const first = await put(bucket, 'if/a', '1', null);
    await assert.rejects(put(bucket, 'if/a', '2', null), failed);
    await put(bucket, 'if/a', '3', first);
    await assert.rejects(put(bucket, 'if/a', '4', first), failed);
    assert.equal((await bucket.get('if/a'))?.body.toString(), '3');
  },
  'of two conditional writes at once, one takes effect': async (bucket) => {
    const writes = ['1', '2'].map((text) => put(bucket, 'race/a', text, null));
    const ended = await Promise.allSettled(writes);
    assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1);
  },
  'keys of every kind are stored, copied and listed': async (bucket) => {
    for (const key of ODD_KEYS) {
      await put(bucket, `odd/${key}`, key);
      assert.equal((await bucket.get(`odd/${key}`))?.body.toString(), key);
      const copied = newObject(`copies/${key}`, 'text/plain', Buffer.from(key));
      assert.equal(await bucket.copy(`odd/${key}`, copied), true);
      assert.equal((await bucket.get(`copies/${key}`))?.body.toString(), key);
    }
    for (const folder of ['odd/', 'copies/']) {
      assert.deepEqual(
        (await bucket.list(folder)).map(({ key }) => key.slice(folder.length)),
        ODD_KEYS,
      );
    }
  },
  'a missing object cannot be copied': async (bucket) => {
    const object = newObject('copy/a', 'text/plain', Buffer.from(''));
    assert.equal(await bucket.copy('copy/none', object), false);
    assert.equal(await bucket.get('copy/a'), undefined);
  },
  'folders are listed once each': async (bucket) => {
    for (const name of ['b/1', 'b/2', 'a/b/c', 'd']) await put(bucket, `folders/${name}`, '');
    assert.deepEqual(await bucket.listFolders('folders/'), ['folders/a/', 'folders/b/']);
    assert.deepEqual(await bucket.listFolders('folders/none/'), []);
  },
  'more than a thousand objects are listed and removed; missing ones count as removed': async (
    bucket,
  ) => {
    const keys = Array.from({ length: 1203 }, (_, i) => `many/(${i})!a.json`).sort();
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => put(bucket, key, '[]')));
    }
    assert.deepEqual(
      (await bucket.list('many/')).map(({ key }) => key),
      keys,
    );
    await bucket.remove(keys.slice(0, MOST_REMOVED));
    await bucket.remove([...keys.slice(MOST_REMOVED), 'many/none']);
    assert.deepEqual(await bucket.list('many/'), []);
    await assert.rejects(bucket.remove(Array(1001).fill('many/none')));
  },
  'of two prunes that write their record at once, one wins': async (bucket) => {
    const begin = await readPruneRecord(bucket);
    const records = await Promise.all(
      ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'].map((id) =>
        writePruneRecord(bucket, begin, { removing: [id], at: new Date() }),
      ),
    );
    const winners = records.filter((record) => record !== null);
    assert.equal(winners.length, 1);
    const { removing } = await readPruneRecord(bucket);
    assert.deepEqual(removing, winners[0]?.removing);
    await bucket.remove(['prune.json']);
  },
};

/** Stores a text. */
export function put(bucket: Bucket, key: string, text: string, expected?: string | null) {
  const body = Buffer.from(text);
  return bucket.put(newObject(key, 'text/plain', body), body, expected);
}
