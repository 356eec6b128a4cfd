import type { Manifest } from '../../../catalog/release.ts';

/** A setting of a plugin, as its manifest declares it for the System Console. */
export interface PluginSetting {
  /** The same in every release. */
  readonly key: string;
  readonly name: string;
  /** What a value is, in words; empty if the manifest does not say. */
  readonly kind: string;
  /** Markdown. */
  readonly help: string;
  /** The names of the values to choose from; empty: not a choice. */
  readonly choices: readonly string[];
  /** Its value until someone changes it: a word of ours, or text of the manifest; undefined: none. */
  readonly initial: { readonly word: string } | { readonly text: string } | undefined;
  readonly example: string;
  /** `cloud`, `on-prem`, or empty for both. */
  readonly hosting: string;
}

/** Settings that stand together. */
export interface SettingsGroup {
  /** Empty: those outside any section. */
  readonly title: string;
  /** Markdown, shown before the settings. */
  readonly texts: readonly string[];
  readonly settings: readonly PluginSetting[];
  /** Markdown. */
  readonly footer: string;
}

/** The settings of a plugin. A manifest may have anything there; what is no setting is left out. */
export function readSettings(manifest: Manifest): SettingsGroup[] {
  const schema = recordOf(manifest['settings_schema']);
  const sections = listOf(schema['sections']).map((section) => readGroup(recordOf(section)));
  const inSections = new Set(sections.flatMap(({ settings }) => settings.map(({ key }) => key)));
  const { settings, ...others } = readGroup({ ...schema, title: '', key: '' });
  // For servers that know no sections, a manifest repeats their settings.
  const single = settings.filter(({ key }) => !inSections.has(key));
  const groups = [{ ...others, settings: single }, ...sections];
  return groups.filter(
    ({ settings, texts, footer }) => settings.length + texts.length > 0 || footer !== '',
  );
}

function readGroup(group: Readonly<Record<string, unknown>>): SettingsGroup {
  const texts = [group['subtitle'], group['header']].map(textOf);
  return {
    title: textOf(group['title']) || spaceOut(textOf(group['key'])),
    texts: texts.filter((text) => text !== ''),
    settings: listOf(group['settings']).flatMap((setting) => readSetting(recordOf(setting))),
    footer: textOf(group['footer']),
  };
}

/** `RTCD Service` for `RTCDService`. */
function spaceOut(key: string): string {
  return key.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
}

function readSetting(setting: Readonly<Record<string, unknown>>): PluginSetting[] {
  const key = textOf(setting['key']);
  const name = textOf(setting['display_name']) || key;
  if (name === '') return [];
  const type = textOf(setting['type']);
  const options = listOf(setting['options']).map(recordOf);
  return [
    {
      key: key || name,
      name: name.replace(/:$/, ''),
      kind: KINDS[type.toLowerCase()] ?? type,
      help: textOf(setting['help_text']),
      choices: options.map(nameOfOption).filter((choice) => choice !== ''),
      initial: readInitial(setting['default'], options),
      example: textOf(setting['placeholder']),
      hosting: textOf(setting['hosting']),
    },
  ];
}

/** The types of settings (server/public/model/manifest.go), in words. */
const KINDS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  bool: 'On or off',
  text: 'Text',
  longtext: 'Multi-line text',
  number: 'Number',
  dropdown: 'Choice',
  radio: 'Choice',
  generated: 'Generated secret',
  username: 'User name',
  custom: 'Custom',
});

function readInitial(
  value: unknown,
  options: readonly Readonly<Record<string, unknown>>[],
): PluginSetting['initial'] {
  if (typeof value === 'boolean') return { word: value ? 'on' : 'off' };
  if (typeof value === 'number') return { text: `${value}` };
  const text = textOf(value);
  if (text === '') return undefined;
  const chosen = options.find((option) => option['value'] === value);
  return { text: (chosen && nameOfOption(chosen)) || text };
}

function nameOfOption(option: Readonly<Record<string, unknown>>): string {
  return textOf(option['display_name']) || textOf(option['value']);
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
