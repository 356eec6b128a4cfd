import type { CatalogIndex } from '../query/catalog-index.ts';
import type { SiteFile } from './site-files.ts';

/** The page at `/`: what this is, and three requests to try. */
export function indexPage(catalog: CatalogIndex): SiteFile {
  const ids = new Set(catalog.map(({ id }) => id));
  const id = encodeURIComponent(catalog[0]?.id ?? 'jira');
  const requests = [
    ['What a server of version 10.0.0 is offered', '/api/v1/plugins?server_version=10.0.0'],
    ['Every version of one plugin', `/api/v1/plugins?plugin_id=${id}&return_all_versions=true`],
    ['The labels a plugin can carry', '/api/v1/labels'],
  ];
  const rows = requests.map(
    ([title, url]) =>
      `<li>${title}<br><a href="${escapeHtml(url ?? '')}"><code>${escapeHtml(url ?? '')}</code></a></li>`,
  );
  const text = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mattermost plugin marketplace</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
body { max-width: 42rem; margin: 4rem auto; padding: 0 1.5rem }
h1 { font-size: 1.75rem; line-height: 1.2 }
li { margin: 0 0 1rem }
code { overflow-wrap: anywhere }
pre { overflow-x: auto; padding: 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem }
</style>
<h1>Mattermost plugin marketplace</h1>
<p>This site offers ${ids.size} plugins in ${catalog.length} releases to Mattermost servers. Every answer of its API is a file, made when the catalog last changed.</p>
<p>To use it, set this in the server's <code>config.json</code> to the address of this site:</p>
<pre><code>"PluginSettings": {
  "EnableMarketplace": true,
  "EnableRemoteMarketplace": true,
  "MarketplaceURL": "https://…"
}</code></pre>
<p>Three requests to try:</p>
<ol>
${rows.join('\n')}
</ol>
</html>
`;
  return { path: 'site/index.html', contentType: 'text/html; charset=utf-8', text };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
