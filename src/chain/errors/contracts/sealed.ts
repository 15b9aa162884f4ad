/** The errors of TrusteeHeads. */
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";

export const sealedErrors: Explanations<Extract<ContractErrorName, `TrusteeHeads${string}`>> = {
  TrusteeHeadsCountNotIncreasing: {
    cause: ({ anchored, given }) =>
      `a log of ${given} entries was to be anchored, and one of ${anchored} is`,
    consequence: "Nothing was anchored: a log only grows.",
    cure: "Restore the latest copy of the trustee's log, or stop the second process that anchors for it.",
    exit: ExitCode.No,
  },
};
