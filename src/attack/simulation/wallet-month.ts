/** One wallet's month: when each token is paid and the bill settled, by the schedule of the real wallet. */
import { addPeriods } from "../../sipster/index.js";
import {
  drawAfterLast,
  drawNextWindow,
  drawPayment,
  drawRetry,
  drawSettling,
  type Draw,
} from "../../resident/index.js";
import type { AccruedToken } from "./accrual.js";
import type { Habits } from "./habits.js";

/** What happens to a wallet beside its habits. */
export interface Mishap {
  /** Off from an instant to another, Unix seconds: what is due then is missed. */
  readonly off?: { readonly from: number; readonly to: number };
  /** YYYYMM: coins are there from this month on. */
  readonly firstSpendable?: number;
  /** At this instant it lost its books and has no copy: it draws all times again. */
  readonly restoredAt?: number;
}

export interface PaidToken extends AccruedToken {
  /** When its order is sent; more than once if it is sent again. */
  readonly sent: readonly number[];
}

export interface WalletMonth {
  readonly paid: readonly PaidToken[];
  readonly settledAt: number;
}

/** A wallet looks whether something is due at least so often: a time that is longer past was missed. */
const GRACE = 3_600;

export function walletMonth({
  habits,
  home,
  below,
  mishap = {},
}: {
  readonly habits: Habits;
  readonly home: { readonly period: number; readonly tokens: readonly AccruedToken[] };
  readonly below: (bound: number) => number;
  readonly mishap?: Mishap | undefined;
}): WalletMonth {
  const drawing = { ...habits, below };
  const { period } = home;
  const firstSpendable = mishap.firstSpendable ?? addPeriods(period, -1);
  let together: Draw | undefined;
  let month = addPeriods(period, 1);
  const waiting: Draw[] = [];
  // With each order that leaves, a wallet draws when it would send it again: chance goes on by one.
  const sendUntil = (time: number): void => {
    waiting.sort((a, b) => a.due - b.due);
    for (; waiting.length > 0 && waiting[0]!.due < time; waiting.shift()) {
      drawRetry(drawing, waiting[0]!.month, waiting[0]!.due);
    }
  };
  const { off } = mishap;
  const timeOf = (accrued: number): number => {
    // What accrues while the wallet is off, it gets when it is back.
    const at = off !== undefined && accrued >= off.from && accrued < off.to ? off.to : accrued;
    sendUntil(at);
    const atOnce = habits.policy.kind === "at-once";
    let draw =
      (atOnce ? together : undefined) ?? drawPayment(drawing, { period, at, firstSpendable });
    together = draw;
    if (off !== undefined && draw.due >= off.from && draw.due < off.to - GRACE) {
      draw = drawNextWindow(drawing, draw.month, off.to);
    }
    month = Math.max(month, draw.month);
    waiting.push(draw);
    return draw.due;
  };
  const first = home.tokens.map((token) => ({ ...token, sent: [timeOf(token.at)] }));
  const { restoredAt } = mishap;
  const paid =
    restoredAt === undefined
      ? first
      : first.map((token) => restored(token, restoredAt, timeOf(Math.max(token.at, restoredAt))));
  sendUntil(Infinity);
  const last = Math.max(0, ...paid.flatMap(({ sent }) => sent));
  const settledAt = habits.settlesAfterLast
    ? drawAfterLast(drawing, last)
    : drawSettling(drawing, month);
  return { paid, settledAt };
}

/** What was sent before the loss is sent again; what was not is sent at its new time alone. */
function restored(token: PaidToken, at: number, again: number): PaidToken {
  const before = token.sent.filter((sent) => sent < at);
  return {
    ...token,
    sent: token.at >= at && before.length === 0 ? token.sent : [...before, again],
  };
}
