/** The errors of BillSettlement, in the order of its checks. */
import { ExitCode } from "../../../errors/sipster-error.js";
import type { ContractErrorName, Explanations } from "./abis.js";
import { defect, epochRange, lastPeriod } from "./wording.js";

type SettlementErrorName = Extract<ContractErrorName, `Settlement${string}`>;

/** Nothing changed on the chain: what a bill that is refused costs its sender. */
const NOTHING_SETTLED = "Nothing was settled; a bill checked before sending costs no gas.";
const NOT_REGISTERED = "Nothing was registered.";

export const settlementErrors: Explanations<SettlementErrorName> = {
  SettlementKeyEpochUnknown: {
    cause: ({ keyEpoch }) => `no key of the utility is registered for key epoch ${keyEpoch}`,
    consequence: NOTHING_SETTLED,
    cure: "Check that the bill is for this deployment; if it is, the utility has to register its key first.",
    exit: ExitCode.No,
  },
  SettlementKeyEpochNotOfPeriod: {
    cause: (a) =>
      `period ${a.period} is not under key epoch ${a.keyEpoch}, which ${epochRange(a.firstPeriod, a.endPeriod)}`,
    consequence: `${NOTHING_SETTLED} Each period has one key, the same for every home.`,
    cure: "Ask the meter for the bill under the period's key epoch, after giving it the notice of that epoch.",
    exit: ExitCode.No,
  },
  SettlementBillPointInvalid: {
    cause: (a) => `the bill's point R ${defect(a.defect)} (x = ${a.rx}, y = ${a.ry})`,
    consequence: NOTHING_SETTLED,
    cure: "Ask the meter for the bill again: it gives the same bytes. Do not edit bill files.",
    exit: ExitCode.No,
  },
  SettlementReceiptPointInvalid: {
    cause: (a) => `the combined receipt ${defect(a.defect)} (x = ${a.sx}, y = ${a.sy})`,
    consequence: NOTHING_SETTLED,
    cure: "Combine the receipts of the period again on the resident's device.",
    exit: ExitCode.No,
  },
  SettlementSignatureLength: {
    cause: ({ length }) => `the signature has ${length} bytes, not 64 (EIP-2098) or 65`,
    consequence: NOTHING_SETTLED,
    cure: "Pass the meter's signature as it was made.",
    exit: ExitCode.No,
  },
  SettlementSignatureV: {
    cause: ({ v }) => `the last byte of the signature is ${v}, not 27 or 28`,
    consequence: NOTHING_SETTLED,
    cure: "Pass the meter's signature as it was made; a signer that writes 0 or 1 means 27 or 28.",
    exit: ExitCode.No,
  },
  SettlementSignatureHighS: {
    cause: ({ s }) => `s of the signature is in the upper half of the group order (${s})`,
    consequence: `${NOTHING_SETTLED} It is the malleable twin of a valid signature, made by someone else.`,
    cure: "Ask the meter for the bill again: meters sign with s in the lower half.",
    exit: ExitCode.No,
  },
  SettlementSignatureUnrecoverable: {
    cause: ({ digest }) => `the signature on the digest ${digest} recovers to no address`,
    consequence: NOTHING_SETTLED,
    cure: "Ask the meter for the bill again: the signature is damaged.",
    exit: ExitCode.No,
  },
  SettlementMeterUnregistered: {
    cause: ({ meter }) => `the signer ${meter} is not a registered meter`,
    consequence: `${NOTHING_SETTLED} A bill that was altered after signing, or signed for another chain or contract, also looks like this.`,
    cure: "Check that chain id and contract are those of the bill. If they are and the address is the meter's, the utility has to register it.",
    exit: ExitCode.No,
  },
  SettlementMeterNotValid: {
    cause: (a) =>
      `meter ${a.meter} may settle the periods ${a.validFrom} to ${lastPeriod(a.validUntil)}, not ${a.period}`,
    consequence: NOTHING_SETTLED,
    cure: "Ask the utility why the meter is not registered for this period.",
    exit: ExitCode.No,
  },
  SettlementAlreadySettled: {
    cause: ({ meter, period }) => `period ${period} of meter ${meter} is settled already`,
    consequence: "Nothing is left to do: the bill counts as paid, no matter who submitted it.",
    cure: "Nothing. The event BillSettled names the transaction that did it.",
    exit: ExitCode.Ok,
  },
  SettlementReceiptMismatch: {
    cause: ({ meter, period, keyEpoch }) =>
      `the combined receipt does not pay the bill of meter ${meter} for period ${period} under key epoch ${keyEpoch}`,
    consequence: `${NOTHING_SETTLED} A receipt is missing, doubled, or of another bill or key.`,
    cure: "Verify each receipt on the resident's device, buy the missing ones, and combine again.",
    exit: ExitCode.No,
  },
  SettlementBatchReceiptMismatch: {
    cause: ({ bills }) => `the combined receipt does not pay the batch of ${bills} bills`,
    consequence: `${NOTHING_SETTLED} At least one of the bills is not paid, or the batch was combined for other bills or another order.`,
    cure: "Check each bill by itself, leave out the one that fails, and combine again.",
    exit: ExitCode.No,
  },
  SettlementBatchEmpty: {
    cause: () => "the batch has no bill",
    consequence: NOTHING_SETTLED,
    cure: "Submit at least one bill.",
    exit: ExitCode.Usage,
  },
  SettlementBatchKeyEpoch: {
    cause: ({ index, expected, actual }) =>
      `bill number ${index} of the batch is under key epoch ${actual}, the batch under ${expected}`,
    consequence: NOTHING_SETTLED,
    cure: "Submit one batch for each key epoch.",
    exit: ExitCode.No,
  },
  SettlementExplainOutOfGas: {
    cause: () => "the view that explains a bill ran out of gas",
    consequence: "It is not known whether the bill would settle; nothing was sent.",
    cure: "Ask a node that allows more gas in a call: one bill needs about a million, each further one of a batch 60,000.",
    exit: ExitCode.TryAgain,
  },
  SettlementKeyA1Invalid: {
    cause: (a) => `the half A1 of the key ${defect(a.defect)}`,
    consequence: NOT_REGISTERED,
    cure: "Generate the key with this software, and pass its public half unchanged.",
  },
  SettlementKeyA2Invalid: {
    cause: (a) => `the half A2 of the key ${defect(a.defect)}`,
    consequence: NOT_REGISTERED,
    cure: "Generate the key with this software, and pass its public half unchanged, the imaginary part of each coordinate first.",
  },
  SettlementKeyInconsistent: {
    cause: () => "the halves A1 and A2 of the key belong to different secrets",
    consequence: NOT_REGISTERED,
    cure: "Pass A1 and A2 of one and the same key.",
  },
  SettlementKeyInUse: {
    cause: ({ keyHash, keyEpoch }) => `the key ${keyHash} is that of key epoch ${keyEpoch}`,
    consequence: `${NOT_REGISTERED} A key serves one epoch, so that it ends with it.`,
    cure: "Generate a new key.",
  },
  SettlementKeyNoticeInvalid: {
    cause: ({ signer, noticeSigner }) =>
      `the notice of the key epoch is signed by ${signer}, not by the notice signer ${noticeSigner}`,
    consequence: NOT_REGISTERED,
    cure: "Sign the notice with the deployment's notice key, for the next key epoch, this first period and this key.",
  },
  SettlementFirstPeriodInvalid: {
    cause: ({ firstPeriod, earliest }) =>
      earliest === 0n
        ? `the first of all begins at period 0, not at ${firstPeriod}`
        : `the first period ${firstPeriod} is not a month from ${earliest} on`,
    consequence: "Nothing was registered or announced.",
    cure: "Name a month from that one on as YYYYMM: keys and terms are announced some months before they hold.",
  },
  SettlementLeadTooLong: {
    cause: ({ lead }) => `a lead of ${lead} months was asked for`,
    consequence: "Nothing was deployed.",
    cure: "Choose a lead of 1 to 12 months, or 0 for a development deployment.",
    exit: ExitCode.Usage,
  },
  SettlementParametersHashZero: {
    cause: () => "the hash of the public parameters is zero",
    consequence: "Nothing was announced.",
    cure: "Pass the hash of the encoded parameters.",
  },
  SettlementWordOutOfRange: {
    cause: ({ word }) => `a period has words 0 to 16777215, and word ${word} was asked for`,
    consequence: "Nothing was read.",
    cure: "Divide the meter's number by 256.",
    exit: ExitCode.Usage,
  },
  SettlementZeroAddress: {
    cause: () => "a role, a meter or the notice signer was given the zero address",
    consequence: NOT_REGISTERED,
    cure: "Name the address of the holder or the meter.",
  },
  SettlementMeterAlreadyRegistered: {
    cause: ({ meter, index }) => `${meter} is registered already, as meter number ${index}`,
    consequence: `${NOT_REGISTERED} An address is registered once, for good.`,
    cure: "Leave it out. A meter that returns after it was retired comes with a new key.",
  },
  SettlementMeterPeriods: {
    cause: ({ validFrom, validUntil }) =>
      `the first valid period ${validFrom} comes after the last, ${validUntil}`,
    consequence: NOT_REGISTERED,
    cure: "Pass the earlier period first; 4294967295 as the last means no end.",
  },
  SettlementMeterRetirement: {
    cause: (a) =>
      `meter ${a.meter} ends with period ${lastPeriod(a.validUntil)}, which is not after ${a.lastPeriod}`,
    consequence: "The meter's periods are unchanged.",
    cure: "Retiring only shortens: name an earlier period.",
  },
  SettlementMeterPeriodBegun: {
    cause: (a) =>
      `meter ${a.meter} cannot end with period ${a.lastPeriod}: period ${a.earliest} has begun`,
    consequence: "The meter's periods are unchanged.",
    cure: "Name the current month or a later one: a retirement never reaches a period that has begun.",
  },
};
