/** Wallets on a clock that tests run: it goes from one time at which something is due to the next. */
import type { Carrier } from "../../src/exchange/index.js";
import {
  COMMON_DEADLINE,
  Purse,
  Resident,
  startOfDay,
  type OrderBoard,
  type ResidentSettings,
  type StepReport,
} from "../../src/resident/index.js";
import { type NumberedToken, addPeriods, addressOf, type Token } from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { ANSWER_KEY, MINT_KEY_ID, PAYEE, type Exchange } from "./exchange.js";
import { system } from "./settlement.js";

/** The period of the tests: January 2027. Its tokens are paid until 10 February. */
export const PERIOD = 202701;
export const SECRET = new Uint8Array(32).fill(3);

export interface TestWallet {
  readonly resident: Resident;
  readonly purse: Purse;
  readonly store: Store;
}

export function openWallet(
  x: Exchange,
  { secret = SECRET, store = new MemoryStore(), ...changes }: Partial<ResidentSettings> = {},
): TestWallet {
  const now = (): number => Number(x.clock.now);
  const settings: ResidentSettings = {
    system,
    suite: x.world.suite,
    wallet: x.ecash,
    secret,
    keys: [{ ...x.world.key, firstPeriod: 0 }],
    mints: [{ mintKeyId: MINT_KEY_ID, firstPeriod: 0 }],
    payee: PAYEE,
    answerKey: addressOf(ANSWER_KEY),
    policy: { kind: "common-deadline" },
    timetable: COMMON_DEADLINE,
    requests: 0,
    store,
    now,
    ...changes,
  };
  const { wallet, mints } = settings;
  return {
    store,
    resident: new Resident(settings),
    purse: new Purse({ wallet, store, secret, mints, now }),
  };
}

/** Numbers tokens of one meter, from `first` on in each denomination. */
export function numbered(tokens: Iterable<Token>, first = 0): NumberedToken[] {
  const next = new Map<number, number>();
  return [...tokens].map((token) => {
    const number = next.get(token.denomination) ?? first;
    next.set(token.denomination, number + 1);
    return { token, number };
  });
}

export function setClock(x: Exchange, seconds: number): void {
  x.clock.now = BigInt(seconds);
}

/** Withdraws in the month before the period, so that the coins can be spent in it. */
export async function withdrawBefore({
  exchange: x,
  wallet: { purse },
  basket,
  period = PERIOD,
}: {
  readonly exchange: Exchange;
  readonly wallet: TestWallet;
  readonly basket: readonly number[];
  readonly period?: number;
}): Promise<void> {
  setClock(x, startOfDay(addPeriods(period, -1), 15));
  await purse.withdraw(basket, x.withdraw);
}

/** The first instant after a period. */
export const after = (period: number): number => startOfDay(addPeriods(period, 1), 1);

interface Run {
  readonly carrier?: Carrier;
  readonly board?: OrderBoard | null;
  /** Unix seconds; the day of posting of the month after the period when absent. */
  readonly until?: number;
}

/** Runs the clock until this time, and the wallet with it. Returns the sum of its reports. */
export async function runUntil(
  x: Exchange,
  { resident }: TestWallet,
  { carrier = x.carrier, board = null, until = startOfDay(addPeriods(PERIOD, 1), 12) }: Run = {},
): Promise<StepReport> {
  const total: Record<string, number> = {};
  for (;;) {
    const next = await resident.nextDue();
    if (next === null || next > until) break;
    if (next > Number(x.clock.now)) setClock(x, next);
    const report = await resident.step(carrier, board);
    for (const [what, count] of Object.entries(report)) total[what] = (total[what] ?? 0) + count;
  }
  setClock(x, Math.max(until, Number(x.clock.now)));
  return total as unknown as StepReport;
}
