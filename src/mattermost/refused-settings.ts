import type { Path } from './answers/go-decoder.ts';

/** Something in a manifest's settings that `Manifest.IsValid` refuses. */
export interface RefusedSetting {
  /** Inside the manifest. */
  readonly path: Path;
  /** The problem, worded to follow the value found. */
  readonly message: string;
  readonly remedy: string;
}

const TYPES: readonly string[] = [
  ...['bool', 'dropdown', 'generated', 'radio', 'text', 'longtext', 'number', 'username', 'custom'],
];

/** The types that show a placeholder; `custom` does from 7.4 on. */
const WITH_PLACEHOLDER: readonly string[] = [
  ...['generated', 'text', 'longtext', 'number', 'username', 'custom'],
];

const WITH_OPTIONS: readonly string[] = ['radio', 'dropdown'];

/**
 * What the settings of a manifest have that a plugin of Mattermost may not have. It keeps no server from installing the
 * plugin, but its settings do not show as they are meant.
 *
 * Source: server/public/model/manifest.go, `PluginSettingsSchema.isValid`.
 *
 * @param manifest as a server can decode it
 */
export function findRefusedSettings(manifest: Readonly<Record<string, unknown>>): RefusedSetting[] {
  const schema = asFields(manifest['settings_schema']);
  const at = ['settings_schema'];
  return [
    ...judgeSettings(schema['settings'], [...at, 'settings']),
    ...asList(schema['sections']).flatMap((section, i) =>
      judgeSection(section, [...at, 'sections', i]),
    ),
  ];
}

function judgeSection(section: unknown, path: Path): RefusedSetting[] {
  if (section === null) return [refuseNull(path)];
  const { key, settings } = asFields(section);
  const ofSettings = judgeSettings(settings, [...path, 'settings']);
  if (isFilled(key)) return ofSettings;
  const remedy = 'write a key that no other section has';
  return [
    { path: [...path, 'key'], message: 'is not the key of a section', remedy },
    ...ofSettings,
  ];
}

function judgeSettings(settings: unknown, path: Path): RefusedSetting[] {
  return asList(settings).flatMap((setting, i) =>
    setting === null ? refuseNull([...path, i]) : judgeSetting(asFields(setting), [...path, i]),
  );
}

function judgeSetting(setting: Readonly<Record<string, unknown>>, path: Path): RefusedSetting[] {
  const type = String(setting['type'] ?? '');
  if (!TYPES.includes(type)) {
    const remedy = `write one of ${TYPES.join(', ')}`;
    return [{ path: [...path, 'type'], message: 'is not a type of setting', remedy }];
  }
  const onlyFor = (field: string, types: readonly string[]): RefusedSetting[] => {
    const isThere = field === 'options' ? Array.isArray(setting[field]) : isFilled(setting[field]);
    if (!isThere || types.includes(type)) return [];
    return [
      {
        path: [...path, field],
        message: `is in a setting of type ${type}, which has no ${field}`,
        remedy: `remove it, or make the type one of ${types.join(', ')}`,
      },
    ];
  };
  return [
    ...onlyFor('regenerate_help_text', ['generated']),
    ...onlyFor('placeholder', WITH_PLACEHOLDER),
    ...onlyFor('options', WITH_OPTIONS),
    ...(WITH_OPTIONS.includes(type) ? judgeOptions(setting['options'], [...path, 'options']) : []),
  ];
}

function judgeOptions(options: unknown, path: Path): RefusedSetting[] {
  return asList(options).flatMap((option, i) => {
    if (option === null) return refuseNull([...path, i]);
    return ['display_name', 'value']
      .filter((field) => !isFilled(asFields(option)[field]))
      .map((field) => ({
        path: [...path, i, field],
        message: `is not the ${field} of an option`,
        remedy: 'write some text',
      }));
  });
}

function refuseNull(path: Path): RefusedSetting {
  return { path, message: 'is nothing where a server expects something', remedy: 'remove it' };
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
