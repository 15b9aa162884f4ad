/** Energy to units, and periods that end: pure steps from one state of the meter to the next. */
import { addPeriods } from "../../sipster/epochs.js";
import { countersAfter } from "../../sipster/token-series.js";
import { energySince, type RegisterReading } from "../../tariff/register.js";
import { divideAtMonths, monthBounds } from "../../tariff/running-charge.js";
import { chargeAtEnd, chargeBySchedule, type TariffShelf } from "../../tariff/tariff-schedule.js";
import { meterErrors } from "../errors.js";
import { KEPT_PERIODS, type MeterState } from "./state.js";

/**
 * Charges the energy since the last reading, once, no matter what time the reading bears: what flowed in a
 * closed period is priced by its own time and goes to the open one. @throws meter/removed
 */
export function charge(
  state: MeterState,
  shelf: TariffShelf,
  reading: RegisterReading,
): MeterState {
  if (state.removedAt !== null) throw meterErrors.error("removed", "the meter was removed");
  const { kind } = reading;
  const register = kind === "import" ? "imported" : "exported";
  const wattHours = energySince(reading, state[register], state.clock);
  let next: MeterState = { ...state, [register]: reading.wattHours };
  for (const part of divideAtMonths({ ...reading, wattHours }, state.timeZone)) {
    next = closeUntil(next, shelf, part.start);
    const tariffs = { schedule: next.tariffs, shelf, openPeriod: next.period };
    const { totals, amount } = chargeBySchedule({ tariffs, totals: next.totals, part, kind });
    next = accrue({ ...next, totals }, amount);
  }
  return next;
}

/** Closes every period that has ended by this instant: each once, in order, none left out. */
export function closeUntil(state: MeterState, shelf: TariffShelf, instant: number): MeterState {
  const end = monthBounds(state.period, state.timeZone).to;
  if (end > instant || state.removedAt !== null) return state;
  return closeUntil(close(state, shelf, end), shelf, instant);
}

/** Ends the open period at an instant: all that is due in whole units; the fraction is carried. */
export function close(state: MeterState, shelf: TariffShelf, end: number): MeterState {
  const tariffs = { schedule: state.tariffs, shelf, openPeriod: state.period };
  const { totals, amount } = chargeAtEnd(tariffs, state.totals, end);
  const due = accrue(state, amount);
  const full = emit(due, due.accrued > 0n ? due.accrued / due.unit : 0n);
  const kept = [...full.kept, full.units].slice(-KEPT_PERIODS);
  return { ...full, totals, kept, period: addPeriods(state.period, 1), units: 0n };
}

function accrue(state: MeterState, amount: bigint): MeterState {
  const next = { ...state, accrued: state.accrued + amount };
  if (state.emission === "at-period-end") return next;
  // After each charge, not after many: what is due must not depend on how they are grouped.
  const largest = BigInt(state.denominations.at(-1)!);
  const tokens = next.accrued > 0n ? next.accrued / (state.unit * largest) : 0n;
  return tokens === 0n ? next : emit(next, tokens * largest);
}

/** Moves money from what has accrued to units of the open period, and counts their tokens. */
function emit(state: MeterState, more: bigint): MeterState {
  const units = state.units + more;
  const amounts = { emitted: state.units, units };
  const counters = countersAfter(state.counters, state.denominations, amounts);
  return { ...state, accrued: state.accrued - more * state.unit, units, counters };
}
