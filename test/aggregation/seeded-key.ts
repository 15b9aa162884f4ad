import { parsePrfKey, type PrfKey } from "../../src/aggregation/index.js";
import type { TestRandom } from "../support/random.js";

/** A reproducible key of the lattice scheme. */
export function seededKey(random: TestRandom): PrfKey {
  return parsePrfKey(random.bytes(2096 * 16));
}
