import { AXES, type Axis } from '../axes.ts';
import { type Box, type Cells, findBoxes } from './find-boxes.ts';
import type { Step } from './space.ts';

/** Whose requests are meant: those that every part of it covers. */
export interface Audience {
  /** Null: no server that tells its version. */
  readonly servers: ServerRange | null;
  /** Whether requests without a server version are meant, too. They are answered as the newest servers are. */
  readonly unspecified: boolean;
  /** `team`, and `enterprise` for requests with `enterprise_plugins=true`. */
  readonly editions: readonly string[];
  /** `on-prem`, and `cloud` for requests with `cloud=true`. */
  readonly hostings: readonly string[];
  readonly platforms: PlatformSet;
}

export interface ServerRange {
  /** The first version; null: however old. */
  readonly from: string | null;
  /** The first version that is not meant any more; null: however new. */
  readonly before: string | null;
}

/** A platform that no release has a bundle for is among all but some, not among some. */
export type PlatformSet =
  | { readonly only: readonly string[] }
  /** Empty: every platform. */
  | { readonly except: readonly string[] };

/** What the numbers of a box mean. */
export interface BoxScale {
  /** The last one is that of requests without a server version. */
  readonly steps: readonly Step[];
  /** The default first, which stands for every platform that is not named. */
  readonly platforms: readonly string[];
}

/** Cells in words: the audience of each of their boxes, the largest first. Empty if there are none. */
export function describeCells(cells: Cells, scale: BoxScale): string {
  return findBoxes(cells)
    .map((box) => describeAudience(toAudience(box, scale)))
    .join('; and for ');
}

/** A box in terms of requests. */
export function toAudience(box: Box, { steps, platforms }: BoxScale): Audience {
  const unspecified = steps.length - 1;
  const after = steps[box.last + 1];
  const servers = {
    from: box.first === 0 ? null : (steps[box.first]?.serverVersion ?? null),
    before: box.last + 1 < unspecified ? (after?.serverVersion ?? null) : null,
  };
  return {
    servers: box.first === unspecified ? null : servers,
    unspecified: box.last === unspecified,
    ...(Object.fromEntries(
      AXES.map(({ key, kinds, words }) => [
        kinds,
        box[key].map((value) => words[+value] as string),
      ]),
    ) as Record<Axis['kinds'], string[]>),
    platforms: toPlatformSet(box.platforms, platforms),
  };
}

function toPlatformSet(meant: readonly number[], platforms: readonly string[]): PlatformSet {
  const isDefaultMeant = meant.includes(0);
  const named = platforms.filter((_, i) => i > 0 && meant.includes(i) !== isDefaultMeant);
  return isDefaultMeant ? { except: named } : { only: named };
}

/**
 * An audience in words: `servers 7.8.0 up to (not including) 9.5.0, enterprise, on-prem, linux-amd64`. What holds for every edition,
 * hosting or platform goes without saying, and so do requests without a server version beside those of the newest servers.
 */
export function describeAudience(audience: Audience): string {
  const parts = [
    describeServers(audience),
    ...AXES.map(({ kinds }) => audience[kinds]).filter((words) => words.length === 1),
    describePlatforms(audience.platforms),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeServers({ servers, unspecified }: Audience): string {
  if (servers === null) return 'requests without a server version';
  const { from, before } = servers;
  if (before !== null) {
    return from === null
      ? `servers before ${before}`
      : `servers ${from} up to (not including) ${before}`;
  }
  if (from === null) return unspecified ? 'every server' : 'every server that tells its version';
  return `servers ${from} and newer${unspecified ? '' : ' that tell their version'}`;
}

function describePlatforms(platforms: PlatformSet): string {
  if ('only' in platforms) return joinWords(platforms.only);
  return platforms.except.length === 0 ? '' : `every platform but ${joinWords(platforms.except)}`;
}

function joinWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)]
    .filter((part) => part !== '')
    .join(' and ');
}
