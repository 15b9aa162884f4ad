/** The rows of one register of a table, as they are read, before it is known what their times mean. */
import { Column } from "../column.js";
import { qualities, type Quality } from "../interval.js";

const DAY_MS = 86_400_000;

/** Which of the two readings of a date holds. */
export type Order = "dayFirst" | "monthFirst";

/** What makes a register of its own. */
export interface ChannelName {
  readonly home: string;
  readonly meter: string;
  readonly direction: "import" | "export" | "net";
  /** What the row says of its register or flow. */
  readonly register: string;
  readonly gas: boolean;
  /** Gas by volume, whose energy was told. */
  readonly byVolume?: boolean;
}

export interface Row {
  /** Civil times, or instants; NaN where an order of day and month gives none. */
  readonly dayFirst: number;
  readonly monthFirst: number;
  /** End, in the same two readings; NaN where the row has none. */
  readonly end?: { readonly dayFirst: number; readonly monthFirst: number };
  /** Milliseconds from midnight, where the row has a day and the number of a step in it. */
  readonly offset?: number;
  /** Millionths of a watt-hour, or of a watt; may be negative. */
  readonly value: number;
  readonly quality: Quality;
  readonly line: number;
}

export class TableChannel {
  readonly #dayFirst = new Column(Float64Array);
  /** Only once it differs. */
  #monthFirst: Column<Float64Array> | undefined;
  #end: { dayFirst: Column<Float64Array>; monthFirst: Column<Float64Array> } | undefined;
  /** Minutes from midnight, of numbered steps. */
  #offset: Column<Uint16Array> | undefined;
  readonly #value = new Column(Float64Array);
  readonly #quality = new Column(Uint8Array);
  readonly #line = new Column(Uint32Array);
  #endsWithMidnight = false;

  constructor(
    public name: ChannelName,
    readonly kind: "energy" | "power" | "register",
  ) {}

  get length(): number {
    return this.#value.length;
  }

  push({ dayFirst, monthFirst, end, offset, value, quality, line }: Row): void {
    if (this.#monthFirst === undefined && !Object.is(dayFirst, monthFirst)) {
      this.#monthFirst = new Column(Float64Array);
      for (let i = 0; i < this.length; i++) this.#monthFirst.push(this.#dayFirst.get(i));
    }
    this.#dayFirst.push(dayFirst);
    this.#monthFirst?.push(monthFirst);
    if (end !== undefined) {
      this.#end ??= { dayFirst: new Column(Float64Array), monthFirst: new Column(Float64Array) };
      this.#end.dayFirst.push(end.dayFirst);
      this.#end.monthFirst.push(end.monthFirst);
    }
    if (offset !== undefined) {
      this.#offset ??= new Column(Uint16Array);
      this.#offset.push(offset / 60_000);
    }
    this.#value.push(value);
    this.#quality.push(qualities.indexOf(quality));
    this.#line.push(line);
  }

  /** The times in one order of day and month. */
  times(order: Order): Float64Array {
    const column = order === "monthFirst" ? (this.#monthFirst ?? this.#dayFirst) : this.#dayFirst;
    const times = copied(column, this.length);
    if (!this.#endsWithMidnight) return times;
    return times.map((time) => (time % DAY_MS === 0 ? time + DAY_MS : time));
  }

  /** From now on midnight is the end of the day that its date names. */
  endWithMidnight(): void {
    this.#endsWithMidnight = true;
  }

  /** Ends, where the rows have them. */
  ends(order: Order): Float64Array | undefined {
    const column = this.#end?.[order];
    return column === undefined ? undefined : copied(column, this.length);
  }

  get bothOrders(): boolean {
    return this.#monthFirst !== undefined;
  }

  /** Its rows have a day and the number of a step in it. */
  get isNumbered(): boolean {
    return this.#offset !== undefined;
  }

  /** Milliseconds from midnight to a numbered step. */
  offset(i: number): number {
    return this.#offset!.get(i) * 60_000;
  }

  value(i: number): number {
    return this.#value.get(i);
  }

  quality(i: number): Quality {
    return qualities[this.#quality.get(i)]!;
  }

  line(i: number): number {
    return this.#line.get(i);
  }
}

function copied(column: Column<Float64Array>, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = column.get(i);
  return values;
}
