/** Columns of a row that holds a day: its steps by the clock, or by their number. */
import type { Column } from "./columns.js";
import type { Cell } from "./cell.js";
import { parseClock } from "./time-text.js";
import { plainText } from "./words.js";

const UNIT = "(?:\\s*[[(]?(?:kwh|wh)[\\])]?)?";
const slotNumber = new RegExp(`^(?:hh|h|hour|interval|kwh|value|v)?\\s*0*(\\d{1,3})${UNIT}$`);
const slotClock = new RegExp(
  `^(?:kwh\\s*)?(\\d{1,2}:\\d{2})(?::00)?(?:\\s*[-–]\\s*\\d{1,2}:\\d{2}(?::00)?)?${UNIT}$`,
);

/** Columns that are the steps of a day, in order. */
export function daySlots(columns: readonly Column[]): Cell[] {
  const clocks = columns.flatMap((c) => {
    const match = slotClock.exec(plainText(c.name));
    const clock = match === null ? undefined : parseClock(match[1]!);
    return clock === undefined ? [] : [{ ...cellOf(c), clock }];
  });
  if (clocks.length >= 12) {
    const step = clocks[1]!.clock - clocks[0]!.clock;
    // Labels that begin one step after midnight are the ends of their steps.
    const shift = clocks[0]!.clock === step ? step : 0;
    return clocks.map(({ clock, ...cell }, i) => {
      const at = shift > 0 && clock === 0 && i > 0 ? 86_400_000 : clock;
      return { ...cell, slot: { clock: at - shift } };
    });
  }
  const numbers = columns.flatMap((c) => {
    const match = slotNumber.exec(plainText(c.name));
    return match === null ? [] : [{ ...cellOf(c), number: Number(match[1]) }];
  });
  const of = [24, 48, 96, 144, 288].find(
    (n) => numbers.length >= n && numbers.length <= n + n / 12 / 2 + 4,
  );
  const inOrder = numbers.every((n, i) => n.number === i + 1);
  if (of === undefined || !inOrder) return [];
  return numbers.map(({ number, ...cell }) => ({ ...cell, slot: { number, of } }));
}

/** Energy drawn, in the unit that the header may name. */
function cellOf({ index, meaning }: Column): Cell {
  const unit = meaning?.unit?.kind === "energy" ? { unit: meaning.unit } : {};
  return { index, direction: "import", register: false, ...unit };
}
