import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Snapshot } from '../../src/snapshot/parse-snapshot.ts';
import { makeFolder } from '../make-folder.ts';
import { builtSite } from '../sites/built-site.ts';
import { BROWSER_OPTIONS, skipWithoutChromium } from './browser.ts';
import { startLoopback } from './loopback-server.ts';

/** The SHA-256, in hex, of what each address holds; they are served with `Content-Encoding: gzip`. */
type ReadDigests = (t: TestContext, urls: readonly string[]) => Promise<string[]>;

// Programs that decompress gzip by code of their own, neither ours nor Node's zlib: servers are written in Go, people have
// browsers and curl. CI installs all of them.
const DECODERS: readonly (readonly [name: string, skip: string | false, digests: ReadDigests])[] = [
  ['Go', skipWithout('go', 'golang-go'), readByGo],
  ['Chromium', skipWithoutChromium, readByChromium],
  ['curl', skipWithout('curl', 'curl'), readByCurl],
];

function skipWithout(command: string, name: string): string | false {
  const isThere = spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0;
  return !isThere && `needs ${command}: apt-get install ${name}`;
}

const fixture = path.join(import.meta.dirname, '../fixtures/catalogs/7.json');
const site = await builtSite(parseCatalog(readFileSync(fixture, 'utf8'), fixture).releases, 'gzip');
after(site.remove);
const snapshot: Snapshot = JSON.parse(readFileSync(path.join(site.out, 'snapshot.json'), 'utf8'));
const compressed = snapshot.files.filter(({ gzip }) => gzip !== undefined);

describe('Every compressed answer of a build', { concurrency: true }, () => {
  for (const [name, skip, digests] of DECODERS) {
    test(`is read as what it is by ${name}`, { skip }, async (t) => {
      assert.ok(compressed.length > 100, `${compressed.length} answers are compressed`);
      const bodies = new Map(
        compressed.map(({ path }) => [`/${path}`, readFileSync(`${site.out}/${path}.gz`)]),
      );
      const { url } = await startLoopback(t, (request, response) => {
        const body = bodies.get(request.url ?? '');
        if (body) assert.match(request.headers['accept-encoding'] ?? '', /gzip/);
        if (body) response.setHeader('content-encoding', 'gzip');
        response.setHeader('content-type', body ? 'application/json' : 'text/html');
        response.end(body);
      });
      assert.deepEqual(
        await digests(
          t,
          [...bodies.keys()].map((path) => url + path),
        ),
        compressed.map(({ sha256 }) => sha256),
        `invariant 3: ${name} reads other bytes`,
      );
    });
  }
});

/** Go's client asks for gzip and decompresses by itself, as in a Mattermost server. */
const GO_PROGRAM = `package main

import ("crypto/sha256"; "fmt"; "io"; "net/http"; "os")

func main() {
	for _, url := range os.Args[1:] {
		response, err := http.Get(url)
		if err != nil { panic(err) }
		if !response.Uncompressed { panic(url + " came uncompressed") }
		hash := sha256.New()
		if _, err := io.Copy(hash, response.Body); err != nil { panic(err) }
		response.Body.Close()
		fmt.Printf("%x\\n", hash.Sum(nil))
	}
}
`;

async function readByGo(t: TestContext, urls: readonly string[]): Promise<string[]> {
  const folder = await makeFolder(t);
  const program = path.join(folder, 'read.go');
  await writeFile(program, GO_PROGRAM);
  const env = { ...process.env, GOCACHE: path.join(folder, 'cache'), GOFLAGS: '', GOWORK: 'off' };
  return await run('go', ['run', program, ...urls], env);
}

async function readByCurl(t: TestContext, urls: readonly string[]): Promise<string[]> {
  const folder = await makeFolder(t);
  const files = urls.map((_, number) => path.join(folder, String(number)));
  const transfers = files.flatMap((file, number) => ['-o', file, urls[number] as string]);
  await run('curl', ['--compressed', '--silent', '--show-error', '--fail', ...transfers]);
  return (await run('sha256sum', files)).map((line) => line.split(' ')[0] ?? '');
}

/** Runs in the page. */
const DIGEST = `async (url) => {
  const response = await fetch(url);
  const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}`;

async function readByChromium(_: TestContext, urls: readonly string[]): Promise<string[]> {
  const browser = await chromium.launch(BROWSER_OPTIONS);
  try {
    const page = await browser.newPage();
    await page.goto(new URL('/', urls[0]).href);
    return await page.evaluate(`Promise.all(${JSON.stringify(urls)}.map(${DIGEST}))`);
  } finally {
    await browser.close();
  }
}

/** The lines that a program prints. */
async function run(command: string, args: readonly string[], env = process.env): Promise<string[]> {
  const limits = { timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 2 ** 24 } as const;
  const { stdout } = await promisify(execFile)(command, [...args], { ...limits, env });
  return stdout.trimEnd().split('\n');
}
