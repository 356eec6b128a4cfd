import type { Release } from '../../catalog/release.ts';
import { webLink } from '../../lib/web-link.ts';
import { runsOn } from '../../mattermost/platforms.ts';
import { h, type Piece } from '../shared/piece.ts';
import { nameOf } from '../shared/plugin-card.ts';
import { orNewer } from '../shared/server-words.ts';
import { formatDay, platformWords } from '../shared/words.ts';
import { pluginPagePath } from './page-frame.ts';

/**
 * A plugin as search engines read it (schema.org, SoftwareApplication). A block of data is no script, so the content security
 * policy does not apply to it.
 *
 * @param siteUrl address of the site; empty: unknown
 */
export function pluginData(release: Release, siteUrl: string): Piece {
  const { manifest } = release;
  const on = platformWords(runsOn(release));
  const minServer = manifest.min_server_version;
  const data = {
    '@context': 'https://schema.org',
    '@type': 'SoftwareApplication',
    name: nameOf({ id: manifest.id, name: manifest.name ?? '' }),
    description: manifest.description || undefined,
    url: siteUrl === '' ? undefined : `${siteUrl}/${pluginPagePath(manifest.id)}`,
    applicationCategory: 'CommunicationApplication',
    applicationSuite: 'Mattermost',
    softwareVersion: manifest.version,
    softwareRequirements: minServer ? `Mattermost server ${orNewer(minServer)}` : 'Mattermost',
    operatingSystem: on,
    dateModified: formatDay(release.updated_at)?.iso,
    downloadUrl: webLink(release.download_url),
    releaseNotes: webLink(release.release_notes_url),
    sameAs: webLink(release.homepage_url || manifest['homepage_url']),
  };
  return h('script', { type: 'application/ld+json' }, JSON.stringify(data));
}
