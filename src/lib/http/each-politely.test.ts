import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachPolitely } from './each-politely.ts';

/** Asks URLs, each of which is answered once nothing else is left to start; returns how many requests a host got at once. */
async function ask(urls: readonly string[], perHost: number) {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  let together = 0;
  let mostTogether = 0;
  const answers = await eachPolitely(
    urls,
    { perHost, pauseMs: 7, sleep: async (ms) => assert.equal(ms, 7) },
    async (url) => {
      const { host } = new URL(url);
      now.set(host, (now.get(host) ?? 0) + 1);
      most.set(host, Math.max(most.get(host) ?? 0, now.get(host) ?? 0));
      mostTogether = Math.max(mostTogether, ++together);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now.set(host, (now.get(host) ?? 0) - 1);
      together--;
      return url;
    },
  );
  assert.deepEqual(answers, urls, 'answers are in the order of the URLs');
  return { most: Object.fromEntries(most), mostTogether };
}

test('a host gets as many requests at a time as allowed', async () => {
  const urls = Array.from({ length: 7 }, (_, i) => `http://a/${i}`);
  assert.deepEqual(await ask(urls, 1), { most: { a: 1 }, mostTogether: 1 });
  assert.deepEqual(await ask(urls, 3), { most: { a: 3 }, mostTogether: 3 });
});

test('a host holds up nobody else, and another port is another host', async () => {
  const hosts = ['a', 'b', 'a:81', 'a:82'];
  const urls = [0, 1, 2].flatMap((i) => hosts.map((host) => `http://${host}/${i}`));
  const one = Object.fromEntries(hosts.map((host) => [host, 1]));
  assert.deepEqual(await ask(urls, 1), { most: one, mostTogether: hosts.length });
});
