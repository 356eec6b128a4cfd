import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { nginxConfigFiles } from '../site/nginx-config.ts';
import { makeFolder } from '../testing/make-folder.ts';
import { configuredListen, configureNginx, listenOn, runningPid, toUrl } from './nginx-process.ts';

// What the pid file holds, which process runs by it. A signal to process 0 or -1 would reach all of a group, or of a user.
const pids: readonly (readonly [string, number | undefined])[] = [
  [`${process.pid}\n`, process.pid],
  [String(process.pid), process.pid],
  ['', undefined],
  ['\n', undefined],
  ['0\n', undefined],
  ['-1\n', undefined],
  [`-${process.pid}`, undefined],
  ['1.5', undefined],
  ['nginx', undefined],
  // Larger than any process id of Linux.
  ['4194305', undefined],
];

for (const [text, expected] of pids) {
  test(`a pid file that holds ${JSON.stringify(text)} names ${expected === undefined ? 'nobody' : 'a process'}`, async (t) => {
    const root = await makeFolder(t);
    await writeFile(path.join(root, 'nginx.pid'), text);
    assert.equal(await runningPid(root), expected);
  });
}

test('where there is no pid file nothing runs', async (t) => {
  assert.equal(await runningPid(await makeFolder(t)), undefined);
});

// Host, port, what nginx listens on, the address for a client.
const places: readonly (readonly [string, number, string, string])[] = [
  ['127.0.0.1', 8085, '127.0.0.1:8085', 'http://127.0.0.1:8085'],
  ['0.0.0.0', 80, '0.0.0.0:80', 'http://localhost:80'],
  ['::', 8085, '[::]:8085', 'http://localhost:8085'],
  ['::1', 8085, '[::1]:8085', 'http://[::1]:8085'],
  ['plugins.example.com', 443, 'plugins.example.com:443', 'http://plugins.example.com:443'],
  ['10.0.0.0', 1, '10.0.0.0:1', 'http://10.0.0.0:1'],
];

for (const [host, port, listen, url] of places) {
  test(`an nginx at ${host} port ${port} listens on ${listen} and is called by ${url}`, async (t) => {
    assert.equal(listenOn(host, port), listen);
    assert.equal(toUrl(listen), url);
    const root = await makeFolder(t);
    await mkdir(path.join(root, 'edge'));
    const [config] = nginxConfigFiles('off');
    await writeFile(path.join(root, 'edge/nginx.conf'), config?.content ?? '');
    await configureNginx({ command: 'nginx', modules: '/opt/$&/modules' }, root, listen);
    assert.equal(await configuredListen(root), listen);
    const text = await readFile(path.join(root, 'nginx.conf'), 'utf8');
    assert.match(text, /^load_module \/opt\/\$&\/modules\//m, 'taken as it stands');
  });
}
