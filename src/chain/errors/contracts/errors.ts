/**
 * Every custom error of every contract, as a catalogue: `contract/<name in Solidity>`. The names are
 * kept as the contracts have them, because that is what block explorers show and people search for.
 */
import { defineErrors } from "../../../errors/catalogue.js";
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";
import { ledgerErrors } from "./ledger.js";
import { sealedErrors } from "./sealed.js";
import { settlementErrors } from "./settlement.js";
import { standardErrors } from "./standard.js";
import { vaultErrors } from "./vault.js";

/** Complete by its type: an error of a contract that is missing here does not compile. */
export const explanations: Explanations<ContractErrorName> = {
  ...settlementErrors,
  ...vaultErrors,
  ...ledgerErrors,
  ...sealedErrors,
  ...standardErrors,
};

/** What Solidity itself reverts with, and reverts that no contract of ours has. */
const foreign = {
  Error: {
    consequence: "The transaction would do nothing.",
    cure: "The text is of a contract outside this project, often the token: see its documentation.",
    exit: ExitCode.No,
  },
  Panic: {
    consequence: "The transaction would do nothing: a contract met a state it does not expect.",
    cure: "Report it with the transaction; the code is explained in the Solidity documentation.",
    exit: ExitCode.No,
  },
  Unknown: {
    consequence: "The transaction would do nothing.",
    cure: "Check that the addresses in the deployment record are those of this version of the contracts.",
    exit: ExitCode.No,
  },
} as const;

export const contractErrors = defineErrors("contract", { ...explanations, ...foreign });
