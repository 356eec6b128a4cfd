import type { Act } from './driver.ts';

/** A JavaScript engine that has taken up a driver (`driverSource`). */
export interface Engine {
  /** What the router makes of the events of a case: paths or statuses. */
  readonly answers: (number: number) => Promise<readonly (string | number)[]>;
  /** Microseconds that an act takes on the events of a case. */
  readonly time: (act: Act, number: number) => Promise<EngineTime>;
}

/** What one act costs. */
export interface EngineTime {
  readonly microseconds: number;
  /** Bytes by which the process grew, for an engine that frees nothing before its end. */
  readonly bytes?: number;
}
