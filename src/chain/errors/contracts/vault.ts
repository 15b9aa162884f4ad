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
  VaultAmountZero: {
    cause: () => "a deposit of nothing",
    consequence: NOTHING_MOVED,
    cure: "Deposit at least one base unit of the token.",
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
    cure: "Look the deposit up and do what its state allows; it may have been done by somebody else.",
    exit: ExitCode.No,
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
  VaultMessagesDiffer: {
    cause: (a) =>
      `these messages have the digest ${a.actual}, those of deposit ${a.id} ${a.expected}`,
    consequence: NOTHING_MOVED,
    cure: "Pass all blinded messages of the deposit, in their order, with their mint key.",
  },
  VaultSignaturesDiffer: {
    cause: (a) =>
      `these signatures have the hash ${a.actual}, those published for deposit ${a.id} ${a.expected}`,
    consequence: NOTHING_MOVED,
    cure: "Pass the signatures as the event Acknowledged gives them.",
  },
  VaultDisputeIndex: {
    cause: ({ id, index }) => `deposit ${id} has neither message nor signature number ${index}`,
    consequence: NOTHING_MOVED,
    cure: "Count from 0.",
  },
  VaultSignatureValid: {
    cause: ({ id, index }) => `signature number ${index} of deposit ${id} is right`,
    consequence: `${NOTHING_MOVED} There is nothing to dispute.`,
    cure: "Check which of the signatures is wrong before disputing.",
    exit: ExitCode.No,
  },
  VaultNoSignatures: {
    cause: ({ id }) => `the acknowledgement of deposit ${id} has no signature`,
    consequence: NOTHING_MOVED,
    cure: "Publish one signature for each message, or decline the deposit.",
  },
  VaultMintKeyExists: {
    cause: ({ mintKeyId, denomination }) =>
      `mint key ${mintKeyId} has a key for denomination ${denomination} already`,
    consequence: "The registered key stays: keys are never replaced.",
    cure: "Register the new key under a new mint key number.",
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
