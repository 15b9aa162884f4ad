/** The errors of ConsumptionLedger and of the contracts that compute its prices. */
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";

type LedgerErrorName = Extract<ContractErrorName, `Ledger${string}` | `Price${string}`>;

const NOTHING_ANCHORED = "Nothing was anchored.";
const NOTHING_SHOWN = "The challenge was refused; nothing was recorded against anybody.";

export const ledgerErrors: Explanations<LedgerErrorName> = {
  LedgerZeroAddress: {
    cause: () => "a role or the price function would be the zero address",
    consequence: "The contract was not deployed.",
    cure: "Pass addresses that exist.",
  },
  LedgerOutOfOrder: {
    cause: ({ interval }) => `interval ${interval} does not come after the last one`,
    consequence: `${NOTHING_ANCHORED} Intervals are anchored in order.`,
    cure: "Anchor the intervals one after the other.",
  },
  LedgerAlreadyAnchored: {
    cause: ({ interval }) => `interval ${interval} is anchored already`,
    consequence: `${NOTHING_ANCHORED} An anchor is for good.`,
    cure: "Compare what is anchored with your own page; if they differ, it is for the auditors.",
    exit: ExitCode.No,
  },
  LedgerAlreadyBilled: {
    cause: ({ interval }) => `the bills of interval ${interval} are anchored already`,
    consequence: `${NOTHING_ANCHORED} An anchor is for good.`,
    cure: "Compare what is anchored with your own page; if they differ, it is for the auditors.",
    exit: ExitCode.No,
  },
  LedgerConsumptionMissing: {
    cause: ({ interval }) => `the consumption of interval ${interval} is not anchored`,
    consequence: `${NOTHING_ANCHORED} Price and bills rest on the consumption.`,
    cure: "Wait for the control centre to anchor the interval.",
    exit: ExitCode.TryAgain,
  },
  LedgerIntervalMismatch: {
    cause: ({ priced, billed }) => `the price is of interval ${priced}, the bills of ${billed}`,
    consequence: NOTHING_ANCHORED,
    cure: "Pass the price and the bills of one interval.",
  },
  LedgerConsumptionMismatch: {
    cause: ({ interval, consumption }) =>
      `the page on interval ${interval} rests on consumption ${consumption}, which is not the one anchored`,
    consequence: NOTHING_ANCHORED,
    cure: "Make the page again from the consumption that is anchored.",
  },
  LedgerPageUnknown: {
    cause: ({ interval }) => `the page given for interval ${interval} is not the one anchored`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the page as it was published.",
  },
  LedgerNotBilled: {
    cause: ({ interval }) => `interval ${interval} has no bills yet`,
    consequence: NOTHING_SHOWN,
    cure: "Wait for the provider to anchor the bills.",
    exit: ExitCode.TryAgain,
  },
  LedgerRowUnknown: {
    cause: ({ interval, index }) =>
      `row ${index} of interval ${interval} is not under the anchored root`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the row and its inclusion proof as they were published.",
  },
  LedgerRowsUnfit: {
    cause: ({ rows }) => `${rows} rows do not fit this challenge`,
    consequence: NOTHING_SHOWN,
    cure: "Pass all rows that the challenge is about, and no others.",
  },
  LedgerReceiptInvalid: {
    cause: ({ interval, which }) =>
      `receipt number ${which} for interval ${interval} is not signed by the control centre`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the receipt as the control centre gave it.",
  },
  LedgerNoContradiction: {
    cause: ({ kind }) => `what was passed is no contradiction (of kind ${kind})`,
    consequence: NOTHING_SHOWN,
    cure: "Recompute the rows, the price and the totals: they agree.",
    exit: ExitCode.No,
  },
  PriceFunctionInvalid: {
    cause: () => "the parameters describe no price function",
    consequence: "The price function was not deployed.",
    cure: "Pass breakpoints that ascend, with a price for each.",
  },
  PriceIntervalOutOfRange: {
    cause: ({ interval, first, last }) =>
      `interval ${interval} has no price: the timetable goes from ${first} to ${last}`,
    consequence: "There is no price to compare with; nothing was done.",
    cure: "Use a timetable that covers the interval.",
  },
};
