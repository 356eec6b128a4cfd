import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { makeCertificates } from '../../test/engines/certificates.ts';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { type Cleanup, makeFolder } from '../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { builtSite } from '../../test/sites/built-site.ts';
import { readReleases } from '../../test/sites/planned-site.ts';
import type { Release } from '../catalog/release.ts';
import { send } from '../hosts/embedded/fixture-client.ts';
import { startServer } from '../hosts/embedded/start-server.ts';
import { readKeys, type VerificationKey } from '../signatures/read-keys.ts';
import type { Snapshot } from '../snapshot/parse-snapshot.ts';
import { readSnapshot } from '../snapshot/read-snapshot.ts';
import { LOOKUP, type Lookup } from './ask/connections.ts';
import { type ProbeReport, probeMarketplace } from './probe-marketplace.ts';
import type { ProbeOptions } from './probe-options.ts';

/** An answer on its way to the probe, which a test changes. */
export interface PassedAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What a plant returns that has answered by itself. */
export const HANDLED = 'handled';

/** What a planted fault does to an answer; returns `HANDLED` if it has answered by itself. */
export type Plant = (
  answer: PassedAnswer,
  request: { readonly method: string; readonly target: string; readonly headers: object },
  response: ServerResponse,
) => unknown;

/** A marketplace with signed bundles in a store, built and served. */
export interface SoundMarketplace {
  readonly releases: readonly Release[];
  readonly out: string;
  readonly snapshot: Snapshot;
  readonly keys: readonly VerificationKey[];
  readonly keyFile: string;
  /** The files of the store, by path. */
  readonly files: Record<string, Buffer>;
  /** Those that it declares to be encoded. */
  readonly encoded: Set<string>;
  /** What the store was asked for. */
  readonly requests: readonly IncomingMessage[];
  readonly url: string;
  readonly folder: string;
}

/** When the newest release of the marketplace was made. */
export const UPDATED = '2026-05-01T00:00:00Z';

/** A moment some days later. */
export const SOON = new Date('2026-05-11T12:00:00Z');

/** Makes a marketplace without faults. It is gone with the test, or with all tests of a file. */
export async function makeMarketplace(t: TestContext | Cleanup): Promise<SoundMarketplace> {
  const folder = await makeFolder(t);
  const key = await makeSigningKey();
  const files: Record<string, Buffer> = {};
  const encoded = new Set<string>();
  const store = await startLoopback(t as TestContext, (request, response) => {
    if (encoded.has(request.url ?? '')) response.setHeader('content-encoding', 'gzip');
    serveFiles(files)(request, response);
  });
  const offer = async (name: string, content: Buffer) => {
    files[`/${name}`] = content;
    const signature = (await key.sign(content)).toString('base64');
    return { download_url: `${store.url}/${name}`, signature };
  };
  const entryOf = async (id: string, version: string, min: string, more: object = {}) => {
    const manifest = makeManifest(id, version, { min_server_version: min });
    const bundle = await offer(`${id}-${version}.tar.gz`, await makeBundle(manifest));
    return { ...bundle, manifest, updated_at: UPDATED, ...more };
  };
  const abc = await entryOf('com.example.abc', '1.1.0', '6.5.0');
  const arm = await offer('abc-arm.tar.gz', await makeBundle(abc.manifest, ['darwin-arm64']));
  const entries = [
    await entryOf('com.example.abc', '1.0.0', '', { updated_at: '2025-01-01T00:00:00Z' }),
    { ...abc, platforms: { 'darwin-arm64': arm } },
    await entryOf('com.example.paid', '2.0.0', '', { enterprise: true, release_stage: 'beta' }),
    await entryOf('com.example.shared', '3.0.0', '9.0.0', { author_type: 'community' }),
  ];
  const keyFile = path.join(folder, 'key.asc');
  await writeFile(keyFile, key.publicKey);
  const releases = readReleases(entries);
  const { out, remove } = await builtSite(releases);
  t.after(remove);
  const server = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  const { snapshot } = await readSnapshot(out);
  const keys = await readKeys([keyFile], folder);
  const { requests } = store;
  const { url } = server;
  return { releases, out, snapshot, keys, keyFile, files, encoded, requests, url, folder };
}

export interface PassOptions {
  readonly plant?: Plant | undefined;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where it listens. Default: a free port of 127.0.0.1. */
  readonly listen?: { readonly host: string; readonly port: number };
}

/** Passes a marketplace on, with a fault. Returns the port. */
export async function passOn(
  t: TestContext,
  upstream: string,
  { plant, tls, listen = { host: '127.0.0.1', port: 0 } }: PassOptions = {},
): Promise<number> {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: target = '/', headers } = request;
    const { host: _, connection: __, ...sent } = headers;
    const answered = await send(upstream, { method, path: target, headers: sent });
    const { 'transfer-encoding': ___, connection: ____, ...rest } = answered.headers;
    const answer: PassedAnswer = {
      status: answered.status,
      headers: rest as Record<string, string>,
      body: answered.body,
    };
    if ((await plant?.(answer, { method, target, headers }, response)) === HANDLED) return;
    const bodiless = method === 'HEAD' || answer.status === 304;
    const length = bodiless ? {} : { 'content-length': String(answer.body.length) };
    response.writeHead(answer.status, { ...answer.headers, ...length });
    response.end(bodiless ? undefined : answer.body);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    pass(request, response).catch(() => response.destroy());
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(listen.port, listen.host, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The name of the marketplace in tests of certificates, and what it leads to. */
export const NAME = 'marketplace.internal';
export const lookupOf =
  (...addresses: string[]): Lookup =>
  async (host) =>
    host === NAME ? addresses.map((address) => ({ address, family: 4 })) : await LOOKUP(host);

/** A probe of a marketplace, patient enough for a busy machine. */
export async function probe(
  t: TestContext,
  options: Partial<ProbeOptions> & Pick<ProbeOptions, 'url'>,
): Promise<ProbeReport> {
  return await probeMarketplace({
    ...{ now: SOON, lookup: LOOKUP, addresses: [], authorities: [], keys: [], snapshotKeys: [] },
    ...{ mostVerified: Number.POSITIVE_INFINITY, folder: await makeFolder(t) },
    ...{ warnDays: 14, slowMs: 60_000, answerMs: 60_000 },
    ...{ mostRequests: 500, mostMs: 300_000, concurrency: 4, onProgress: () => {} },
    ...options,
  });
}

/** Certificates for the name: a sound one, and one that has expired. */
export async function certify(folder: string, isExpired = false, names = `DNS:${NAME}`) {
  const certificates = await makeCertificates(folder, names);
  if (!isExpired) return certificates;
  const request = ['-req', '-in', 'marketplace.csr', '-copy_extensions', 'copy', '-days', '0'];
  const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  const args = ['x509', ...request, ...issuer, '-out', 'marketplace.pem'];
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  return { ...certificates, cert: await readFile(certificates.files.cert, 'utf8') };
}
