import type { Release } from '../catalog/release.ts';
import type { VerificationKey } from '../signatures/read-keys.ts';
import type { Snapshot } from '../snapshot/parse-snapshot.ts';
import type { Lookup } from './ask/connections.ts';

/** What is probed, how, and what must be there. */
export interface ProbeOptions {
  /** As in `MarketplaceURL`, perhaps with user and password. */
  readonly url: string;
  readonly now: Date;
  readonly lookup: Lookup;
  /** Instead of those that the name has. */
  readonly addresses: readonly string[];
  /** Certificates of authorities of one's own, in PEM. */
  readonly authorities: readonly string[];
  /** A build that must be there, and how it is called. */
  readonly build?: { readonly snapshot: Snapshot; readonly label: string };
  /** The catalog that must be there, and how it is called. */
  readonly catalog?: { readonly releases: readonly Release[]; readonly label: string };
  readonly keys: readonly VerificationKey[];
  /** The keys of its publisher, where what it has must be signed with one. */
  readonly snapshotKeys: readonly VerificationKey[];
  readonly mostVerified: number;
  /** For downloads; its owner removes it. */
  readonly folder: string;
  readonly maxAgeDays?: number;
  readonly warnDays: number;
  readonly slowMs: number;
  readonly answerMs: number;
  readonly mostRequests: number;
  readonly mostMs: number;
  readonly concurrency: number;
  readonly onProgress: (what: string) => void;
}
