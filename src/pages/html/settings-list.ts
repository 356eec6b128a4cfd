import type { Manifest } from '../../catalog/release.ts';
import { h, type Piece } from '../shared/piece.ts';

/** Longer help is cut: it helps to choose a plugin, not to set it up. */
const HELP_LENGTH = 240;

/** The settings of a plugin, in brief; undefined where it has none. A manifest may hold anything there. */
export function settingsList(manifest: Manifest): Piece {
  const settings = listOf(recordOf(manifest['settings_schema'])['settings']).map(recordOf);
  const named = settings.flatMap((setting) => {
    const name = textOf(setting['display_name']) || textOf(setting['key']);
    return name === '' ? [] : [{ name: name.replace(/:\s*$/, ''), ...describe(setting) }];
  });
  if (named.length === 0) return undefined;
  return h(
    'section',
    {},
    h('h2', {}, 'Settings'),
    h(
      'dl',
      { class: 'settings' },
      named.map(({ name, type, help }) =>
        h(
          'div',
          {},
          h(
            'dt',
            {},
            h('bdi', {}, name),
            type === '' ? undefined : h('span', { class: 'tag' }, type),
          ),
          h('dd', { dir: 'auto' }, help),
        ),
      ),
    ),
  );
}

function describe(setting: Readonly<Record<string, unknown>>) {
  const help = textOf(setting['help_text']);
  const cut = help.length > HELP_LENGTH ? `${help.slice(0, HELP_LENGTH).trimEnd()}…` : help;
  return { type: textOf(setting['type']), help: cut };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
