/** What comparing deployed code with the source finds: part of `sipster/audit@1`, if asked for. */
import type { ContractName } from "../../deploy/deployment.js";

/**
 * How far code agrees with what the source compiles to:
 * - `exact`: byte for byte, and with it the hash in the code of every source file (regardless of its line
 *   endings) and setting;
 * - `code-only`: in everything that runs. The hash differs: comments, names or paths are others;
 * - `none`: it is other code.
 */
export type BytecodeMatch = "exact" | "code-only" | "none";

/** A value with its Solidity name and type; integers in decimal, all else in hexadecimal. */
export interface NamedValue {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

export interface BytecodeComparison {
  readonly contract: ContractName;
  readonly address: string;
  /** File and name of the contract in the source. */
  readonly source: string;
  /** Version with commit; null when nothing was compiled. */
  readonly compiler: string | null;
  /** The worse of `runtime` and `creation`; `unknown` when the node does not show the creation. */
  readonly result: BytecodeMatch | "unknown";
  /** The code at the address, apart from `immutables`; null when it was not compared. */
  readonly runtime: BytecodeMatch | null;
  /** The code that created it, apart from `arguments`; null when it was not compared. */
  readonly creation: BytecodeMatch | null;
  /** What the constructor was called with. */
  readonly arguments: readonly NamedValue[];
  /** Values that the constructor left in the code: they are read from it, and listed as found. */
  readonly immutables: readonly NamedValue[];
  /** What is wrong or unknown, a sentence each. */
  readonly problems: readonly string[];
}
