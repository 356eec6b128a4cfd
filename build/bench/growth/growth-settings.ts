import type { BuildSettings } from '../../../src/settings/build-settings.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { ALWAYS_FLAGS } from '../always-flags.ts';

/** Which settings a catalog grows under. */
export const GROWTH_SETTINGS = ['always', 'default'] as const;

export type GrowthSetting = (typeof GROWTH_SETTINGS)[number];

/** No router is too large: how large it becomes is measured. */
const NO_ROUTER_LIMIT = { 'router-bytes': '10000000' } as const;

/** The settings for a catalog, with the default budget. The environment is left aside: figures are to be comparable. */
export function growthSettings(
  setting: GrowthSetting,
  catalog: string,
  out: string,
): Promise<BuildSettings> {
  const flags = setting === 'always' ? ALWAYS_FLAGS : {};
  return readBuildSettings(
    { catalog: [catalog], out, ...flags, ...NO_ROUTER_LIMIT },
    {},
    process.cwd(),
  );
}
