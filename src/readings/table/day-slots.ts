/** Columns of a row that holds a day: its steps by the clock, or by their number. */
import type { Column } from "./columns.js";
import type { Cell } from "./cell.js";
import { parseClock } from "./time-text.js";
import { plainText } from "./words.js";

const slotNumber = /^(?:hh|h|hour|interval|kwh|value|v)?\s*0*(\d{1,3})$/;
const slotClock = /^(?:kwh\s*)?(\d{1,2}:\d{2})(?::00)?(?:\s*[-–]\s*\d{1,2}:\d{2}(?::00)?)?$/;

/** Columns that are the steps of a day, in order. */
export function daySlots(columns: readonly Column[]): Cell[] {
  const clocks = columns.flatMap((c) => {
    const match = slotClock.exec(plainText(c.name));
    const clock = match === null ? undefined : parseClock(match[1]!);
    return clock === undefined ? [] : [{ index: c.index, clock }];
  });
  const base = { direction: "import", register: false } as const;
  if (clocks.length >= 12) {
    const step = clocks[1]!.clock - clocks[0]!.clock;
    // Labels that begin one step after midnight are the ends of their steps.
    const shift = clocks[0]!.clock === step ? step : 0;
    return clocks.map(({ index, clock }, i) => {
      const at = shift > 0 && clock === 0 && i > 0 ? 86_400_000 : clock;
      return { ...base, index, slot: { clock: at - shift } };
    });
  }
  const numbers = columns.flatMap((c) => {
    const match = slotNumber.exec(plainText(c.name));
    return match === null ? [] : [{ index: c.index, number: Number(match[1]) }];
  });
  const of = [24, 48, 96, 144, 288].find(
    (n) => numbers.length >= n && numbers.length <= n + n / 12 / 2 + 4,
  );
  const inOrder = numbers.every((n, i) => n.number === i + 1);
  if (of === undefined || !inOrder) return [];
  return numbers.map(({ index, number }) => ({ ...base, index, slot: { number, of } }));
}
