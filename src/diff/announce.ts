import type { NoticeInEffect } from '../catalog/notices/apply-notices.ts';
import { noticeWords } from '../catalog/notices/describe-notice.ts';
import type { Release } from '../catalog/release.ts';
import { count } from '../lib/errors.ts';
import { webLink } from '../lib/web-link.ts';
import type { CatalogDiff } from './catalog-diff.ts';
import { toLinkTarget, toPlainText } from './escape.ts';

/** What an incoming webhook of Mattermost takes. */
export interface WebhookMessage {
  readonly text: string;
}

/** A post holds 16,383 characters. */
const MAX_LENGTH = 15_000;

/**
 * A message about the releases that a change adds to the catalog, and about new notices; undefined where there are none.
 *
 * @param releases of the new catalog
 */
export function announce(
  { added, noticed }: Pick<CatalogDiff, 'added' | 'noticed'>,
  releases: readonly Release[],
): WebhookMessage | undefined {
  const lines = added.flatMap(({ id, version }) => {
    const isIt = ({ manifest }: Release) => manifest.id === id && manifest.version === version;
    return releases.filter(isIt).slice(-1).map(describeRelease);
  });
  const parts = [
    { title: `Notices on the plugin marketplace: ${noticed.length}`, lines: noticed.map(describe) },
    { title: `New on the plugin marketplace: ${count(added.length, 'release')}`, lines },
  ].filter((part) => part.lines.length > 0);
  if (parts.length === 0) return undefined;
  let text = '';
  for (const { title, lines } of parts) {
    text += `${text === '' ? '' : '\n\n'}#### ${title}\n`;
    for (const [index, line] of lines.entries()) {
      if (text.length + line.length > MAX_LENGTH) {
        return { text: `${text}\nand ${lines.length - index} more` };
      }
      text += `\n${line}`;
    }
  }
  return { text };
}

/** `- **Jira**: 4.1.0 is suspended: servers are not offered it any more. [Read why](https://…)`. */
function describe(one: NoticeInEffect): string {
  const { plugin, reason } = one.notice;
  const words = toPlainText(noticeWords(one));
  return `- **${toPlainText(one.name || plugin)}**: ${words} [Read why](${toLinkTarget(reason)})`;
}

/** `- **Jira** 4.2.0 for servers 9.5.0 and newer, enterprise: [release notes](https://…)`. */
function describeRelease({ manifest, hosting, enterprise, release_notes_url }: Release): string {
  const { id, name, version, min_server_version: oldest } = manifest;
  const whom = [
    oldest ? `servers ${oldest} and newer` : 'every server',
    ...(enterprise ? ['enterprise'] : []),
    ...(hosting ? [hosting] : []),
  ];
  // An upstream may have anything there.
  const address = webLink(release_notes_url) ?? '';
  const notes = URL.canParse(address) ? `: [release notes](${toLinkTarget(address)})` : '';
  return `- **${toPlainText(name || id)}** ${version} for ${whom.join(', ')}${notes}`;
}
