/** A part of the space of answers, what it costs, and whether it is published. */
export interface PartPlan {
  readonly tier: number;
  readonly name: string;
  /** What it adds to the parts before it. */
  readonly files: number;
  readonly bytes: number;
  /** Whether the cost was counted to its end; if not, it is at least that. */
  readonly isCounted: boolean;
  readonly isPublished: boolean;
  /** The setting that changes it; empty where none does. */
  readonly setting: string;
}
