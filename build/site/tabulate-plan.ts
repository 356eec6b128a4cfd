import type { SitePlan } from '../../src/site/plan/plan-site.ts';
import { formatTable } from '../cli/format-table.ts';
import { formatBytes } from './summarize.ts';

/** The output of a build, with a row for each part of the space of answers. */
export function tabulatePlan({ parts, answers, cloudFront }: SitePlan): string {
  const rows = parts.map((part) => {
    return {
      tier: `${part.tier}`,
      part: part.name,
      files: part.isPublished ? `${part.files}` : '',
      bytes: part.isPublished ? formatBytes(part.bytes) : '',
      published: part.isPublished ? 'yes' : 'no',
      setting: part.setting,
    };
  });
  const total = {
    ...{ tier: '', part: 'published in all', published: '', setting: '' },
    ...{ files: `${answers.size.files}`, bytes: formatBytes(answers.size.bytes) },
  };
  const table = formatTable([...rows, total], ['tier', 'part', 'published', 'setting']);
  const size = cloudFront
    ? `CloudFront Function: ${Buffer.byteLength(cloudFront.code)} bytes\n`
    : '';
  return `${table.replace(/^ {2}/gm, '')}${size}`;
}
