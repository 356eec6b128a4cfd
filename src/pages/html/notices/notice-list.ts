import type { NoticeInEffect } from '../../../catalog/notices/apply-notices.ts';
import { noticeWords } from '../../../catalog/notices/describe-notice.ts';
import { webLink } from '../../../lib/web-link.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { nameOf } from '../../shared/plugin-card.ts';
import { section } from '../elements.ts';
import { pluginPagePath } from '../page-frame.ts';

/** What the maintainers of the marketplace say of a plugin's releases, a paragraph each, with the reason. */
export function noticeList(notices: readonly NoticeInEffect[]): Piece {
  if (notices.length === 0) return undefined;
  const paragraphs = notices.map((one) =>
    h('p', { class: 'warning' }, `${noticeWords(one)} `, reason(one)),
  );
  return h('div', { class: 'notices' }, paragraphs);
}

/** The plugins of which no release is offered any more: they have no page. */
export function suspendedPlugins(notices: readonly NoticeInEffect[], ids: Set<string>): Piece {
  const suspended = notices.filter(
    ({ notice }) => notice.kind === 'suspended' && !ids.has(notice.plugin),
  );
  if (suspended.length === 0) return undefined;
  const items = suspended.map((one) =>
    // By this the page of an address that leads nowhere finds what was there.
    h(
      'li',
      { 'data-suspended': lastPartOf(one.notice.plugin) },
      h('bdi', {}, nameOfPlugin(one)),
      `: ${noticeWords(one)} `,
      reason(one),
    ),
  );
  return section('suspended', 'Suspended', h('ul', { role: 'list' }, items));
}

function lastPartOf(id: string): string {
  return pluginPagePath(id).split('/')[1] ?? '';
}

/** The name of the plugin, or its id if it has none. */
export function nameOfPlugin({ notice, name }: NoticeInEffect): string {
  return nameOf({ id: notice.plugin, name });
}

function reason({ notice }: NoticeInEffect): Piece {
  const href = webLink(notice.reason);
  return href && h('a', { href }, notice.kind === 'advisory' ? 'Read the advisory' : 'Read why');
}
