/** A part of the space of answers, what it costs, and whether it is published. */
export interface PartPlan {
  readonly tier: number;
  readonly name: string;
  /** How many answers it adds to the parts before it, and their bytes, uncompressed; none where it is not published. */
  readonly files: number;
  readonly bytes: number;
  readonly isPublished: boolean;
  /** The setting that changes it; empty where none does. */
  readonly setting: string;
}
