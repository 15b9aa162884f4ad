/** Homes of hours, and tariffs whose bills can be computed in one's head. */
import { IntervalSeries, type Home, type Interval } from "../../../src/readings/index.js";
import { readTariff, type Tariff } from "../../../src/tariff/index.js";

export const hour = 3_600_000;
export const day = 24 * hour;

export function home(intervals: readonly Interval[], timeZone = "UTC"): Home {
  const series = IntervalSeries.of(timeZone, intervals);
  const exported = IntervalSeries.of(timeZone, []);
  return {
    id: "h",
    commodity: "electricity",
    timeZone,
    intervals: series,
    exported,
    gaps: series.gaps(),
  };
}

/** Hours of `wattHours(i)` from an instant; `undefined` leaves a gap. */
export function hours({
  from,
  count,
  wattHours,
  quality = "actual",
}: {
  readonly from: number;
  readonly count: number;
  readonly wattHours: (i: number) => number | undefined;
  readonly quality?: Interval["quality"];
}): Interval[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const energy = wattHours(i);
    return energy === undefined
      ? []
      : [{ start: from + i * hour, seconds: 3600, wattHours: energy, quality }];
  });
}

export const may = Date.UTC(2024, 4, 1);
export const june = Date.UTC(2024, 5, 1);
export const july = Date.UTC(2024, 6, 1);
export const mayHours = 31 * 24;

export function tariffOf(components: readonly object[]): Promise<Tariff> {
  return readTariff({
    name: "t.json",
    bytes: JSON.stringify({ format: "sipster/tariff@1", name: "t", currency: "EUR", components }),
  });
}

/** 0.1 cent for a watt-hour. */
export const flat: Tariff = await tariffOf([{ kind: "flat", name: "Energy", price: "1" }]);
export const daily: Tariff = await tariffOf([
  { kind: "flat", name: "Energy", price: "0.123" },
  { kind: "standing", name: "Daily", price: "0.2511" },
  { kind: "flat", name: "Feed-in", direction: "export", price: "0.5" },
]);
