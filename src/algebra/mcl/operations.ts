/** The group operations of mcl by their own names, for one of its two groups. */
import { algebraErrors } from "../errors.js";
import type { MclModule } from "./module.js";

export type Operation = (...args: number[]) => number;

/** The operations under their own names, for the family `G1` or `G2`. */
export interface MclOperations {
  readonly add: Operation;
  readonly sub: Operation;
  readonly neg: Operation;
  readonly dbl: Operation;
  readonly mul: Operation;
  readonly mulCT: Operation;
  readonly isEqual: Operation;
  readonly isZero: Operation;
  readonly isValid: Operation;
  readonly isValidOrder: Operation;
  readonly normalize: Operation;
  readonly normalizeVec: Operation;
}

/** @throws algebra/engine-failed if this build of mcl lacks one */
export function operations(module: MclModule, family: "G1" | "G2"): MclOperations {
  const named = (name: string): Operation => {
    const fn = module.fn[`_mclBn${family}_${name}`];
    if (fn === undefined) {
      throw algebraErrors.error("engine-failed", `mcl has no function mclBn${family}_${name}`);
    }
    return fn;
  };
  return {
    add: named("add"),
    sub: named("sub"),
    neg: named("neg"),
    dbl: named("dbl"),
    mul: named("mul"),
    mulCT: named("mulCT"),
    isEqual: named("isEqual"),
    isZero: named("isZero"),
    isValid: named("isValid"),
    isValidOrder: named("isValidOrder"),
    normalize: named("normalize"),
    normalizeVec: named("normalizeVec"),
  };
}
