/** A message of a whole run, and how its receiver takes it. */
import type { Store } from "../../src/store/index.js";

export interface Delivery {
  /** Who sends it, for vectors. */
  readonly from: string;
  readonly message: Uint8Array;
  /**
   * What its receiver does with these bytes, at the point of the run where the message arrives; rejects with
   * a typed error if it refuses them.
   */
  readonly take: (bytes: Uint8Array) => unknown;
  /** Where the receiver keeps its books. */
  readonly store?: Store;
}

/** Hands every message to the test before the run goes on. */
export type Observe = (delivery: Delivery) => Promise<void>;
