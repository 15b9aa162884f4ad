/** The errors of CreditVault. */
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";
import { defect, time } from "./wording.js";

type VaultErrorName = Extract<ContractErrorName, `Vault${string}`>;

const NOTHING_MOVED = "No money moved.";
const STATUS = ["unknown", "open", "acknowledged", "refunded", "collected"] as const;

function status(value: bigint): string {
  return STATUS[Number(value)] ?? `in state ${value}`;
}

export const vaultErrors: Explanations<VaultErrorName> = {
  VaultAmountOutOfRange: {
    cause: ({ amount }) => `a deposit of ${amount} base units`,
    consequence: NOTHING_MOVED,
    cure: "Deposit at least one base unit of the token, and less than 2^128.",
  },
  VaultCountOutOfRange: {
    cause: ({ count, most }) =>
      `a deposit for ${count} blinded messages, where 1 to ${most} are possible`,
    consequence: NOTHING_MOVED,
    cure: "Split a larger withdrawal into several deposits.",
  },
  VaultTransferShort: {
    cause: ({ expected, received }) =>
      `the token delivered ${received} base units where ${expected} were sent`,
    consequence: `${NOTHING_MOVED} A token that takes a fee or changes balances by itself cannot back coins one to one.`,
    cure: "Use a deployment with a plain ERC-20 token.",
  },
  VaultDepositStatus: {
    cause: (a) => `deposit ${a.id} is ${status(a.actual)} and would have to be ${status(a.needed)}`,
    consequence: NOTHING_MOVED,
    cure: "Look the deposit up and do what its state allows; another process may have done it already.",
    exit: ExitCode.No,
  },
  VaultDepositDiffers: {
    cause: (a) => `deposit ${a.id} has the hash ${a.depositHash}, and the mint means ${a.expected}`,
    consequence: `${NOTHING_MOVED} The chain was reorganised since the mint read it: another deposit has this number now.`,
    cure: "Run the mint again: it reads the chain again and finds the deposit under its new number.",
    exit: ExitCode.TryAgain,
  },
  VaultAcknowledgeTooLate: {
    cause: (a) =>
      `deposit ${a.id} could be acknowledged until ${time(a.deadline)}, and the block is of ${time(a.timestamp)}`,
    consequence: `${NOTHING_MOVED} The depositor may take the deposit back.`,
    cure: "Let it be refunded, and answer earlier next time.",
    exit: ExitCode.No,
  },
  VaultRefundTooEarly: {
    cause: (a) =>
      `the mint may answer deposit ${a.id} until ${time(a.deadline)}, and the block is of ${time(a.timestamp)}`,
    consequence: NOTHING_MOVED,
    cure: "Ask for the refund after that time.",
    exit: ExitCode.TryAgain,
  },
  VaultDisputeTooLate: {
    cause: (a) =>
      `the signatures of deposit ${a.id} could be disputed until ${time(a.deadline)}, and the block is of ${time(a.timestamp)}`,
    consequence: NOTHING_MOVED,
    cure: "Nothing can be done on the chain any more; check signatures as soon as they are published.",
    exit: ExitCode.No,
  },
  VaultCollectTooEarly: {
    cause: (a) =>
      `the signatures of deposit ${a.id} may be disputed until ${time(a.deadline)}, and the block is of ${time(a.timestamp)}`,
    consequence: NOTHING_MOVED,
    cure: "Collect after that time.",
    exit: ExitCode.TryAgain,
  },
  VaultSignatureCount: {
    cause: (a) =>
      `deposit ${a.id} has ${a.needed} messages, and the acknowledgement ${a.actual} signatures`,
    consequence: NOTHING_MOVED,
    cure: "Publish one signature for each message, in their order.",
  },
  VaultDisputeIndex: {
    cause: ({ id, index, count }) =>
      `deposit ${id} has ${count} messages, and none has the number ${index}`,
    consequence: NOTHING_MOVED,
    cure: "Count from 0.",
  },
  VaultMessageNotInDeposit: {
    cause: ({ id, index }) => `deposit ${id} does not have this message at number ${index}`,
    consequence: NOTHING_MOVED,
    cure: "Pass the blinded message of the deposit with its denomination and its path.",
  },
  VaultSignatureNotPublished: {
    cause: ({ id, index }) =>
      `the mint did not publish this signature at number ${index} of deposit ${id}`,
    consequence: NOTHING_MOVED,
    cure: "Pass the signature as the event Acknowledged gives it, with its path.",
  },
  VaultMessageInvalid: {
    cause: (a) => `the blinded message ${defect(a.defect)}`,
    consequence: `${NOTHING_MOVED} No signature can be right for such a message, so it proves nothing about the mint.`,
    cure: "Make withdrawals with this software, whose messages are points.",
    exit: ExitCode.No,
  },
  VaultSignatureValid: {
    cause: ({ id, index }) => `signature number ${index} of deposit ${id} is right`,
    consequence: `${NOTHING_MOVED} There is nothing to dispute.`,
    cure: "Check which of the signatures is wrong before disputing.",
    exit: ExitCode.No,
  },
  VaultNothingDue: {
    cause: ({ account }) => `nothing is due to ${account}`,
    consequence: NOTHING_MOVED,
    cure: "Refund or dispute a deposit first, and withdraw from the account that deposited.",
    exit: ExitCode.No,
  },
  VaultPeriodOutOfRange: {
    cause: ({ period, least, most }) =>
      `a period of ${period} seconds, where ${least} to ${most} are possible`,
    consequence: "Nothing was deployed.",
    cure: "Choose a period within the bounds: each side needs time to act, and neither may wait for ever.",
  },
  VaultMintKeyIdOutOfOrder: {
    cause: ({ next, actual }) => `the mint key id is ${actual}, and the next one is ${next}`,
    consequence: "No key was registered.",
    cure: "Give the keys the next id. Ids that are registered stay as they are.",
  },
  VaultMintKeyIdUnknown: {
    cause: ({ mintKeyId }) => `no mint key has the id ${mintKeyId}`,
    consequence: NOTHING_MOVED,
    cure: "Use a mint key id that is registered.",
  },
  VaultMintKeyCount: {
    cause: ({ count, most }) => `${count} mint keys, where 1 to ${most} are possible`,
    consequence: "No key was registered.",
    cure: "Register a mint key id with fewer denominations.",
  },
  VaultMintKeyFirstPeriod: {
    cause: ({ firstPeriod, earliest }) =>
      `the mint key id would begin at period ${firstPeriod}, and ${earliest} is the earliest`,
    consequence: "No key was registered.",
    cure: "Choose a month as YYYYMM that is not before the earliest.",
  },
  VaultDenominationOrder: {
    cause: ({ previous, denomination }) =>
      `denomination ${denomination} follows ${previous} in the list of mint keys`,
    consequence: "No key was registered.",
    cure: "List the denominations in ascending order, from 1, each once.",
  },
  VaultMintKeyInUse: {
    cause: ({ mintKeyId, denomination, keyHash }) =>
      `the key ${keyHash} offered for denomination ${denomination} of mint key ${mintKeyId} is registered already`,
    consequence:
      "No key was registered. A key with two uses would let a coin pass for a larger one, or a withdrawal buy receipts.",
    cure: "Generate a new key for each denomination of each mint key id.",
  },
  VaultMintKeyB1Invalid: {
    cause: (a) => `the half B1 of the mint key ${defect(a.defect)}`,
    consequence: "No key was registered.",
    cure: "Generate the key with this software, and pass its public half unchanged.",
  },
  VaultMintKeyB2Invalid: {
    cause: (a) => `the half B2 of the mint key ${defect(a.defect)}`,
    consequence: "No key was registered.",
    cure: "Generate the key with this software, and pass its public half unchanged, the imaginary part of each coordinate first.",
  },
  VaultMintKeyInconsistent: {
    cause: () => "the halves B1 and B2 of the mint key belong to different secrets",
    consequence: "No key was registered.",
    cure: "Pass B1 and B2 of one and the same key.",
  },
  VaultMintKeyUnknown: {
    cause: ({ mintKeyId, denomination }) =>
      `mint key ${mintKeyId} has no key for denomination ${denomination}`,
    consequence: NOTHING_MOVED,
    cure: "Use a mint key and a denomination that are registered.",
  },
  VaultZeroAddress: {
    cause: () => "a role, the token, the settlement or a recipient was the zero address",
    consequence: NOTHING_MOVED,
    cure: "Name the address.",
  },
};
