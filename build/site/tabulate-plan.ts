import type { SitePlan } from '../../src/site/plan/plan-site.ts';
import { formatTable } from '../cli/format-table.ts';
import { formatBytes } from './summarize.ts';

/** The output of a build, with a row for each part of the space of answers. */
export function tabulatePlan({ parts, answers, cloudFront }: SitePlan): string {
  const rows = parts.map((part) => {
    const least = part.isPublished || part.files === 0 ? '' : '> ';
    return {
      tier: `${part.tier}`,
      part: part.name,
      files: `${least}${part.files}`,
      bytes: `${least}${formatBytes(part.bytes)}`,
      published: part.isPublished ? 'yes' : 'no',
      setting: part.setting,
    };
  });
  const total = {
    ...{ tier: '', part: 'published in all', published: '', setting: '' },
    ...{ files: `${answers.used.files}`, bytes: formatBytes(answers.used.bytes) },
  };
  const table = formatTable([...rows, total], ['tier', 'part', 'published', 'setting']);
  const size = cloudFront
    ? `CloudFront Function: ${Buffer.byteLength(cloudFront.code)} bytes\n`
    : '';
  return `${table.replace(/^ {2}/gm, '')}${size}`;
}
