import { type CatalogIndex, groupByPlugin } from '../../query/catalog-index.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { pluginPagePath } from '../html/page-frame.ts';
import { daysOf } from '../shared/words.ts';
import { escapeXml } from './feed.ts';

/** `/robots.txt`: crawlers need none of the thousands of answers. Only the one at the root of a host is read. */
export function robotsFile(siteUrl: string): SiteFile {
  const root = siteUrl === '' ? '' : new URL(siteUrl).pathname.replace(/\/$/, '');
  const lines = [
    ...['User-agent: *', `Disallow: ${root}/api/`],
    ...(siteUrl === '' ? [] : [`Sitemap: ${siteUrl}/sitemap.xml`]),
  ];
  return {
    path: 'site/robots.txt',
    contentType: 'text/plain; charset=utf-8',
    content: `${lines.join('\n')}\n`,
  };
}

/** `/sitemap.xml`: the pages with the days of their newest releases. Its addresses are absolute: without the site's, it is empty. */
export function sitemapFile(catalog: CatalogIndex, siteUrl: string): SiteFile {
  const plugins = groupByPlugin(catalog).map(
    (releases) => [pluginPagePath(releases[0]?.id ?? ''), daysOf(releases).at(-1)] as const,
  );
  const pages = [[''] as const, ['plugins/'] as const, ['about/'] as const, ...plugins];
  const urls = pages.map(([path, day]) => {
    const changed = day === undefined ? '' : `<lastmod>${day}</lastmod>`;
    return `<url><loc>${escapeXml(`${siteUrl}/${path}`)}</loc>${changed}</url>`;
  });
  return {
    path: 'site/sitemap.xml',
    contentType: 'application/xml; charset=utf-8',
    content: `${[
      '<?xml version="1.0" encoding="utf-8"?>',
      '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
      ...(siteUrl === '' ? [] : urls),
      '</urlset>',
    ].join('\n')}\n`,
  };
}
