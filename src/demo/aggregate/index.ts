/** A day's load of a neighbourhood in one process: members and aggregator. */
export { allExact, median, runAggregation, type Run, type Scheme, type SlotSum } from "./run.js";
export { MAX_WATT_HOURS, slotTable, withFailures, type SlotTable } from "./slots.js";
