/**
 * What the pages say of an error to a resident. The catalogues speak to people who run a command or a
 * service; on a page no command can be typed. The code and the exact cause stay beside the words,
 * for an auditor or the operator. Works in a browser.
 */
import type { SipsterError } from "../errors/sipster-error.js";

/** What is left out is as the catalogue has it. */
interface Words {
  /** A sentence that begins in lower case and ends without a stop. */
  readonly title?: string;
  readonly consequence?: string;
  readonly cure?: string;
}

export interface WordedError {
  readonly title: string;
  readonly consequence: string;
  readonly cure: string;
  /** The identifier of the error, with the exact cause where the title does not give it. */
  readonly exact: string;
}

const RELOAD = "Reload this page and try again.";
const OPERATOR = "If it happens again, tell the operator of these pages the words in small print.";
const OTHER_NODE = "These pages need another node: tell their operator.";
const NEW_FILE = "Have your own device write the bill file again, and choose the new file.";
const UTILITY = "Ask your utility, and show it the words in small print.";
const WRONG_BILL = "Nothing was settled, and nothing was paid.";

const WORDS: Readonly<Record<string, Words>> = {
  "web/bad-config": {
    title: "these pages are not set up completely",
    cure: "Tell the operator of these pages the words in small print.",
  },
  "web/key-inconsistent": {
    title: "the node shows a key of the utility that cannot be right",
    cure: OTHER_NODE,
  },
  "web/pairing-fails": { cure: `${OTHER_NODE} ${NEW_FILE}` },
  "sipster/bad-bill-file": {
    title: "this file is not a complete bill",
    consequence: "It was not sent to anyone.",
    cure: NEW_FILE,
  },
  "chain/unreachable": {
    title: "the node that these pages ask does not answer",
    consequence:
      "Nothing new is known of the chain. What was sent before is not lost, and may still be settled.",
    cure: "Check your connection to the Internet. The page asks again by itself.",
  },
  "chain/node-refused": { title: "the node refuses to answer", cure: OTHER_NODE },
  "chain/events-refused": { cure: OTHER_NODE },
  "chain/no-genesis": { cure: OTHER_NODE },
  "chain/no-final-block": { cure: OTHER_NODE },
  "chain/wrong-chain": {
    title: "the node is on another chain than these pages are for",
    cure: OTHER_NODE,
  },
  "chain/chain-restarted": {
    title: "the chain was started again from its beginning",
    consequence: "The chain that these pages are for is gone. Bills made for it are worth nothing.",
    cure: "Reload this page. New bills are needed after the utility has set up the system again.",
  },
  "chain/other-contract": {
    title: "the contract of these pages is not on this chain",
    cure: `${RELOAD} ${OPERATOR}`,
  },
  "chain/bill-of-another-system": {
    title: "this bill is for another chain or another contract",
    cure: "Open the pages of the system that the bill is for.",
  },
  "chain/chain-reorganised": { cure: "Start the audit again." },
  "chain/insufficient-funds": {
    cure: "Send money for the gas to the account, choose another account, or let a relayer pay.",
  },
  "chain/transaction-pending": {
    cure: "Wait: the page watches the transaction. You can close it and look again later.",
  },
  "chain/transaction-replaced": { cure: "Look into your wallet's activity, then submit again." },
  "chain/transaction-refused": {
    cure: "Do what the message says, then submit again. You can also let a relayer send the bill.",
  },
  "chain/transaction-reverted": { cure: "Look at the bills again, and submit what is ready." },
  "contract/SettlementKeyEpochUnknown": {
    title: "the utility has not registered the key that this bill is under",
    cure: UTILITY,
  },
  "contract/SettlementKeyEpochNotOfPeriod": {
    title: "this bill is under another key than its month has",
    cure: `${NEW_FILE} If that does not help, ask your utility.`,
  },
  "contract/SettlementMeterUnregistered": {
    title: "the meter that signed this bill is not registered",
    cure: UTILITY,
  },
  "contract/SettlementMeterNotValid": {
    title: "this meter is not registered for the month of the bill",
    cure: UTILITY,
  },
  "contract/SettlementAlreadySettled": {
    title: "this bill is settled already",
    cure: "There is nothing to do.",
  },
  "contract/SettlementReceiptMismatch": {
    title: "the receipts do not pay this bill",
    consequence: `${WRONG_BILL} A receipt is missing, is there twice, or belongs to another bill.`,
    cure: "Have your own device check its receipts, buy the missing ones, and write the file again.",
  },
  "contract/SettlementBatchReceiptMismatch": {
    title: "one of the bills that were sent together is not paid",
    cure: "Remove the bill that is refused, and submit the others.",
  },
  ...Object.fromEntries(
    [
      "BillPointInvalid",
      "ReceiptPointInvalid",
      "SignatureLength",
      "SignatureV",
      "SignatureHighS",
      "SignatureUnrecoverable",
    ].map((name) => [
      `contract/Settlement${name}`,
      { title: "this bill file is damaged", consequence: WRONG_BILL, cure: NEW_FILE },
    ]),
  ),
  "http/too-many-requests": {
    title: "the relayer has too much to do at the moment",
    consequence: "The bill was not taken yet.",
    cure: "Wait a minute and try again.",
  },
  "relay/bad-answer": {
    title: "what answers in the relayer's place is not one",
    cure: "Let your own wallet send the bill, or tell the operator of these pages.",
  },
  "relay/bad-request": { title: "the relayer does not understand these pages" },
};

/** Commands, options, variables: what only a terminal knows. */
export const TERMINAL_WORDS =
  /`|--\w|\bSIPSTER_|\bcommand\b|^(Run|Pass|Name|Hand in|Deploy|Repeat)\b|\bnpm\b/;

/** The words for a page. An error without words of its own names no command either. */
export function wordsFor({ code, message, consequence, cure }: SipsterError): WordedError {
  const words = WORDS[code] ?? {};
  const told = words.cure ?? cure;
  return {
    title: words.title ?? message,
    consequence: words.consequence ?? consequence,
    cure: TERMINAL_WORDS.test(told) ? `${RELOAD} ${OPERATOR}` : told,
    exact: words.title === undefined ? code : `${code}: ${message}`,
  };
}

/** The errors that have words of their own. */
export const WORDED = Object.keys(WORDS);
