/** What became of a bill that was submitted. */
import type { SipsterError } from "../../errors/sipster-error.js";
import type { HexAddress, SettleableBill } from "../../sipster/index.js";

interface Submitted {
  readonly meter: HexAddress;
  readonly period: number;
  readonly keyEpoch: number;
}

/** Settled by a transaction of ours. */
export interface Settled extends Submitted {
  readonly status: "settled";
  readonly transaction: string;
  readonly block: number;
  /** Units of gas; in a batch, the bill's share. */
  readonly gasUsed: bigint;
}

/** Settled before, by whomever: as good. */
export interface AlreadySettled extends Submitted {
  readonly status: "already-settled";
  /** `null` if the node does not give the events of the past. */
  readonly transaction: string | null;
  readonly block: number | null;
}

/** Not settled, and it cost nothing. */
export interface Refused extends Submitted {
  readonly status: "refused";
  /** `contract/…` with the reason. */
  readonly error: SipsterError;
}

export type SettlementOutcome = Settled | AlreadySettled | Refused;

function submitted({ meter, bill }: SettleableBill): Submitted {
  return { meter, period: bill.period, keyEpoch: bill.keyEpoch };
}

export function settled(
  bill: SettleableBill,
  by: { transaction: string; block: number; gasUsed: bigint },
): Settled {
  return { status: "settled", ...submitted(bill), ...by };
}

export function alreadySettled(bill: SettleableBill): AlreadySettled {
  return { status: "already-settled", ...submitted(bill), transaction: null, block: null };
}

export function refused(bill: SettleableBill, error: SipsterError): Refused {
  return { status: "refused", ...submitted(bill), error };
}

/** Names a (meter, period): one bill of each is ever settled. */
export function nullifierOf(bill: { meter: string; period: number | bigint }): string {
  return `${bill.meter.toLowerCase()} ${bill.period}`;
}
