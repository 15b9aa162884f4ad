/** Policies: what a wallet does that others can see. The first two are offered; the others show more. */
import {
  COMMON_DEADLINE,
  NEXT_MONTH,
  type PaymentPolicy,
  type Timetable,
} from "../../resident/index.js";
import { attackErrors } from "../errors.js";

export interface Habits {
  readonly name: string;
  readonly policy: PaymentPolicy;
  readonly timetable: Timetable;
  /** A bill is settled within an hour of its last payment. */
  readonly settlesAfterLast: boolean;
  /** Coins that were spent are bought again, instead of the basket of the size class. */
  readonly buysByNeed: boolean;
  /** Bills are settled from the home's own account, and not by a relayer. */
  readonly ownAccount: boolean;
  /** Requests are as many as payments: no dummies. */
  readonly noDummies: boolean;
}

const careful = {
  settlesAfterLast: false,
  buysByNeed: false,
  ownAccount: false,
  noDummies: false,
} as const;

const commonDeadline: Habits = {
  name: "common-deadline",
  policy: { kind: "common-deadline" },
  timetable: COMMON_DEADLINE,
  ...careful,
};

const nextMonth: Habits = {
  name: "next-month",
  policy: { kind: "next-month" },
  timetable: NEXT_MONTH,
  ...careful,
};

/** The default with another opening. */
const openingOn = (opening: number): Habits => ({
  ...commonDeadline,
  name: `opening-day-${opening}`,
  timetable: { ...COMMON_DEADLINE, opening },
});

/** A common deadline without an opening, and a later deadline: its days of posting and settling follow. */
const laterDeadline = (last: number): Habits => ({
  ...commonDeadline,
  name: `deadline-day-${last}`,
  timetable: {
    ...COMMON_DEADLINE,
    opening: 1,
    paying: { first: 2, last },
    posting: last + 2,
    settling: { first: last + 3, last: last + 10 },
  },
});

/** Day 1: tokens are paid from their accrual on. */
const OPENINGS = [1, 8, 22];
/** Last days of paying. With 18, bills are settled until the month ends. */
const DEADLINES = [14, 18];
const DELAYS = [0, 1, 5, 10, 20, 30];

export const HABITS: readonly Habits[] = [
  commonDeadline,
  nextMonth,
  ...OPENINGS.map(openingOn),
  ...DEADLINES.map(laterDeadline),
  ...DELAYS.map((days) => ({
    ...commonDeadline,
    name: `accrual+${days}d`,
    policy: { kind: "delayed", days } as const,
  })),
  { ...nextMonth, name: "at-once", policy: { kind: "at-once" } },
  { ...commonDeadline, name: "settle-after-last", settlesAfterLast: true },
  { ...commonDeadline, name: "basket-by-need", buysByNeed: true },
  { ...commonDeadline, name: "own-wallet", ownAccount: true },
  { ...commonDeadline, name: "no-dummies", noDummies: true },
];

/** @throws attack/unknown-policy */
export function habitsNamed(name: string): Habits {
  const found = HABITS.find((habits) => habits.name === name);
  if (found !== undefined) return found;
  const names = HABITS.map((habits) => habits.name).join(", ");
  throw attackErrors.error("unknown-policy", `"${name}" is not one of ${names}`, { name });
}
