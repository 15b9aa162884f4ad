/** How far the bill of a period is, as a wallet knows it. */

export type BillStage =
  /** The period is not over. */
  | "open"
  /** Tokens without a verified receipt are left. */
  | "unpaid"
  /** Paid: its day in the settling days has not come, or orders on the board are not answered. */
  | "waits"
  /** The bill file is written, and nobody was told to settle it. */
  | "ready"
  /** The relayer has it, or a transaction of one's own is sent. */
  | "handed-in"
  /** In a final block. */
  | "settled";

export interface BillState {
  /** YYYYMM. */
  readonly period: number;
  readonly units: bigint;
  readonly unitsPaid: bigint;
  readonly tokens: number;
  readonly stage: BillStage;
  /** Unix seconds, by the deployment's clock; `null` before the tokens are all paid. */
  readonly settleAt: number | null;
  /** The bill file, when there is one. */
  readonly file: string | null;
  /** Transaction of the settlement. */
  readonly tx: string | null;
}

const SAYS: Readonly<Record<BillStage, string>> = {
  open: "the month is not over",
  unpaid: "payments are due",
  waits: "paid, waits for its settling day",
  ready: "ready to be settled",
  "handed-in": "handed in",
  settled: "settled",
};

/** The stage in words. */
export function stageText(stage: BillStage): string {
  return SAYS[stage];
}
