import { spellOutLine } from '../lib/spell-out.ts';
import type { Audience } from '../query/audience/audience.ts';
import { describeAudience } from '../query/audience/audience.ts';
import type { CatalogDiff, PluginDiff } from './catalog-diff.ts';
import {
  describeFields,
  describeNewest,
  describeNotices,
  groupVersions,
  summarizeDiff,
} from './describe-change.ts';

/** A diff for a terminal. */
export function formatText(diff: CatalogDiff): string {
  const plugins = diff.plugins.map((plugin) => `\n${formatPlugin(plugin)}`);
  const notices = describeNotices(diff, spellOutLine).map((line) => `${line}\n`);
  const told = notices.length > 0 ? ['\n', ...notices] : [];
  return [`${summarizeDiff(diff)}\n`, ...told, ...plugins].join('');
}

function formatPlugin({ id, name, newest, byVersion }: PluginDiff): string {
  const lines = [
    name === '' ? id : `${name} (${id})`,
    ...newest.flatMap((change) => [
      `  ${describeNewest(change)}`,
      ...change.audiences.map(formatAudience),
      ...describeFields(change.fields).map((line) => `      ${line}`),
    ]),
    ...groupVersions(byVersion).flatMap(({ versions, what, fields, audiences }) => [
      `  by version: ${versions.join(', ')} ${what}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`,
      ...audiences.map(formatAudience),
    ]),
  ];
  return `${lines.map(spellOutLine).join('\n')}\n`;
}

const formatAudience = (audience: Audience) => `    ${describeAudience(audience)}`;
