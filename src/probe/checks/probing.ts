import type { Asker } from '../ask/asker.ts';
import type { Findings } from '../findings.ts';

/** What every check works with. */
export interface Probing {
  readonly asker: Asker;
  readonly findings: Findings;
  /** Whether a build of this project answers: others promise less (docs/api.md, Differences from the reference). */
  readonly isOurs: boolean;
  readonly now: Date;
}
