/**
 * From anything that a wallet, a node, ethers or this project threw, to an error of the catalogue:
 * reverts of contracts, refusals of a user, missing funds, wrong or unknown chains, silent nodes.
 * Works in a browser.
 */
import { SipsterError } from "../../errors/sipster-error.js";
import { decodeError } from "./decode-error.js";
import { chainErrors } from "./errors.js";
import { walletErrors } from "../wallet/errors.js";

type WalletKey = keyof typeof walletErrors.entries;

/** Codes of EIP-1193, EIP-1474 and EIP-3326. */
const WALLET_CODES: Readonly<Record<number, readonly [WalletKey, string]>> = {
  4001: ["refused", "the wallet's owner refused"],
  4100: ["not-authorised", "the wallet has not allowed this"],
  4200: ["unsupported", "the wallet does not support this request"],
  4900: ["disconnected", "the wallet is connected to no chain"],
  4901: ["disconnected", "the wallet is not connected to this chain"],
  4902: ["chain-unknown", "the wallet does not know the chain"],
  [-32002]: ["request-pending", "the wallet is waiting for an answer to an earlier question"],
  [-32601]: ["unsupported", "the wallet does not know this request"],
};

/** The same things as ethers names them. */
const ETHERS_CODES: Readonly<Record<string, number>> = {
  ACTION_REJECTED: 4001,
  UNSUPPORTED_OPERATION: 4200,
};

const UNREACHABLE = [
  "NETWORK_ERROR",
  "SERVER_ERROR",
  "TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
];
const REFUSED = ["NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED", "TRANSACTION_REPLACED"];

/** Nodes say it in words: geth and its kin, Nethermind, Hardhat. */
const NO_FUNDS = /insufficient (funds|balance)|doesn't have enough funds|InsufficientFunds/i;

/** The explanation of anything thrown; an error of the catalogue explains itself. */
export function explainFailure(error: unknown): SipsterError {
  if (error instanceof SipsterError) return error;
  const codes = codesIn(error);
  for (const code of codes) {
    const number = typeof code === "number" ? code : ETHERS_CODES[code];
    const known = number === undefined ? undefined : WALLET_CODES[number];
    if (known !== undefined) {
      return walletErrors.errorFrom({
        key: known[0],
        message: known[1],
        details: { code: number! },
        cause: error,
      });
    }
  }
  const message = messageOf(error);
  if (codes.includes("INSUFFICIENT_FUNDS") || NO_FUNDS.test(message)) {
    return chainErrors.errorFrom({
      key: "insufficient-funds",
      message: "the account has too little to pay for the gas",
      cause: error,
    });
  }
  const revert = decodeError(error);
  if (revert !== null) return revert;
  // A browser's fetch fails with a TypeError, regardless of the reason.
  if (codes.some((c) => UNREACHABLE.includes(String(c))) || error instanceof TypeError) {
    return chainErrors.errorFrom({
      key: "unreachable",
      message: `no usable answer: ${message}`,
      cause: error,
    });
  }
  if (codes.some((c) => REFUSED.includes(String(c)))) {
    return chainErrors.errorFrom({
      key: "transaction-refused",
      message: `the node refuses it: ${message}`,
      cause: error,
    });
  }
  return walletErrors.errorFrom({
    key: "failed",
    message: `unexpected answer: ${message}`,
    cause: error,
  });
}

/** The codes of an error and of those inside it, where ethers and wallets put them. */
function codesIn(error: unknown, depth = 0): (number | string)[] {
  if (typeof error !== "object" || error === null || depth > 6) return [];
  const fields = error as Record<string, unknown>;
  const { code } = fields;
  const own = typeof code === "number" || typeof code === "string" ? [code] : [];
  // -32603 says "internal error"; what is meant is inside (`data.originalError` by some wallets).
  return ["info", "error", "data", "originalError", "cause"].reduce(
    (all, key) => [...all, ...codesIn(fields[key], depth + 1)],
    own,
  );
}

/** What was said, by the innermost that says anything: outer ones repeat it with wrappings. */
function messageOf(error: unknown, depth = 0): string {
  if (typeof error !== "object" || error === null) return String(error);
  const fields = error as Record<string, unknown>;
  for (const key of ["info", "error", "cause"]) {
    const inner = fields[key];
    if (depth < 6 && typeof inner === "object" && inner !== null) {
      const message = messageOf(inner, depth + 1);
      if (message !== "") return message;
    }
  }
  const { shortMessage, message } = fields;
  return typeof shortMessage === "string"
    ? shortMessage
    : typeof message === "string"
      ? message
      : "";
}
