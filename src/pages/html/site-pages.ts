import type { Space } from '../../query/audience/space.ts';
import { groupByPlugin } from '../../query/catalog-index.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { assetPath, bundleAssets } from '../assets/bundle-assets.ts';
import { type IconSet, logoPath } from '../assets/icon-set.ts';
import { defaultLogo } from '../assets/logo.ts';
import type { Picture } from '../assets/picture.ts';
import { feedFile } from '../feeds/feed.ts';
import { openApiFile } from '../feeds/open-api.ts';
import { aboutPage } from './about-page.ts';
import { listFile } from './list-file.ts';
import { listPage } from './list-page.ts';
import { type Frame, pageFile } from './page-frame.ts';
import { pluginPage } from './plugin-page.ts';

/** The settings that a marketplace shows on its pages. */
export interface SiteOptions
  extends Pick<BuildSettings, 'siteTitle' | 'accentColor' | 'introduction' | 'siteUrl'> {
  /** The logo; undefined: the default one. */
  readonly logoPicture?: Picture | undefined;
}

/** The web pages, and the files they load. */
export interface SitePages {
  readonly files: readonly SiteFile[];
  /** The page that shows the id of the snapshot, which is known only when everything else is. */
  readonly namingFile: (snapshotId: string) => SiteFile;
}

/** Makes the web pages of a catalog. */
export async function sitePages(
  space: Pick<Space, 'catalog' | 'steps' | 'platforms'>,
  icons: IconSet,
  options: SiteOptions,
): Promise<SitePages> {
  const { siteTitle: title, introduction, siteUrl } = options;
  const logo = options.logoPicture ?? defaultLogo(options.accentColor);
  const assets = await bundleAssets(options.accentColor);
  const frame: Frame = {
    title,
    logo: logoPath(logo),
    styleSheet: assetPath(assets.styleSheet),
    script: assetPath(assets.script),
  };
  const list = listFile({ ...space, icons });
  const pages = [
    listPage({ ...space, icons, introduction, listFile: assetPath(list) }),
    ...groupByPlugin(space.catalog).map((plugin) =>
      pluginPage(plugin, { steps: space.steps, icons, siteUrl }),
    ),
  ];
  return {
    files: [
      ...pages.map((page) => pageFile(page, frame)),
      feedFile({ catalog: space.catalog, title, siteUrl }),
      openApiFile({ title, siteUrl }),
      list,
      assets.styleSheet,
      assets.script,
      ...icons.files(logo),
    ],
    namingFile: (snapshotId) => pageFile(aboutPage({ ...space, snapshotId, siteUrl }), frame),
  };
}
