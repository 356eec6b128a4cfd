import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.join(import.meta.dirname, '../..');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const docs = (await readdir(path.join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...docs.map((name) => `docs/${name}`)];

for (const page of pages) {
  test(`every link of ${page} leads to what is there`, async () => {
    const text = await readFile(path.join(ROOT, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
    assert.ok(links.length > 0);
    for (const [link, file = '', anchor] of links) {
      const target = file === '' ? page : path.join(path.dirname(page), file);
      await access(path.join(ROOT, target)).catch(() => assert.fail(`${link}: no ${target}`));
      if (anchor === undefined) continue;
      const anchors = anchorsOf(await readFile(path.join(ROOT, target), 'utf8'));
      assert.ok(anchors.includes(anchor), `${link}: ${target} has ${anchors.join(', ')}`);
    }
  });
}

test('the pages and the README say of settings only what servers have', async () => {
  const known = new Set([
    'PluginSettings.Enable',
    'PluginSettings.EnableRemoteMarketplace',
    'PluginSettings.EnableUploads',
    'PluginSettings.MarketplaceURL',
    'PluginSettings.RequirePluginSignature',
    'PluginSettings.SignaturePublicKeyFiles',
    'PluginSettings.AllowInsecureDownloadURL',
    'ServiceSettings.AllowedUntrustedInternalConnections',
    'ServiceSettings.EnableInsecureOutgoingConnections',
  ]);
  for (const page of pages) {
    const text = await readFile(path.join(ROOT, page), 'utf8');
    for (const [name] of text.matchAll(/(?:Plugin|Service)Settings\.\w+/g)) {
      assert.ok(known.has(name), `${page}: ${name}`);
    }
  }
});
