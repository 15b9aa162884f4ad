/** The bill file of a period. */
import { isSipsterError } from "../../errors/sipster-error.js";
import type { MeterClient } from "../../meter/index.js";
import type { OrderBoard } from "../../resident/index.js";
import type { OpenWallet } from "./open-wallet.js";
import { pairedMeter } from "./paired-meter.js";

const WAITING = ["resident/not-yet", "resident/orders-unanswered", "resident/unpaid-tokens"];

/** The bill file of a period, if it is paid and its time has come; `null` otherwise. */
export async function billOf({
  wallet: { resident, folder, store },
  meter,
  period,
  board,
}: {
  readonly wallet: OpenWallet;
  readonly meter: MeterClient;
  readonly period: number;
  /** `null`: the bill is settled without a look at the board */
  readonly board: OrderBoard | null;
}): Promise<string | null> {
  try {
    const { closed } = await meter.status();
    if (!closed.includes(period)) return null;
    await resident.checkMaySettle(period, board);
    const { bill, blinding } = await meter.bill(period);
    const tokens = (await meter.tokens(period)).map(({ token }) => token);
    const { meter: address } = (await pairedMeter(store))!;
    const file = await resident.combine({ bill, tokens, blinding, meter: address });
    return folder.writeBill(period, file);
  } catch (error) {
    if (isSipsterError(error) && WAITING.includes(error.code)) return null;
    throw error;
  }
}
