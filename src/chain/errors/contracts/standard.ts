/** Errors of libraries: curve and precompiles, and OpenZeppelin's. */
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";

type StandardErrorName = Exclude<
  ContractErrorName,
  | `Settlement${string}`
  | `Vault${string}`
  | `Ledger${string}`
  | `TrusteeHeads${string}`
  | `Price${string}`
>;

const NOTHING_DONE = "Nothing was done.";

export const standardErrors: Explanations<StandardErrorName> = {
  BN254PrecompileFailed: {
    cause: ({ precompile, gasLeft }) =>
      `the precompile ${precompile} failed on valid points with ${gasLeft} gas left`,
    consequence: `${NOTHING_DONE} The transaction had too little gas.`,
    cure: "Send it again with the gas that the node estimates, or more.",
    exit: ExitCode.TryAgain,
  },
  BN254GasTooLow: {
    cause: ({ gasLeft, needed }) => `${gasLeft} gas was left where ${needed} is needed`,
    consequence: `${NOTHING_DONE} Too little gas looks like a bad point, so it is refused first.`,
    cure: "Send it again with the gas that the node estimates, or more.",
    exit: ExitCode.TryAgain,
  },
  KeyCodeMisplaced: {
    cause: ({ expected, actual }) =>
      `the contract that holds a key was created at ${actual}, not at ${expected}`,
    consequence: "No key was registered, and none can be by this deployment.",
    cure: "Report it: the chain counts the contracts of a contract in another way than Ethereum does.",
  },
  AccessControlUnauthorizedAccount: {
    cause: ({ account, neededRole }) => `${account} does not hold the role ${neededRole}`,
    consequence: NOTHING_DONE,
    cure: "Send it from an account that holds the role; the deployment record lists them.",
    exit: ExitCode.No,
  },
  AccessControlBadConfirmation: {
    cause: () => "a role is renounced by its holder only",
    consequence: NOTHING_DONE,
    cure: "Send it from the account that gives up its role.",
    exit: ExitCode.No,
  },
  EnforcedPause: {
    cause: () => "the contract is paused",
    consequence: `${NOTHING_DONE} A pause stops registrations and new deposits, never settlement or refunds.`,
    cure: "Wait until the holder of the pauser role resumes.",
    exit: ExitCode.TryAgain,
  },
  ExpectedPause: {
    cause: () => "the contract is not paused",
    consequence: NOTHING_DONE,
    cure: "Do nothing: the contract is not paused.",
    exit: ExitCode.No,
  },
  InvalidShortString: {
    cause: () => "a string kept in one word is malformed",
    consequence: NOTHING_DONE,
    cure: "Report it: names and versions of this deployment are constants.",
  },
  StringTooLong: {
    cause: ({ str }) => `the string "${str}" does not fit into one word`,
    consequence: NOTHING_DONE,
    cure: "Report it: names and versions of this deployment are constants.",
  },
  ReentrancyGuardReentrantCall: {
    cause: () => "the token called the vault back in the middle of a transfer",
    consequence: `${NOTHING_DONE} A token that does this could be after the vault's money.`,
    cure: "Use a deployment with a plain ERC-20 token.",
    exit: ExitCode.No,
  },
  SafeERC20FailedOperation: {
    cause: ({ token }) => `the token ${token} did not carry out a transfer`,
    consequence: "No money moved.",
    cure: "Check the balance, and that the vault is approved for the amount.",
    exit: ExitCode.No,
  },
  ERC20InsufficientBalance: {
    cause: (a) =>
      `${a.sender} has ${a.balance} base units of the token, and ${a.needed} are needed`,
    consequence: "No money moved.",
    cure: "Get more of the token, or move less.",
    exit: ExitCode.No,
  },
  ERC20InsufficientAllowance: {
    cause: (a) =>
      `${a.spender} is approved for ${a.allowance} base units of the token, and ${a.needed} are needed`,
    consequence: "No money moved.",
    cure: "Approve the amount first, with `approve` of the token.",
    exit: ExitCode.No,
  },
  ERC20InvalidSender: {
    cause: ({ sender }) => `tokens cannot come from ${sender}`,
    consequence: "No money moved.",
    cure: "Name the account that holds them.",
  },
  ERC20InvalidReceiver: {
    cause: ({ receiver }) => `tokens cannot go to ${receiver}`,
    consequence: "No money moved.",
    cure: "Name an account that can hold them.",
  },
  ERC20InvalidApprover: {
    cause: ({ approver }) => `${approver} cannot approve anyone`,
    consequence: "The allowance is unchanged.",
    cure: "Approve from the account that holds the tokens.",
  },
  ERC20InvalidSpender: {
    cause: ({ spender }) => `${spender} cannot be approved`,
    consequence: "The allowance is unchanged.",
    cure: "Name the account that shall spend, usually the vault.",
  },
};
