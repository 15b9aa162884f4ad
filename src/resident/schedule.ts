/**
 * When payments are sent. The utility sees the times of anonymous payments; drawn from public windows,
 * each on its own, they say as little of a home as its policy allows:
 *
 * - `next-month`: each token at a uniform time in the paying days of the month after its period.
 *   Exact: nothing of a home is in a time.
 * - `common-deadline`: each token at a uniform time between its accrual, or the opening if that is
 *   later, and the deadline: the opening is a day of the period, and the deadline the end of the last
 *   paying day of the month after it. What accrued before the opening is drawn from one window. Tokens
 *   that accrue before a home has coins to spend follow `next-month`.
 * - `delayed`: each token at its accrual and a uniform delay of up to `days`. Accrual shows through;
 *   with 0 days, a home's use is in its times.
 * - `at-once`: all tokens of a period at one time, uniform in the paying days: a burst is a home.
 */
import { randomInt } from "../algebra/index.js";
import { addPeriods, type SchedulePolicy, type SystemTerms } from "../sipster/index.js";
import { DAY, monthOf, startOfDay, windowOf, type Days, type Window } from "./calendar.js";

export type PaymentPolicy =
  | { readonly kind: "common-deadline" }
  | { readonly kind: "next-month" }
  | { readonly kind: "delayed"; readonly days: number }
  | { readonly kind: "at-once" };

/** The windows of the public parameters: days of the month after the period but for one, in UTC. */
export interface Timetable {
  /** Day of the period itself before which `common-deadline` pays none of its tokens. */
  readonly opening: number;
  /** `next-month` pays in these; the last is the deadline of `common-deadline`. */
  readonly paying: Days;
  /** On this day, orders that are still unanswered are posted. After the last paying day. */
  readonly posting: number;
  /** Bills are settled in these. After the day of posting. */
  readonly settling: Days;
  /** Coins of an old mint key are changed in these. */
  readonly refreshing: Days;
}

/** Measured: docs/privacy.md has the leak and the delay of each day of opening. */
export const COMMON_DEADLINE: Timetable = {
  opening: 15,
  paying: { first: 2, last: 10 },
  posting: 12,
  settling: { first: 13, last: 20 },
  refreshing: { first: 21, last: 28 },
};

export const NEXT_MONTH: Timetable = { ...COMMON_DEADLINE, paying: { first: 2, last: 11 } };

/** The windows of public parameters that offer this policy. */
export function scheduleOf(policy: SchedulePolicy): SystemTerms["schedule"] {
  return { policy, ...(policy === "next-month" ? NEXT_MONTH : COMMON_DEADLINE) };
}

/** Least seconds between two times at which an order is sent. */
const RETRY_AFTER = 3_600;

/** A drawn time, and the month in whose settling days the bill may be settled. */
export interface Draw {
  readonly due: number;
  /** YYYYMM. */
  readonly month: number;
}

/** What times are drawn with. */
export interface Drawing {
  readonly timetable: Timetable;
  /** Uniform in [0, bound). The system's generator when absent; simulations alone give another. */
  readonly below?: (bound: number) => number;
}

export interface Accrued {
  /** YYYYMM. */
  readonly period: number;
  /** When the wallet got it. */
  readonly at: number;
  /** YYYYMM: the first month in which this home has coins to spend. */
  readonly firstSpendable: number;
}

/**
 * Draws the time of a token's payment. Uniform and independent of everything but what the policy says.
 * A token that the wallet gets when the paying days have begun waits for the next: what is left of them
 * would put the payments of a home that comes back late close together.
 */
export function drawPayment(
  drawing: Drawing & { readonly policy: PaymentPolicy },
  token: Accrued,
): Draw {
  const { policy, below } = drawing;
  const month = addPeriods(token.period, 1);
  const { paying, posting } = drawing.timetable;
  const lateFrom = policy.kind === "delayed" ? posting : paying.first;
  if (token.at >= startOfDay(month, lateFrom)) return drawNextWindow(drawing, month, token.at);
  return { month, due: uniform(paymentWindow(drawing, token), below) };
}

/** Where the time of a token is drawn that the wallet gets before the paying days. */
export function paymentWindow(
  { policy, timetable }: { readonly policy: PaymentPolicy; readonly timetable: Timetable },
  { period, at, firstSpendable }: Accrued,
): Window {
  const paying = windowOf(addPeriods(period, 1), timetable.paying);
  const late = { from: Math.max(at, paying.from), to: Math.max(at, paying.to) };
  if (monthOf(at) < firstSpendable) return late;
  switch (policy.kind) {
    case "next-month":
    case "at-once":
      return late;
    case "common-deadline":
      return {
        from: Math.max(at, startOfDay(period, timetable.opening)),
        to: Math.max(at, paying.to),
      };
    case "delayed":
      return { from: at, to: at + policy.days * DAY };
  }
}

/**
 * For a token whose time was missed: a fresh draw in the paying days of the month after `month`, or of
 * the next month that is still to come. Drawing in what is left of the present window would put a
 * home's payments close together.
 */
export function drawNextWindow(
  { timetable: { paying }, below }: Drawing,
  month: number,
  now: number,
): Draw {
  let next = addPeriods(month, 1);
  while (windowOf(next, paying).from < now) next = addPeriods(next, 1);
  return { month: next, due: uniform(windowOf(next, paying), below) };
}

/**
 * For an order that was sent and not answered: a time in what is left before the day of posting; on
 * that day and after it, a time in the day of posting that comes next.
 */
export function drawRetry({ timetable, below }: Drawing, month: number, now: number): Draw {
  const posting = startOfDay(month, timetable.posting);
  // Not at once: a counter that is down would be asked again and again.
  const from = now + RETRY_AFTER;
  if (from < posting) return { month, due: uniform({ from, to: posting }, below) };
  if (now < posting + DAY) {
    const rest = { from: Math.max(now + 1, posting), to: posting + DAY };
    return { month, due: uniform(rest, below) };
  }
  const next = addPeriods(month, 1);
  const day = startOfDay(next, timetable.posting);
  return { month: next, due: uniform({ from: day, to: day + DAY }, below) };
}

/** When a bill is settled: a uniform time in the settling days, no matter what else happened. */
export function drawSettling({ timetable, below }: Drawing, month: number): number {
  return uniform(windowOf(month, timetable.settling), below);
}

/** The careless way, for who would not wait: within an hour of the last payment. */
export function drawAfterLast({ below }: Drawing, lastPayment: number): number {
  return uniform({ from: lastPayment + 1, to: lastPayment + 1 + RETRY_AFTER }, below);
}

/** A uniform second of the window. */
export function uniform({ from, to }: Window, below = randomInt): number {
  return from + (to > from ? below(to - from) : 0);
}
