/** What a gateway measures from: registers that count up, and a clock. */
import type { IntervalSeries } from "../../readings/index.js";
import type { RegisterReading } from "../../tariff/index.js";
import { SimulatedRegister } from "../simulated-register.js";

/** What the registers show, in Wh. */
export interface Registers {
  readonly imported: number;
  readonly exported: number;
}

export interface RegisterSource {
  /** What the hardware's clock shows, ms since 1970 in UTC. */
  now(): number;
  /** Readings since the last call, up to an instant. */
  until(instant: number): RegisterReading[];
  registers(): Registers;
  /** Telegrams or lines that were damaged and left out, where there can be any. */
  readonly refused?: number;
  close(): void;
}

/** A clock of its own that begins at an instant (ms) and runs at a chosen speed. */
export function clockAtSpeed(begin: number, speed: number, real: () => number): () => number {
  const started = real();
  return () => Math.floor(begin + (real() - started) * speed);
}

/** Readings of a file, on a clock that is not the machine's: a simulator. */
export class FileSource implements RegisterSource {
  readonly #register: SimulatedRegister;
  #shown: Registers;

  /**
   * @param clock ms
   * @param known what the meter charged before: its registers, and the instant up to which
   */
  constructor(
    home: { readonly intervals: IntervalSeries; readonly exported: IntervalSeries },
    private readonly clock: () => number,
    known: Registers & { readonly clock: number },
  ) {
    this.#register = new SimulatedRegister(home, known, known.clock);
    this.#shown = known;
  }

  now(): number {
    return this.clock();
  }

  until(instant: number): RegisterReading[] {
    const readings = this.#register.until(instant);
    for (const { kind, wattHours } of readings) {
      const register = kind === "import" ? "imported" : "exported";
      this.#shown = { ...this.#shown, [register]: wattHours };
    }
    return readings;
  }

  registers(): Registers {
    return this.#shown;
  }

  close(): void {
    // Nothing is open.
  }
}

/** Registers that another program or a port tells from time to time; the clock is the machine's. */
export class LiveSource implements RegisterSource {
  refused = 0;
  #shown: Registers | null = null;
  #readUpTo: number;
  #charged: Registers;

  /** @param known what the meter charged before: its registers, and the instant up to which */
  constructor(
    known: Registers & { readonly clock: number },
    private readonly clock: () => number,
    private readonly stop: () => void,
  ) {
    this.#charged = known;
    this.#readUpTo = known.clock === 0 ? clock() : known.clock;
  }

  /** So many more telegrams or lines were left out. @returns whether to tell: at 1, 10, 100 and so on */
  refuse(count = 1): boolean {
    const before = String(this.refused).length;
    const first = this.refused === 0;
    this.refused += count;
    return count > 0 && (first || String(this.refused).length > before);
  }

  /** The registers show this now. */
  show(registers: Registers): void {
    this.#shown = registers;
  }

  now(): number {
    return this.clock();
  }

  until(instant: number): RegisterReading[] {
    const shown = this.#shown;
    if (shown === null) return [];
    const [from, to] = [Math.min(this.#readUpTo, instant), instant];
    const readings: RegisterReading[] = [];
    if (shown.imported !== this.#charged.imported) {
      readings.push({ kind: "import", wattHours: shown.imported, from, to });
    }
    if (shown.exported !== this.#charged.exported) {
      readings.push({ kind: "export", wattHours: shown.exported, from, to });
    }
    if (readings.length > 0) this.#readUpTo = instant;
    this.#charged = shown;
    return readings;
  }

  registers(): Registers {
    return this.#shown ?? this.#charged;
  }

  close(): void {
    this.stop();
  }
}
