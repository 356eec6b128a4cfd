import type { RequestListener } from 'node:http';
import type { Release } from '../../src/catalog/release.ts';
import { type CatalogIndex, indexCatalog } from '../../src/query/catalog-index.ts';
import { COMPUTED_LABELS } from '../../src/query/labels.ts';
import { evaluatedAnswer } from '../evaluated-answer.ts';

/** The only platforms that the reference knows. */
const PLATFORMS = ['linux-amd64', 'darwin-amd64', 'windows-amd64'];

/**
 * The reference service over a catalog, as clients see it: with its differences from ours (docs/api.md, Differences from the
 * reference, 1, 2, 4, 6, 9, 14, 15 and 16). Its answers are those that were recorded.
 */
export function fakeReference(releases: readonly Release[]): RequestListener {
  const catalog = indexCatalog(releases.map(withThreePlatforms));
  return (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://reference');
    const send = (status: number, type: string, body: string) => {
      const length = Buffer.byteLength(body);
      response.writeHead(status, { 'content-type': type, 'content-length': length }).end(body);
    };
    const refuse = (status: number, text: string) =>
      send(status, 'text/plain; charset=utf-8', `${text}\n`);
    if (request.url?.startsWith('//')) {
      response.writeHead(301, { location: request.url.slice(1) }).end();
    } else if (request.method !== 'GET') refuse(405, '');
    else if (pathname === '/api/v1/labels') {
      send(200, 'application/json', JSON.stringify(COMPUTED_LABELS.map(inOtherWords)));
    } else if (pathname === '/api/v1/health') {
      send(200, 'application/health+json', '{"status":"pass","version":"1","releaseID":"v1"}');
    } else if (pathname !== '/api/v1/plugins') refuse(404, '404 page not found');
    else {
      const query = search.slice(1);
      const body = answer(catalog, query);
      const isVersion = !/server_version=(?!\d+\.\d+\.\d+)./.test(query);
      if (body === null) refuse(isVersion ? 400 : 500, 'invalid request');
      else send(200, 'application/json', body);
    }
  };
}

function answer(catalog: CatalogIndex, query: string): string | null {
  const body = evaluatedAnswer(catalog, query);
  if (body === null) return null;
  const plugins = JSON.parse(body) as { labels?: { name: string }[]; manifest: object }[];
  return `${escapeAsGo(JSON.stringify(plugins.map(inOtherForm)))}\n`;
}

/** Labels in its own words, an unknown field of the manifest dropped, keys in another order. */
function inOtherForm({
  labels,
  manifest,
  ...fields
}: {
  labels?: { name: string }[];
  manifest: object;
}) {
  const { unknown: _, ...known } = manifest as { unknown?: unknown };
  return { manifest: known, ...fields, ...(labels ? { labels: labels.map(inOtherWords) } : {}) };
}

function inOtherWords(label: { readonly name: string }) {
  return { ...label, description: `${label.name}, in other words` };
}

function withThreePlatforms(release: Release): Release {
  const known = Object.entries(release.platforms).filter(([name]) => PLATFORMS.includes(name));
  return { ...release, platforms: Object.fromEntries(known) };
}

function escapeAsGo(json: string): string {
  return json.replace(/[<>&]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`);
}
