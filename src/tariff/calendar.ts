/** Civil days, months, quarters and years of a zone as numbers. */
import { civilDay, type Zone } from "../readings/zone.js";

export type Span = "day" | "month" | "quarter" | "year";

/** The civil time at which the span around a civil time begins. */
export function spanStart(civil: number, span: Span): number {
  if (span === "day") return civilDay(civil);
  const date = new Date(civil);
  const month = { month: date.getUTCMonth(), quarter: date.getUTCMonth(), year: 0 }[span];
  return Date.UTC(date.getUTCFullYear(), span === "quarter" ? month - (month % 3) : month, 1);
}

/** The first instant of the span around an instant. */
export function spanStartAt(instant: number, span: Span, zone: Zone): number {
  return zone.startOf(spanStart(zone.civil(instant), span));
}

/** The first instant after the span around an instant. */
export function spanEndAt(instant: number, span: Span, zone: Zone): number {
  const start = spanStart(zone.civil(instant), span);
  const date = new Date(start);
  const months = { day: 0, month: 1, quarter: 3, year: 12 }[span];
  const next =
    span === "day"
      ? start + 86_400_000
      : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  return zone.startOf(next);
}
