/** What the contracts are compiled with: for building them, and for compiling them again to compare. */

/** The compiler comes from npm, pinned by the lock file. */
export const COMPILER_VERSION = "0.8.37";

export interface CompilerSettings {
  readonly optimizer: { readonly enabled: boolean; readonly runs: number };
  readonly evmVersion: string;
  readonly viaIR?: boolean;
}

export const COMPILER_SETTINGS: CompilerSettings = {
  optimizer: { enabled: true, runs: 1_000_000 },
  evmVersion: "osaka",
};

/**
 * Settings of single files. The settlement goes through the compiler's intermediate representation:
 * 1,000 gas a bill less. The ledger is compiled for fewer runs: with more it is larger than a contract may be.
 */
export const SETTINGS_OF_FILES: Readonly<Record<string, CompilerSettings>> = {
  "contracts/BillSettlement.sol": { ...COMPILER_SETTINGS, viaIR: true },
  "contracts/ConsumptionLedger.sol": {
    ...COMPILER_SETTINGS,
    optimizer: { enabled: true, runs: 2_000 },
  },
};
