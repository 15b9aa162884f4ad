/** The bills of a month and their files: of the paired meter, and of meters that were removed. */
import { isSipsterError } from "../../errors/sipster-error.js";
import type { MeteredBill, OrderBoard } from "../../resident/index.js";
import { billFrom, formerBills } from "./former-meters.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";

const WAITING = ["resident/not-yet", "resident/orders-unanswered", "resident/unpaid-tokens"];

/** What removed meters left for a closed month, and what the paired one gives for it. @throws meter/… */
export async function billsOfMonth(
  wallet: OpenWallet,
  period: number,
): Promise<readonly MeteredBill[]> {
  const { store, suite } = wallet;
  const former = await formerBills(store, suite);
  const bills = former.filter(({ bill }) => bill.period === period);
  const paired = await pairedMeter(store);
  if (paired === null) return bills;
  const client = await wallet.meter();
  try {
    const { closed } = await client.status();
    return closed.includes(period)
      ? [...bills, await billFrom(client, paired.meter, period)]
      : bills;
  } finally {
    client.close();
  }
}

/** Writes the bill file, if the bill is paid and its time has come; `null` otherwise. */
export function billFile({
  wallet: { resident, folder, store },
  bill: getBill,
  period,
  board,
}: {
  readonly wallet: OpenWallet;
  /** Asked for when its time has come. */
  readonly bill: () => Promise<MeteredBill>;
  readonly period: number;
  /** `null`: the bill is settled without a look at the board */
  readonly board: OrderBoard | null;
}): Promise<string | null> {
  return unlessWaiting(async () => {
    await resident.checkMaySettle(period, board);
    const metered = await getBill();
    const text = await resident.combine(metered);
    const isFormer = metered.meter !== (await pairedMeter(store))?.meter;
    return folder.writeBill(isFormer ? `${period}-${metered.meter}` : String(period), text);
  });
}

async function unlessWaiting(work: () => Promise<string>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    if (isSipsterError(error) && WAITING.includes(error.code)) return null;
    throw error;
  }
}
