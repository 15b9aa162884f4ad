/**
 * Dummies: a wallet sends a fixed public number of requests each month, because who carries them
 * counts them, and the number of payments is almost the bill. The times of all of them are drawn when
 * the month begins; each payment takes the place of one dummy.
 */
import { randomInt } from "../algebra/index.js";
import { addPeriods } from "../sipster/index.js";
import { ask, type AnswerVerifier, type Carrier } from "../exchange/index.js";
import type { Agenda } from "./agenda.js";
import type { Books } from "./books.js";
import { monthOf, startOfDay } from "./calendar.js";
import { uniform } from "./schedule.js";

/** Whose dummies, and of which month. */
interface DummyMonth {
  readonly books: Books;
  readonly agenda: Agenda;
  /** A month, of each wallet. */
  readonly requests: number;
  /** Unix seconds. */
  readonly now: number;
}

/** Draws the month's times if they are not drawn. Times that have passed already are left out. */
export async function drawDummies({ books, agenda, requests, now }: DummyMonth): Promise<void> {
  const month = monthOf(now);
  if (requests === 0 || (await books.dummies(month)) !== null) return;
  const window = { from: startOfDay(month, 1), to: startOfDay(addPeriods(month, 1), 1) };
  const times = Array.from({ length: requests }, () => uniform(window)).filter((t) => t >= now);
  putDummies({ books, agenda, month, times });
}

/** Gives up one dummy of this month for a payment; false if none is left. */
export async function takeDummy({ books, agenda, requests, now }: DummyMonth): Promise<boolean> {
  if (requests === 0) return true;
  await drawDummies({ books, agenda, requests, now });
  const month = monthOf(now);
  const times = (await books.dummies(month))!;
  if (times.length === 0) return false;
  const taken = randomInt(times.length);
  putDummies({ books, agenda, month, times: times.filter((_, i) => i !== taken) });
  return true;
}

/** Takes the dummies that are due off the list, and says how many to send. */
export async function dueDummies(books: Books, agenda: Agenda, now: number): Promise<number> {
  const month = monthOf(now);
  const times = (await books.dummies(month)) ?? [];
  const left = times.filter((time) => time > now);
  if (left.length < times.length) putDummies({ books, agenda, month, times: left });
  return times.length - left.length;
}

/** A question for health. What is answered does not matter. */
export async function sendDummy(carrier: Carrier, counter: AnswerVerifier): Promise<void> {
  await ask(carrier, counter, { kind: "health" }).catch(() => undefined);
}

/** Writes down the times of the dummies that are left of a month. */
export function putDummies({
  books,
  agenda,
  month,
  times,
}: {
  readonly books: Books;
  readonly agenda: Agenda;
  readonly month: number;
  readonly times: readonly number[];
}): void {
  books.putDummies(month, times);
  agenda.set(`dummies/${month}`, times.length === 0 ? null : Math.min(...times));
}
