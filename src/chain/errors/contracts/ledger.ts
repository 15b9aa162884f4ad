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
  LedgerRulesInvalid: {
    cause: () =>
      "the least number of homes, the average, the first interval or the window cannot be",
    consequence: "The contract was not deployed.",
    cure: "Pass 1 to 256 homes, an average that is a multiple of 4, and a first interval and a window above 0.",
  },
  LedgerOutOfOrder: {
    cause: ({ interval }) => `interval ${interval} does not come after the last one`,
    consequence: `${NOTHING_ANCHORED} Intervals are anchored in order.`,
    cure: "Anchor the intervals one after the other.",
  },
  LedgerAlreadyAnchored: {
    cause: ({ interval }) => `interval ${interval} is anchored already`,
    consequence: NOTHING_ANCHORED,
    cure: "If the page is wrong, replace it by revision 1, or abandon it, while it is the last and not billed.",
    exit: ExitCode.No,
  },
  LedgerFinal: {
    cause: ({ interval, revision }) =>
      `revision ${revision} of interval ${interval} cannot take effect: the page is final, or was replaced once`,
    consequence: NOTHING_ANCHORED,
    cure: "Go on with the next interval; what is wrong with a final page is for a challenge, which voids it.",
    exit: ExitCode.No,
  },
  LedgerSourceWrong: {
    cause: ({ interval, source, expected }) =>
      `the terms of page ${interval} name page ${source}; the last page that stands is ${expected}`,
    consequence: NOTHING_ANCHORED,
    cure: "Compute the terms again from the page named here (0: from the first average).",
  },
  LedgerAlreadyBilled: {
    cause: ({ interval }) => `the bills of interval ${interval} are anchored already`,
    consequence: `${NOTHING_ANCHORED} A page is billed once.`,
    cure: "Compare what is anchored with your own page; if they differ, it is for the auditors.",
    exit: ExitCode.No,
  },
  LedgerPageVoid: {
    cause: ({ interval, revision }) =>
      `revision ${revision} of interval ${interval} was replaced, or is void`,
    consequence: `${NOTHING_ANCHORED} Nobody owes the rows of this page.`,
    cure: "Bill the page that replaced it; without one, its energy is billed from the registers.",
    exit: ExitCode.No,
  },
  LedgerConsumptionMissing: {
    cause: ({ interval }) => `the consumption of interval ${interval} is not anchored`,
    consequence: `${NOTHING_ANCHORED} Price and bills rest on the consumption.`,
    cure: "Wait for the control centre to anchor the interval.",
    exit: ExitCode.TryAgain,
  },
  LedgerConsumptionMismatch: {
    cause: ({ interval, consumption }) =>
      `the page on interval ${interval} rests on consumption ${consumption}, which is not the one anchored`,
    consequence: NOTHING_ANCHORED,
    cure: "Make the page again from the consumption that is anchored.",
  },
  LedgerTotalWrong: {
    cause: ({ interval, total }) =>
      `the total ${total} of interval ${interval} is not price times load`,
    consequence: NOTHING_ANCHORED,
    cure: "Multiply the price by the anchored load.",
  },
  LedgerPageUnknown: {
    cause: ({ interval }) => `the page given for interval ${interval} is not the one anchored`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the page as the events have it, with its bills if it is billed.",
  },
  LedgerNotBilled: {
    cause: ({ interval }) => `interval ${interval} has no bills yet`,
    consequence: NOTHING_SHOWN,
    cure: "Wait for the provider to anchor the bills.",
    exit: ExitCode.TryAgain,
  },
  LedgerRowUnknown: {
    cause: ({ interval, index }) =>
      `row ${index} of interval ${interval} is not under the anchored root at this position`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the row, its position and its path as they were published.",
  },
  LedgerEntryUnknown: {
    cause: ({ interval, index }) =>
      `entry ${index} is not in the enrolment of interval ${interval} at this position`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the entry, its position and its path from the list that was anchored.",
  },
  LedgerNodeUnknown: {
    cause: ({ interval }) => `the nodes do not lead to the root of interval ${interval}`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the nodes from the root down, or the path of a row within the count.",
  },
  LedgerRowsUnfit: {
    cause: ({ rows }) => `${rows} rows do not fit this challenge`,
    consequence: NOTHING_SHOWN,
    cure: "Pass all rows that the challenge is about, and no others.",
  },
  LedgerReceiptInvalid: {
    cause: ({ interval, which }) =>
      `receipt number ${which} for interval ${interval} is not signed by a key registered for it`,
    consequence: NOTHING_SHOWN,
    cure: "Pass the receipt as the control centre gave it, with the leaf it is about.",
  },
  LedgerStatementInvalid: {
    cause: ({ interval }) =>
      `the statement about interval ${interval} is of another page, or of another author`,
    consequence: NOTHING_SHOWN,
    cure: "Pass a statement about the same interval and revision, with its author's signature.",
  },
  LedgerReceiptKeyInvalid: {
    cause: ({ key }) => `the receipt key ${key} is known already, or its intervals cannot be`,
    consequence: "No receipt key was changed.",
    cure: "Register a new key with a first interval that is not after its last.",
  },
  LedgerRevocationLate: {
    cause: ({ key, from }) => `receipts of interval ${from} under key ${key} may exist already`,
    consequence: "The receipt key was not revoked.",
    cure: "Revoke it from an interval whose terms are not published: two after the last page, or later.",
  },
  LedgerDemandInvalid: {
    cause: ({ interval, index }) =>
      `row ${index} of interval ${interval} cannot be asked for, or nobody asked`,
    consequence: "Nothing was asked and nothing was shown.",
    cure: "Ask once, for a row within the count, while the page's rows must be kept.",
  },
  LedgerDemandOpen: {
    cause: ({ interval, index }) =>
      `row ${index} of interval ${interval} was shown, was not asked for, or may still be shown`,
    consequence: "The page was not voided.",
    cure: "Wait for the deadline that the event names; a row that was shown proves nothing.",
    exit: ExitCode.TryAgain,
  },
  LedgerSignatureUndecided: {
    cause: () => "the signature uses a key that the contract's arithmetic cannot take",
    consequence: NOTHING_SHOWN,
    cure: "Show another row: one key in 2^127 is of this kind.",
  },
  LedgerNoContradiction: {
    cause: ({ kind }) => `what was passed is not a contradiction (of kind ${kind})`,
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
