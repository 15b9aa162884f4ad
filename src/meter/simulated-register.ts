/**
 * A register that a series of readings moves: a simulator, for demonstrations and for replaying files.
 * A real one is read from the meter itself.
 */
import type { IntervalSeries } from "../readings/index.js";
import type { RegisterReading } from "../tariff/index.js";

/** Energy of a series that was not read yet, and what the register showed before it. */
interface Track {
  readonly kind: "import" | "export";
  readonly series: IntervalSeries;
  next: number;
  shows: number;
}

export class SimulatedRegister {
  readonly #tracks: readonly Track[];

  /**
   * @param shows what the registers show at the beginning, in Wh
   * @param after intervals that ended by this instant were read before
   */
  constructor(
    home: { readonly intervals: IntervalSeries; readonly exported: IntervalSeries },
    shows: { readonly imported: number; readonly exported: number },
    after: number,
  ) {
    this.#tracks = [
      { kind: "import", series: home.intervals, next: 0, shows: shows.imported },
      { kind: "export", series: home.exported, next: 0, shows: shows.exported },
    ];
    for (const track of this.#tracks) {
      const { series } = track;
      while (track.next < series.length && endOf(series, track.next) <= after) track.next++;
    }
  }

  /** What the registers showed at the end of each interval up to an instant, in order of time. */
  until(instant: number): RegisterReading[] {
    const readings: RegisterReading[] = [];
    for (const track of this.#tracks) {
      const { kind, series } = track;
      for (; track.next < series.length && endOf(series, track.next) <= instant; track.next++) {
        const { start, wattHours } = series.at(track.next);
        track.shows += wattHours;
        readings.push({ kind, wattHours: track.shows, from: start, to: endOf(series, track.next) });
      }
    }
    return readings.sort((a, b) => a.from - b.from);
  }
}

function endOf(series: IntervalSeries, index: number): number {
  const { start, seconds } = series.at(index);
  return start + seconds * 1000;
}
