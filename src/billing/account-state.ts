/**
 * What an account keeps between bills, and how to go back: each bill records what it changed, so that
 * the state before it, and from that the same bill, can be had again.
 */

/** One month that was billed. */
export interface ClosedPeriod {
  readonly period: string;
  readonly tariffHash: string;
  /** Of the readings that were billed. */
  readonly readingsHash: string;
  /** Energy drawn that was billed, corrections included, in watt-hours. */
  readonly wattHours: string;
  /** What was charged for it, corrections included: numerator over `MONEY_DENOMINATOR`. */
  readonly charged: string;
  /** Estimates that stand until readings come: start, seconds, watt-hours. */
  readonly estimates: readonly (readonly [number, number, number])[];
}

/** What one bill changed. */
export interface BillRecord {
  readonly period: string;
  /** The balance before it: numerator over `MONEY_DENOMINATOR`. */
  readonly carriedIn: string;
  /** The earlier months that it rated again, as they were before it. */
  readonly before: readonly ClosedPeriod[];
}

/** What is kept between bills. Plain JSON; it says what a home used, and stays with its resident. */
export interface AccountState {
  readonly format: "sipster/account@1";
  readonly home: string;
  readonly commodity: string;
  /** The one zone of all its bills. */
  readonly timeZone: string;
  readonly periods: readonly ClosedPeriod[];
  /** One for each of the periods. */
  readonly bills: readonly BillRecord[];
  /** Carried into the next bill: numerator over `MONEY_DENOMINATOR`, negative for a credit. */
  readonly balance: string;
}

/** The states before and after the bill of a closed month; `undefined` where it is not closed. */
export function aroundBill(
  state: AccountState,
  period: string,
): { before: AccountState; after: AccountState } | undefined {
  let after = state;
  for (const bill of [...state.bills].reverse()) {
    const before = withoutLastBill(after, bill);
    if (bill.period === period) return { before, after };
    after = before;
  }
  return undefined;
}

function withoutLastBill(state: AccountState, bill: BillRecord): AccountState {
  const were = new Map(bill.before.map((p) => [p.period, p]));
  return {
    ...state,
    periods: state.periods.slice(0, -1).map((p) => were.get(p.period) ?? p),
    bills: state.bills.slice(0, -1),
    balance: bill.carriedIn,
  };
}

/** Whether two states of one account have the same months, charges, estimates and balance. */
export function sameState(a: AccountState, b: AccountState): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint({ periods, balance }: AccountState): string {
  const months = periods.map((p) => [
    ...[p.period, p.tariffHash, p.readingsHash, p.wattHours, p.charged],
    p.estimates,
  ]);
  return JSON.stringify([months, balance]);
}
