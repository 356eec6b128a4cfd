import type { Manifest } from '../../catalog/release.ts';
import { h, type Piece } from '../shared/piece.ts';
import { definitions, section } from './elements.ts';

/** Longer help is cut: it helps to choose a plugin, not to set it up. */
const HELP_LENGTH = 240;

/** The settings of a plugin, in brief; undefined if it has none. A manifest may have anything there. */
export function settingsList(manifest: Manifest): Piece {
  const settings = listOf(recordOf(manifest['settings_schema'])['settings']).map(recordOf);
  const rows = settings.flatMap((setting) => {
    const name = textOf(setting['display_name']) || textOf(setting['key']);
    return name === '' ? [] : [[nameOf(name, textOf(setting['type'])), helpOf(setting)] as const];
  });
  return rows.length === 0 ? undefined : section('', 'Settings', definitions('settings', rows));
}

function nameOf(name: string, type: string): Piece {
  const tag = type === '' ? undefined : h('span', { class: 'tag' }, type);
  return [h('bdi', {}, name.replace(/:\s*$/, '')), tag];
}

function helpOf(setting: Readonly<Record<string, unknown>>): Piece {
  const help = textOf(setting['help_text']);
  const isLong = help.length > HELP_LENGTH;
  return h('div', { dir: 'auto' }, isLong ? `${help.slice(0, HELP_LENGTH).trimEnd()}…` : help);
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
