import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that decompresses gzip by code of its own: not by ours, and not by Node's zlib. */
export interface Decoder {
  readonly name: string;
  /** Why it cannot be used; false where it can. CI installs all of them. */
  readonly skip: string | false;
  /** The SHA-256, in hex, of what each of some answers holds; `url` serves them with `Content-Encoding: gzip`. */
  readonly digests: (url: string, names: readonly string[], told: Told) => Promise<string[]>;
}

/** Waits for what a page sends to `/told`. */
export type Told = Promise<string>;

/** Nothing that is started here takes longer. */
const LIMIT_MS = 60_000;

/** The ones that clients have: servers are written in Go, people have browsers and curl. */
export const DECODERS: readonly Decoder[] = [
  { name: 'Go', skip: skipWithout('go', 'golang-go'), digests: readByGo },
  { name: 'Chromium', skip: skipWithout('chromium', 'chromium'), digests: readByChromium },
  { name: 'curl', skip: skipWithout('curl', 'curl'), digests: readByCurl },
];

function skipWithout(command: string, name: string): string | false {
  const isThere = spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0;
  return !isThere && `needs ${command}: apt-get install ${name}`;
}

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

async function readByGo(url: string, names: readonly string[]): Promise<string[]> {
  return await inFolder(async (folder) => {
    const program = path.join(folder, 'read.go');
    await writeFile(program, GO_PROGRAM);
    const env = { ...process.env, GOCACHE: path.join(folder, 'cache'), GOFLAGS: '', GOWORK: 'off' };
    return lines(await run('go', ['run', program, ...names.map((name) => url + name)], env));
  });
}

async function readByCurl(url: string, names: readonly string[]): Promise<string[]> {
  return await inFolder(async (folder) => {
    const files = names.map((_, number) => path.join(folder, String(number)));
    const transfers = files.flatMap((file, number) => ['-o', file, url + names[number]]);
    await run('curl', ['--compressed', '--silent', '--show-error', '--fail', ...transfers]);
    return lines(await run('sha256sum', files)).map((line) => line.split(' ')[0] ?? '');
  });
}

/** What the page runs. */
const SCRIPT = `
  async function digest(name) {
    const response = await fetch(name);
    const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  async function main() {
    const digests = [];
    for (const name of NAMES) digests.push(await digest(name).catch(String));
    await fetch('/told', { method: 'POST', body: digests.join('\\n') });
  }
  main();
`;

/** A page, for the server to show at \`/\`, that reads answers and tells their digests. */
export function digestPage(names: readonly string[]): string {
  return `<!doctype html><script>${SCRIPT.replace('NAMES', JSON.stringify(names))}</script>`;
}

async function readByChromium(
  url: string,
  _names: readonly string[],
  told: Told,
): Promise<string[]> {
  return await inFolder(async (folder) => {
    const options = [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--remote-debugging-port=0', `--user-data-dir=${folder}`],
    ];
    // A process group of its own, so that what it starts ends with it.
    const child = spawn('chromium', [...options, `${url}/`], {
      stdio: 'ignore',
      detached: true,
      // It is killed, and leaves there what it made.
      env: { ...process.env, TMPDIR: folder },
    });
    const ended = once(child, 'exit');
    const limit = new AbortController();
    const late = sleep(LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
      throw new Error('Chromium told nothing');
    });
    try {
      return lines(await Promise.race([told, late]));
    } finally {
      limit.abort();
      late.catch(() => {});
      process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    }
  });
}

async function run(command: string, args: readonly string[], env = process.env): Promise<string> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const [said, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0) return said;
  throw new Error(`${command} ended with ${code}: ${complained}`);
}

const lines = (said: string) => said.trimEnd().split('\n');

async function inFolder<Result>(act: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-decoder-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
