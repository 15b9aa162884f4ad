/** One round of a wallet's work, and what it says of itself. */
import { exportBooks } from "../../resident/index.js";
import { addPeriods, periodOfTime } from "../../sipster/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { OrderBoard, PeriodStatus, StepReport } from "../../resident/index.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";

export interface Round {
  readonly step: StepReport;
  /** Verified in this round. */
  readonly verified: number;
  /** Bill files that may be settled now. */
  readonly bills: readonly { readonly period: number; readonly file: string }[];
}

/** Periods that a wallet looks after: the open month, and those before that may still be unpaid. */
const MONTHS_BACK = 3;

/** Fetches tokens, pays what is due, verifies, and writes the bill files that may be settled. */
export async function runRound(wallet: OpenWallet, board: OrderBoard): Promise<Round> {
  const { resident, channel, pinned } = wallet;
  await fetchTokens(wallet);
  const step = await resident.step(channel.carry, board);
  const { verified } = await resident.verify();
  const bills: { period: number; file: string }[] = [];
  for (const period of periodsOf(pinned.now).slice(1)) {
    const file = await billOf(wallet, period, board);
    if (file !== null) bills.push({ period, file });
  }
  return { step, verified, bills };
}

/** Takes what the meter has emitted since the last time. */
async function fetchTokens({ resident, meter, pinned }: OpenWallet): Promise<void> {
  const client = await meter();
  try {
    // The meter passes over notices that it follows already.
    for (const { notice } of pinned.keys) await client.followKeyNotice(notice);
    for (const period of periodsOf(pinned.now)) {
      const { waiting, sent, posted, receipted, verified, blocked } = await resident.status(period);
      const known = waiting + sent + posted + receipted + verified + blocked;
      const tokens = await client.tokens(period, known).catch(noPeriod);
      await resident.accept(period, tokens);
    }
  } finally {
    client.close();
  }
}

/** The bill file of a period, if it is paid and its time has come; `null` otherwise. */
export async function billOf(
  { resident, meter, folder, store }: OpenWallet,
  period: number,
  board: OrderBoard,
): Promise<string | null> {
  const client = await meter();
  try {
    const { closed } = await client.status();
    if (!closed.includes(period)) return null;
    await resident.checkMaySettle(period, board);
    const { bill, blinding } = await client.bill(period);
    const tokens = (await client.tokens(period)).map(({ token }) => token);
    const { meter: address } = (await pairedMeter(store))!;
    return folder.writeBill(
      period,
      await resident.combine({ bill, tokens, blinding, meter: address }),
    );
  } catch (error) {
    if (isSipsterError(error) && WAITING.includes(error.code)) return null;
    throw error;
  } finally {
    client.close();
  }
}

const WAITING = ["resident/not-yet", "resident/orders-unanswered", "resident/unpaid-tokens"];

function noPeriod(error: unknown): [] {
  if (isSipsterError(error) && error.code.startsWith("meter/")) return [];
  throw error;
}

/** The present month and those before. */
function periodsOf(now: number): number[] {
  const month = periodOfTime(now);
  return Array.from({ length: MONTHS_BACK + 1 }, (_, i) => addPeriods(month, -i));
}

export interface WalletStatus {
  readonly periods: readonly ({ readonly period: number } & PeriodStatus)[];
  readonly coins: readonly (readonly [denomination: number, count: number])[];
  readonly evidence: number;
  /** What the utility can see of this wallet, in two sentences. */
  readonly sees: string;
}

export async function statusOf({
  resident,
  purse,
  pinned,
  channel,
}: OpenWallet): Promise<WalletStatus> {
  const periods = [];
  for (const period of periodsOf(pinned.now)) {
    periods.push({ period, ...(await resident.status(period)) });
  }
  const { policy } = pinned.terms.schedule;
  const times =
    policy === "next-month"
      ? "The times of your payments say nothing of your use."
      : "The times of your payments say little of your use: each is drawn between use and deadline.";
  return {
    periods: periods.filter(({ units }) => units > 0n),
    coins: [...(await purse.coins())].sort(([a], [b]) => a - b),
    evidence: (await resident.evidence()).length,
    sees: `${times} ${channel.says}`,
  };
}

/** The encrypted copy of the books. */
export function backupOf({ store, folder, pinned }: OpenWallet): Promise<Uint8Array> {
  const key = { systemId: pinned.system.systemId, secret: folder.secret() };
  return exportBooks(store, key, pinned.now);
}
