import type { Audience, PlatformSet } from './audience.ts';
import type { Box } from './find-boxes.ts';
import type { Step } from './space.ts';

/** The axes that a box lies on. */
export interface Axes {
  /** The last one is that of requests without a server version. */
  readonly steps: readonly Step[];
  /** The default first, which stands for every platform that is not named. */
  readonly platforms: readonly string[];
}

/** A box in terms of requests. */
export function toAudience(box: Box, { steps, platforms }: Axes): Audience {
  const unspecified = steps.length - 1;
  const after = steps[box.last + 1];
  const servers = {
    from: box.first === 0 ? null : (steps[box.first]?.serverVersion ?? null),
    before: box.last + 1 < unspecified ? (after?.serverVersion ?? null) : null,
  };
  return {
    servers: box.first === unspecified ? null : servers,
    unspecified: box.last === unspecified,
    editions: box.enterprise.map((enterprise) => (enterprise ? 'enterprise' : 'team')),
    hostings: box.cloud.map((cloud) => (cloud ? 'cloud' : 'on-prem')),
    platforms: toPlatformSet(box.platforms, platforms),
  };
}

function toPlatformSet(meant: readonly number[], platforms: readonly string[]): PlatformSet {
  const isDefaultMeant = meant.includes(0);
  const named = platforms.filter((_, i) => i > 0 && meant.includes(i) !== isDefaultMeant);
  return isDefaultMeant ? { except: named } : { only: named };
}
