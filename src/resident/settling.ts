/** From verified receipts to the bill file, and when it may be settled. */
import type { G1Point } from "../algebra/index.js";
import {
  addPeriods,
  combine,
  recoverMeter,
  verifyCombined,
  writeBillFile,
  type HexAddress,
  type SignedBill,
  type Token,
} from "../sipster/index.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { Books } from "./books.js";
import { residentErrors } from "./errors.js";
import type { OrderBoard } from "./order-board.js";
import { readBoard } from "./posted-orders.js";
import { drawAfterLast, drawSettling } from "./schedule.js";
import { termsOf, type ResidentSettings } from "./settings.js";

/** What the meter gives for a period. */
export interface MeteredBill {
  readonly bill: SignedBill;
  /** All tokens of the period. */
  readonly tokens: Iterable<Token>;
  /** Used and not kept. */
  readonly blinding: bigint;
  /** The resident's own meter. */
  readonly meter: HexAddress;
}

/**
 * `Combine`: the bill file of a period, from the verified receipts of all its tokens. Checks the
 * result as the contract will.
 * @throws resident/unpaid-tokens, wrong-meter, bill-mismatch
 */
export async function combineBill(
  { suite, system, keys, store }: ResidentSettings,
  { bill, tokens, blinding, meter }: MeteredBill,
): Promise<string> {
  const { curve } = suite;
  const signer = recoverMeter(system, bill);
  if (signer !== meter) {
    throw residentErrors.error("wrong-meter", `the bill is signed by ${signer}, not ${meter}`);
  }
  const key = keys.find(({ keyEpoch }) => keyEpoch === bill.keyEpoch);
  const receipts = await store.transaction((tx) => verified(new Books(tx), suite, tokens));
  if (key !== undefined) {
    const combined = combine({ curve, receipts, blinding, key });
    if (verifyCombined({ curve, key, r: curve.g1.decode(bill.r), combined })) {
      return writeBillFile(curve, { system, meter, bill, combined });
    }
  }
  throw residentErrors.error(
    "bill-mismatch",
    `${receipts.length} receipts do not add up to the bill of period ${bill.period}`,
    { period: bill.period, keyEpoch: bill.keyEpoch },
  );
}

async function verified(
  books: Books,
  suite: ResidentSettings["suite"],
  tokens: Iterable<Token>,
): Promise<G1Point[]> {
  const receipts: G1Point[] = [];
  let unpaid = 0;
  for (const token of tokens) {
    const record = await books.token(bytesToHex(suite.hash(token)));
    if (record?.stage === "verified") receipts.push(suite.curve.g1.decode(record.receipt!));
    else unpaid++;
  }
  if (unpaid > 0) {
    throw residentErrors.error(
      "unpaid-tokens",
      `${unpaid} of ${unpaid + receipts.length} tokens have no verified receipt`,
      { unpaid },
    );
  }
  return receipts;
}

/**
 * When the bill of a period is settled: a uniform time in the settling days of the latest month that
 * any of its tokens waits for; without tokens, in those that its tokens would have waited for. Drawn
 * once, and again if a token moves to a later month.
 */
export function settlingTime(settings: ResidentSettings, period: number): Promise<number> {
  const { store, settlesAfterLast = false } = settings;
  return store.transaction(async (tx) => {
    const books = new Books(tx);
    const tokens = (await books.tokens()).filter(({ record }) => record.period === period);
    const known = await books.bill(period);
    const earliest = known?.month ?? addPeriods(period, 1);
    const month = Math.max(earliest, ...tokens.map(({ record }) => record.month));
    const last = settlesAfterLast
      ? Math.max(0, ...tokens.map(({ record }) => record.sentAt ?? record.due))
      : 0;
    if (known !== null && known.month === month && known.settleAt > last) return known.settleAt;
    const settleAt = settlesAfterLast
      ? drawAfterLast(settings, last)
      : drawSettling(termsOf(settings, period), month);
    books.putBill(period, { settleAt, month });
    return settleAt;
  });
}

/**
 * May the bill of this period be settled now? Its time has come, and every valid order that was
 * posted for its month is answered.
 * @throws resident/not-yet, orders-unanswered
 */
export async function checkMaySettle(
  settings: ResidentSettings,
  period: number,
  board: OrderBoard | null,
): Promise<void> {
  const settleAt = await settlingTime(settings, period);
  if (settings.now() < settleAt) {
    throw residentErrors.error(
      "not-yet",
      `the bill of ${period} is settled at ${new Date(settleAt * 1000).toISOString()}`,
      { period, settleAt },
    );
  }
  if (board === null) return;
  const bill = await settings.store.transaction((tx) => new Books(tx).bill(period));
  const { posted, unanswered } = await readBoard(settings, board, bill!.month);
  if (unanswered > 0) {
    throw residentErrors.error(
      "orders-unanswered",
      `${unanswered} of ${posted} orders on the board are not answered`,
      { posted, unanswered },
    );
  }
}
