/** A part of the space of answers, what it costs, and whether it is published. */
export interface PartPlan {
  readonly tier: number;
  readonly name: string;
  /** What it adds to the parts before it, as it is stored; of a part that does not fit, as far as it was counted. */
  readonly files: number;
  readonly bytes: number;
  readonly isPublished: boolean;
  /** The setting that changes it; empty where none does. */
  readonly setting: string;
}
