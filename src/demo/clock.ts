/** The clock of a demonstration: no role sleeps, one process sets it. */
export interface DemoClock {
  /** Unix seconds. */
  now: number;
}
