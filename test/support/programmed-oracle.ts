/**
 * BN254 with hashing to G1 as in a proof in the random-oracle model: the oracle is programmed so that
 * the discrete logarithm of every hash is known to the test. Everything else is as it is.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToInt, GROUP_ORDER, type Bn254, type G1Point } from "../../src/algebra/index.js";

/** log(P) for a hash P made by a programmed curve. */
export type LogOf = (point: G1Point) => bigint;

export function programmedOracle(curve: Bn254): { curve: Bn254; logOf: LogOf } {
  const logs = new Map<string, bigint>();
  const { g1 } = curve;
  const name = (point: G1Point): string => Buffer.from(g1.encode(point)).toString("hex");
  const programmed = new Proxy(g1, {
    get(target, property) {
      if (property === "liftX") {
        return (x: Uint8Array, yOdd: boolean): G1Point => {
          const log =
            bytesToInt(sha512(Uint8Array.from([...x, yOdd ? 1 : 0]))) % (GROUP_ORDER - 1n);
          const point = g1.mul(g1.generator, log + 1n);
          logs.set(name(point), log + 1n);
          return point;
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const logOf: LogOf = (point) => {
    const log = logs.get(name(point));
    if (log === undefined) throw new Error("this point is not a hash");
    return log;
  };
  return { curve: { ...curve, g1: programmed }, logOf };
}
