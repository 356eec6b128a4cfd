import { spellOutLine } from '../lib/spell-out.ts';
import { describePlace } from '../query/audience/describe-place.ts';
import type { Place } from '../query/audience/place.ts';
import type { CatalogDiff, PluginDiff } from './catalog-diff.ts';
import { describeFields, describeNewest, groupVersions, summarizeDiff } from './describe-change.ts';

/** A diff for a terminal. */
export function formatText(diff: CatalogDiff): string {
  const plugins = diff.plugins.map((plugin) => `\n${formatPlugin(plugin)}`);
  return [`${summarizeDiff(diff)}\n`, ...plugins].join('');
}

function formatPlugin({ id, name, newest, byVersion }: PluginDiff): string {
  const lines = [
    name === '' ? id : `${name} (${id})`,
    ...newest.flatMap((change) => [
      `  ${describeNewest(change)}`,
      ...change.places.map(formatPlace),
      ...describeFields(change.fields).map((line) => `      ${line}`),
    ]),
    ...groupVersions(byVersion).flatMap(({ versions, what, fields, places }) => [
      `  by version: ${versions.join(', ')} ${what}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`,
      ...places.map(formatPlace),
    ]),
  ];
  return `${lines.map(spellOutLine).join('\n')}\n`;
}

const formatPlace = (place: Place) => `    ${describePlace(place)}`;
