import { z } from 'zod';
import type { Setting } from './setting.ts';

/** The folder of a build. It is one setting: what a build writes is what the other commands serve and publish. */
export const BUILD_FOLDER: Setting<string> = {
  flag: 'dir',
  environment: 'MARKETPLACE_DIR',
  fallback: 'dist',
  takes: 'a folder',
  parse: (folder) => folder,
  schema: z.string().min(1),
  alias: { name: 'out', flag: 'out', environment: 'MARKETPLACE_OUT' },
};
