import type { Label } from '../release.ts';
import type { NoticeInEffect } from './apply-notices.ts';
import type { Advisory, Notice, Severity } from './notice.ts';

/** So many versions are named. */
const MOST_VERSIONS = 5;

/** A notice in sentences: `4.1.0 is suspended: servers are not offered it any more.` */
export function noticeWords({
  notice,
  versions,
}: Pick<NoticeInEffect, 'notice' | 'versions'>): string {
  const isOne = versions.length === 1;
  const named = versions.slice(0, MOST_VERSIONS);
  const others = versions.length - named.length;
  const which = others > 0 ? `${named.join(', ')} and ${others} more` : named.join(', ');
  const are = isOne ? 'is' : 'are';
  if (notice.kind === 'advisory') {
    return `Security advisory, ${notice.severity} severity, for ${which}: ${describeAdvisory(notice)}`;
  }
  return notice.kind === 'deprecated'
    ? `${which} ${are} deprecated.`
    : `${which} ${are} suspended: servers are not offered ${isOne ? 'it' : 'them'} any more.`;
}

const COLORS: Readonly<Record<Severity | 'deprecated', string>> = {
  critical: '#d24b4e',
  high: '#d24b4e',
  medium: '#cc8f00',
  low: '#cc8f00',
  deprecated: '#8b8d94',
};

/** How servers show a notice: the name in capitals, the description to who points at it, the reason to who clicks it. */
export function labelOf(notice: Notice): Label {
  const { reason: url } = notice;
  if (notice.kind !== 'advisory') {
    const description = 'This release is deprecated. Click to read why.';
    return { name: 'Deprecated', description, url, color: COLORS.deprecated };
  }
  return {
    name: `Security: ${notice.severity}`,
    description: describeAdvisory(notice),
    url,
    color: COLORS[notice.severity],
  };
}

/** Such as `Anyone can read all issues. Fixed in 4.1.2.` */
export function describeAdvisory({ severity, title, fixed_in }: Advisory): string {
  const what = title ?? `This release has a vulnerability of ${severity} severity`;
  const fix = fixed_in === undefined ? 'There is no fix yet' : `Fixed in ${fixed_in}`;
  return `${what.replace(/\.$/, '')}. ${fix}.`;
}
