import type { RunsOn } from '../../mattermost/platforms.ts';

/**
 * The warning for a release that does not run on a platform: `no program for linux-arm64`.
 *
 * @param platform empty: any
 * @returns undefined where it runs there, or where nothing states its platforms
 */
export function missingProgram(runsOn: RunsOn, platform: string): string | undefined {
  if (platform === '' || typeof runsOn === 'string' || runsOn.includes(platform)) return undefined;
  return `no program for ${platform}`;
}
