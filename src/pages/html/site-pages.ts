import type { NoticeInEffect } from '../../catalog/notices/apply-notices.ts';
import type { VerifiedRecords } from '../../catalog/verified/verified-file.ts';
import { digestOf } from '../../lib/digests.ts';
import type { Space } from '../../query/audience/space.ts';
import { groupByPlugin, type IndexedRelease } from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { PAGES_FOLDER } from '../../router/headers/headers.ts';
import { type BuildSettings, parseFooterLink } from '../../settings/build-settings.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { bundleAssets } from '../assets/bundle-assets.ts';
import type { LoadedFiles } from '../assets/loaded-files.ts';
import { defaultLogo } from '../assets/logo.ts';
import { type Picture, SVG_TYPE } from '../assets/picture.ts';
import { touchIcon } from '../assets/touch-icon.ts';
import { robotsFile, sitemapFile } from '../feeds/crawlers.ts';
import { feedFile } from '../feeds/feed.ts';
import { openApiFile } from '../feeds/open-api.ts';
import { nameOf } from '../shared/plugin-card.ts';
import { aboutPage } from './about-page.ts';
import { indexPage } from './index-page.ts';
import { listFile } from './list-file.ts';
import { listPage } from './list-page.ts';
import { type Frame, pageFile } from './page-frame.ts';
import { pluginPage } from './plugin-page.ts';
import type { BundleDigests } from './releases/bundle-list.ts';

/** The settings that a marketplace shows on its pages. */
export interface SiteOptions
  extends Pick<
    BuildSettings,
    'siteTitle' | 'accentColor' | 'introduction' | 'siteUrl' | 'footerLinks' | 'requestUrl'
  > {
  /** The logo; undefined: the default one. */
  readonly logoPicture?: Picture | undefined;
  /** What the maintainers of the marketplace say of releases. Default: nothing. */
  readonly notices?: readonly NoticeInEffect[];
  /** Of the bundles that a pack knows. */
  readonly digests?: BundleDigests;
  /** What was seen of bundles when they were verified. Default: nothing. */
  readonly evidence?: VerifiedRecords;
}

/** The web pages, and the files they load. */
export interface SitePages {
  readonly files: readonly SiteFile[];
  /** The digest in the addresses of what pages load. */
  readonly digest: string;
  /** The page that shows the id of the snapshot, which is known only when everything else is. */
  readonly namingFile: (snapshotId: string) => SiteFile;
}

/** Makes the web pages of a catalog. */
export async function sitePages(
  space: Pick<Space, 'catalog' | 'steps' | 'platforms'>,
  loaded: LoadedFiles,
  options: SiteOptions,
): Promise<SitePages> {
  const { siteTitle: title, introduction, siteUrl, notices = [] } = options;
  const { accentColor, footerLinks, requestUrl } = options;
  const { digests = new Map(), evidence = new Map() } = options;
  const logo = options.logoPicture ?? defaultLogo(accentColor);
  const icons = loaded.name({
    ...(await bundleAssets(accentColor)),
    logo,
    touchIcon: options.logoPicture ?? (await touchIcon(accentColor)),
  });
  const { folder } = icons;
  const list = listFile({ ...space, folder, numberOf: (icon) => loaded.numberOf(icon) });
  const frame: Frame = {
    ...{ title, siteUrl, requestUrl },
    logo: icons.pathTo('logo'),
    touchIcon:
      options.logoPicture?.contentType === SVG_TYPE ? undefined : icons.pathTo('touchIcon'),
    styleSheet: icons.pathTo('styleSheet'),
    script: icons.pathTo('script'),
    footerLinks: footerLinks.map(parseFooterLink),
  };
  const plugins = groupByPlugin(space.catalog);
  const pages = [
    listPage({ ...space, icons, introduction, listPath: addressOf(list) }),
    indexPage(space.catalog, notices),
    ...plugins.map((plugin) =>
      pluginPage(plugin, { steps: space.steps, icons, siteUrl, digests, evidence, notices }),
    ),
  ];
  return {
    files: [
      ...pages.map((page) => pageFile(page, frame)),
      feedFile({ catalog: space.catalog, title, siteUrl, notices }),
      ...plugins.map((releases) => pluginFeed(releases, siteUrl, notices)),
      openApiFile({ title, siteUrl }),
      list,
      robotsFile(siteUrl),
      sitemapFile(space.catalog, siteUrl),
      { path: 'site/favicon.ico', ...logo },
      ...icons.files,
    ],
    digest: icons.digest,
    namingFile: (snapshotId) => pageFile(aboutPage({ ...space, snapshotId, siteUrl }), frame),
  };
}

/** The address of a file, from the root of the site. Caches heed the digest, the router does not. */
const addressOf = ({ path, content }: SiteFile): string =>
  `${path.slice(PAGES_FOLDER.length)}?${digestOf(content).slice(0, 8)}`;

/** @param releases of one plugin */
function pluginFeed(
  releases: readonly IndexedRelease[],
  siteUrl: string,
  all: readonly NoticeInEffect[],
): SiteFile {
  const [newest] = everyPlugin(releases) as [IndexedRelease];
  const { id, release } = newest;
  const title = nameOf({ id, name: release.manifest.name ?? '' });
  const notices = all.filter(({ notice }) => notice.plugin === id);
  return feedFile({ catalog: releases, title, siteUrl, notices, pluginId: id });
}
