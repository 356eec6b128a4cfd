import path from 'node:path';
import { count } from '../../../src/lib/errors.ts';
import { writeTar } from '../../../src/pack/carry/write-tar.ts';
import {
  type PrepackageResult,
  writePrepackaged,
} from '../../../src/pack/prepackaged/write-prepackaged.ts';
import type { CommandContext } from '../../cli/command.ts';
import type { OneServer } from './pack-selection.ts';

export interface CarryOptions {
  /** The folder of a whole pack. */
  readonly folder: string;
  /** As the flags name them. */
  readonly tar: string | undefined;
  readonly prepackaged: string | undefined;
  /** Null unless `prepackaged` is given. */
  readonly server: OneServer | null;
  readonly isPruning: boolean;
}

/** Makes what is carried away out of a pack: a tar archive, the folder `prepackaged_plugins`, or both. */
export async function carryPack(
  { folder, tar, prepackaged, server, isPruning }: CarryOptions,
  { cwd, report }: Pick<CommandContext, 'cwd' | 'report'>,
): Promise<{ readonly prepackaged?: PrepackageResult }> {
  if (tar !== undefined) {
    await writeTar(folder, path.resolve(cwd, tar));
    report(`${tar} is written`);
  }
  if (prepackaged === undefined || server === null) return {};
  const target = path.resolve(cwd, prepackaged);
  const result = await writePrepackaged({ pack: folder, folder: target, ...server, isPruning });
  for (const line of result.leftOut) report(`left out: ${line}`);
  const { plugins, removed } = result;
  report(`${count(plugins.length, 'plugin')} in ${prepackaged}: ${removed.length} removed`);
  return { prepackaged: result };
}
