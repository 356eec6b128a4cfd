import type { Manifest } from '../../../catalog/release.ts';
import { count } from '../../../lib/errors.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { hostingWords } from '../../shared/server-words.ts';
import { definitions, section } from '../elements.ts';
import { markdown } from './markdown.ts';
import { type PluginSetting, readSettings, type SettingsGroup } from './plugin-settings.ts';

/** So many are shown at once; more are folded, section by section. */
const MOST_OPEN = 5;

/** The settings of a plugin as an administrator reads them; undefined if it has none. */
export function settingsList(manifest: Manifest): Piece {
  const groups = readSettings(manifest);
  const total = groups.reduce((sum, { settings }) => sum + settings.length, 0);
  if (total === 0) return undefined;
  const isFolded = total > MOST_OPEN;
  return section(
    'settings',
    'Settings',
    groups.map((group) =>
      isFolded && group.settings.length > 0
        ? h(
            'details',
            { class: 'group' },
            h(
              'summary',
              {},
              group.title === '' ? undefined : [h('bdi', {}, group.title), ': '],
              count(group.settings.length, 'setting'),
            ),
            groupOf(group),
          )
        : [group.title === '' ? undefined : h('h3', { dir: 'auto' }, group.title), groupOf(group)],
    ),
  );
}

function groupOf({ texts, settings, footer }: SettingsGroup): Piece {
  return [
    ...texts.map(help),
    settings.length === 0
      ? undefined
      : definitions(
          'settings',
          settings.map((setting) => [nameOf(setting), describe(setting)]),
        ),
    help(footer),
  ];
}

function nameOf({ name, kind, hosting }: PluginSetting): Piece {
  const tags = [kind, hostingWords(hosting)].filter((tag) => tag !== '');
  return [h('bdi', {}, name), ...tags.map((tag) => h('span', { class: 'tag' }, tag))];
}

function describe({ help: text, choices, initial, example }: PluginSetting): Piece {
  const facts: Piece[] = [
    choices.length === 0 ? undefined : ['Choices: ', h('bdi', {}, choices.join(', '))],
    initial && ['Default: ', 'word' in initial ? initial.word : h('code', {}, initial.text)],
    example === '' ? undefined : ['Example: ', h('code', {}, example)],
  ].filter((fact) => fact !== undefined);
  return [help(text), ...facts.map((fact) => h('p', { class: 'fact' }, fact))];
}

function help(text: string): Piece {
  return text === '' ? undefined : h('div', { class: 'help', dir: 'auto' }, markdown(text));
}
