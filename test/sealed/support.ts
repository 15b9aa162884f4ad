/** What the tests of this room share: both implementations of the group, and ways of altering messages. */
import { nobleSecp256k1, SECP256K1_ORDER } from "../../src/algebra/index.js";
import { commit, type Opening } from "../../src/sealed/commitment.js";
import type { Range } from "../../src/sealed/ranges.js";
import { createSealedSystem, SealedSystem, type Point } from "../../src/sealed/system.js";
import type { TestRandom } from "../support/random.js";

/** The fast system, and the same parameters over the independent group. */
export const fast = await createSealedSystem();
export const oracle = new SealedSystem(nobleSecp256k1);

export const n = SECP256K1_ORDER;
export const context = new TextEncoder().encode("a context");

/** The same point in the other system. */
export function carry(p: Point, from: SealedSystem = fast, to: SealedSystem = oracle): Point {
  return to.group.decode(from.group.encode(p));
}

/** A value with its commitment, ready to be proved in a range. */
export function witness({
  system,
  random,
  value,
  range,
}: {
  readonly system: SealedSystem;
  readonly random: TestRandom;
  readonly value: bigint;
  readonly range: Range;
}) {
  const opening: Opening = { value, blinding: random.below(n) };
  return { opening, range, commitment: commit(system, opening) };
}

/** Every copy of `value` in which one point or scalar, however deep, is another one; with its path. */
export function* alterations<T>(
  system: SealedSystem,
  value: T,
  path = "",
): Generator<{ path: string; altered: T }> {
  const { group } = system;
  if (typeof value === "bigint") {
    yield { path, altered: ((value + 1n) % n) as T };
    yield { path: `${path} negated`, altered: ((n - value) % n) as T };
  } else if (isPoint(value)) {
    yield { path, altered: group.add(value, group.generator) as T };
    yield { path: `${path} negated`, altered: group.neg(value) as T };
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      for (const a of alterations(system, item as unknown, `${path}[${i}]`)) {
        yield { path: a.path, altered: value.with(i, a.altered) as T };
      }
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const a of alterations(system, item as unknown, `${path}.${key}`)) {
        yield { path: a.path, altered: { ...value, [key]: a.altered } };
      }
    }
  }
}

function isPoint(value: unknown): value is Point {
  return typeof value === "object" && value !== null && "secp256k1" in value;
}
