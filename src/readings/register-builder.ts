/**
 * Collects the states of one cumulative register, as meters that show only totals send them. Between
 * two states of the same meter lies an interval with their difference. Another meter starts a new register: what
 * was used while meters were exchanged is not known, and is a gap. A register that goes back from the top of
 * its digits to their bottom has rolled over; one that goes back otherwise is asked about: it may count from
 * zero again, as those of a day do.
 */
import type { Built } from "./channel-builder.js";
import { Column, inOrder } from "./column.js";
import { badRow, placeText, readingsErrors, type Place } from "./errors.js";
import { questionError } from "./table/question.js";
import { SeriesWriter } from "./series-writer.js";

const KWH = 1e9;

export class RegisterBuilder {
  readonly #at = new Column(Float64Array);
  readonly #total = new Column(Float64Array);
  readonly #meter = new Column(Uint16Array);
  readonly #line = new Column(Uint32Array);
  readonly #file = new Column(Uint16Array);
  readonly #meters: string[] = [];

  /** What was done where the register went back. */
  readonly notes: string[] = [];

  /** `resets`: what a register that goes back is. */
  constructor(
    private readonly files: readonly string[],
    private readonly resets?: "exchange" | "rollover" | "zero",
  ) {}

  get length(): number {
    return this.#at.length;
  }

  /** Serial numbers of the meters, in order of appearance. */
  get meters(): readonly string[] {
    return this.#meters;
  }

  /** The only meter, and its first state, in micro-watt-hours; `undefined` where there are several. */
  get first(): { meter: string; at: number; microWattHours: number } | undefined {
    const [only, other] = this.#meters;
    if (only === undefined || other !== undefined || this.notes.length > 0) return undefined;
    const i = inOrder(this.#at)[0]!;
    return { meter: only, at: this.#at.get(i), microWattHours: this.#total.get(i) };
  }

  /** The register of `meter` stood at `microWattHours` at an instant. */
  add({
    at,
    microWattHours,
    meter,
    file,
    line,
  }: {
    readonly at: number;
    readonly microWattHours: number;
    readonly meter: string;
    readonly file: number;
    readonly line: number;
  }): void {
    let index = this.#meters.indexOf(meter);
    if (index < 0) index = this.#meters.push(meter) - 1;
    this.#at.push(at);
    this.#total.push(microWattHours);
    this.#meter.push(index);
    this.#line.push(line);
    this.#file.push(file);
  }

  /**
   * The intervals between states, in order of time.
   *
   * @param scale what all energy is multiplied by
   * @throws readings/contradictory-duplicate; readings/question where a register goes back
   */
  build(timeZone: string, scale = 1): Built {
    const writer = new SeriesWriter(this.length, scale);
    const order = inOrder(this.#at);
    let repeated = 0;
    let before: number | undefined;
    const gone = new Set<number>();
    for (const i of order) {
      if (before !== undefined && this.#meter.get(before) !== this.#meter.get(i)) {
        gone.add(this.#meter.get(before));
        if (gone.has(this.#meter.get(i))) throw this.#inTurn(before, i);
      }
      if (before !== undefined && this.#meter.get(before) === this.#meter.get(i)) {
        let used = this.#total.get(i) - this.#total.get(before);
        const ms = this.#at.get(i) - this.#at.get(before);
        if (ms === 0) {
          if (used !== 0) throw this.#contradiction(before, i);
          repeated += 1;
          continue;
        }
        if (used < 0) {
          const span = this.#rollover(before, i);
          if (span === undefined) {
            before = i;
            continue;
          }
          used += span;
        }
        writer.push({
          start: this.#at.get(before),
          seconds: ms / 1000,
          microWattHours: used,
          quality: "actual",
        });
      }
      before = i;
    }
    return { ...writer.finish(timeZone), duplicates: repeated, replaced: 0 };
  }

  /** What a register that goes back has rolled over; `undefined` where a new count begins. @throws readings/question */
  #rollover(before: number, i: number): number | undefined {
    const [from, to] = [this.#total.get(before), this.#total.get(i)];
    const span = 10 ** Math.max(4, String(Math.floor(from / KWH)).length) * KWH;
    const went = `from ${from / KWH} to ${to / KWH} kWh at ${placeText(this.#place(i))}`;
    const wraps = from >= 0.98 * span && to <= 0.02 * span;
    if (this.resets === "rollover" || (this.resets === undefined && wraps)) {
      this.notes.push(`the register rolled over, ${went}`);
      return span;
    }
    if (this.resets === "exchange") {
      this.notes.push(
        `the register went back, ${went}: another meter, or a new count, begins there`,
      );
      return undefined;
    }
    if (this.resets === "zero") {
      this.notes.push(`the register counts from zero again, ${went}`);
      return from;
    }
    throw questionError(this.files[this.#file.get(i)]!, [
      {
        about: "resets",
        question: `whether the register that goes back, ${went}, rolled over, counts from zero again, or another meter began`,
        option: "--resets",
        choices: ["exchange", "rollover", "zero"],
      },
    ]);
  }

  /** A meter that was exchanged does not come back: two supplies are in one file. */
  #inTurn(before: number, i: number): Error {
    const [other, one] = [before, i].map((k) => this.#meters[this.#meter.get(k)]!);
    const reason = `a state of the meter ${one!} follows one of the meter ${other!}, which came after it: the file has states of two meters in turn`;
    return badRow(this.#place(i), reason);
  }

  #place(i: number): Place {
    return { file: this.files[this.#file.get(i)]!, line: this.#line.get(i) };
  }

  #contradiction(a: number, b: number): Error {
    const [first, second] = [this.#place(a), this.#place(b)];
    const at = new Date(this.#at.get(b)).toISOString();
    return readingsErrors.error(
      "contradictory-duplicate",
      `${placeText(first)} and ${placeText(second)} give different states of one register at ${at}`,
      {
        file: first.file,
        line: first.line ?? 0,
        otherFile: second.file,
        otherLine: second.line ?? 0,
        start: at,
      },
    );
  }
}
