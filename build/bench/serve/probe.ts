import assert from 'node:assert/strict';
import { digestOf } from '../../../src/lib/digests.ts';
import { makeRouter } from '../../../src/snapshot/table/make-router.ts';
import type { BuiltSite } from '../inputs/sites.ts';

/** The files that answer requests, as the router names them: one for each target. */
export function pathsOf({ snapshot }: BuiltSite, targets: readonly string[]): string[] {
  const ask = makeRouter(snapshot.router.table);
  return targets.map((target) => {
    const routed = ask('GET', target);
    assert.ok('path' in routed, `${target} is answered by no file`);
    return routed.path;
  });
}

/**
 * Asks a server for each target once: its answers have to be the files of the site, to the byte. That also brings them into
 * the server's memory, where it keeps them there.
 *
 * @param paths of the files, one for each target
 * @throws {AssertionError} where an answer is another one: it makes no sense to measure what is wrong
 */
export async function probe(
  url: string,
  targets: readonly string[],
  paths: readonly string[],
  acceptsGzip: boolean,
  { snapshot }: BuiltSite,
): Promise<void> {
  const digests = new Map(snapshot.files.map((file) => [`/${file.path}`, file.sha256]));
  const expected = new Map(targets.map((target, i) => [target, paths[i] as string]));
  for (const [target, path] of expected) {
    const headers = { 'accept-encoding': acceptsGzip ? 'gzip' : 'identity' };
    const response = await fetch(url + target, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    const sha256 = digestOf(body);
    assert.equal(response.status, 200, target);
    assert.equal(sha256, digests.get(path), `${target} is answered as ${path}`);
  }
}
