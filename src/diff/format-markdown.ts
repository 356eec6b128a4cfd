import { count } from '../lib/errors.ts';
import type { Audience } from '../query/audience/audience.ts';
import { describeAudience } from '../query/audience/audience.ts';
import type { CatalogDiff, NewestChange, PluginDiff } from './catalog-diff.ts';
import {
  describeFields,
  describeNewest,
  describeNotices,
  groupVersions,
  summarizeDiff,
  type VersionGroup,
} from './describe-change.ts';
import { toCode } from './escape.ts';

/** A comment on GitHub holds 65,536 characters. */
const MAX_BYTES = 60_000;

/** So many notices are read in a comment. */
const MAX_NOTICES = 20;

/** So many rows are looked over at a glance. */
const MAX_OPEN_ROWS = 8;

/** A diff for a pull request on GitHub. Whatever the catalog says is shown as it is, and does nothing. */
export function formatMarkdown(diff: CatalogDiff): string {
  const notices = describeNotices(diff, toCode).map((line) => `- ${line}\n`);
  const rest = notices.length - MAX_NOTICES;
  const sections = [
    `**${summarizeDiff(diff)}**\n`,
    ...(notices.length > 0 ? ['\n', ...notices.slice(0, MAX_NOTICES)] : []),
    ...(rest > 0 ? [`- and ${rest} more\n`] : []),
  ];
  let leftBytes = MAX_BYTES - Buffer.byteLength(sections.join(''));
  for (const [index, plugin] of diff.plugins.entries()) {
    const section = `\n${formatPlugin(plugin)}`;
    leftBytes -= Buffer.byteLength(section);
    if (leftBytes < 0) {
      const others = count(diff.plugins.length - index, 'more plugin');
      sections.push(`\nThere is no room for ${others}: \`npm run diff\` tells of them.\n`);
      break;
    }
    sections.push(section);
  }
  return sections.join('');
}

function formatPlugin({ id, name, newest, byVersion }: PluginDiff): string {
  const title = name === '' ? toCode(id) : `${toCode(name)} (${toCode(id)})`;
  return [
    `#### ${title}\n`,
    formatTable('offered', newest.map(toNewestRow)),
    formatTable('by version', groupVersions(byVersion).map(toVersionRow)),
  ].join('');
}

/** Versions, server versions and platforms have letters, digits and `.+-` only: these need no escape. */
type Row = readonly [what: string, audiences: readonly Audience[]];

function toNewestRow(change: NewestChange): Row {
  const lines = [describeNewest(change), ...describeFields(change.fields).map(toCode)];
  return [lines.join('<br>'), change.audiences];
}

function toVersionRow({ versions, what, fields, audiences }: VersionGroup): Row {
  return [[`${versions.join(', ')} ${what}`, ...fields.map(toCode)].join('<br>'), audiences];
}

function formatTable(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ([what, audiences]) => `| ${what} | ${audiences.map(describeAudience).join('<br>')} |`,
  );
  const table = `\n| ${title} | for |\n| --- | --- |\n${lines.join('\n')}\n`;
  if (rows.length <= MAX_OPEN_ROWS) return table;
  return `\n<details><summary>${title}: ${count(rows.length, 'change')}</summary>\n${table}\n</details>\n`;
}
