/** Where the readers of all formats put what they find. */
import { ChannelBuilder, type RawReading } from "./channel-builder.js";
import { badRow, readingsErrors, type Place } from "./errors.js";
import { stemOf } from "./stem.js";
import type { Mapping } from "./table/mapping.js";
import { questionError } from "./table/question.js";
import type { Commodity, Oddity, Understood } from "./reading-set.js";
import { RegisterBuilder } from "./register-builder.js";
import { Zone } from "./zone.js";

export interface ReadOptions {
  /** Zone of local times that a file does not place itself, and of billing periods. */
  readonly timeZone?: string;
  /** What to do with a row that cannot be right: refuse the file (default), or take it as missing. */
  readonly badRows?: "refuse" | "missing";
  /**
   * Energy in a cubic metre of gas, in whole watt-hours. Without it, gas that is metered by volume is
   * left out: what a cubic metre holds differs from place to place.
   */
  readonly gasWattHoursPerCubicMetre?: number;
  /** Answers to what tables leave open. */
  readonly mapping?: Mapping;
}

export type Direction = "import" | "export";

/** One register of one supply. */
export interface Register {
  readonly home: string;
  readonly commodity: Commodity;
  readonly direction: Direction;
  /** Several registers of one supply and direction are added up. */
  readonly register: string;
}

export interface RegisterReadings extends Register {
  channel: ChannelBuilder;
  /** Where the register comes in states and not in intervals. */
  states?: RegisterBuilder;
}

/** A part of what belongs together, a page of a list or a stream of a meter, and the parts that it names. */
export interface Part {
  readonly kind: "page" | "stream";
  readonly file: string;
  readonly of: string;
  readonly own: string;
  readonly linked: readonly string[];
  /** Readings that all pages hold together, as a page says, and those of this one. */
  readonly total?: number;
  readonly held?: number;
}

/** More than any utility sends in one file, and less than fills a machine. */
const mostReadings = 20_000_000;
const mostRegisters = 50_000;

export class Collector {
  readonly files: string[] = [];
  readonly formats = new Set<string>();
  readonly registers = new Map<string, RegisterReadings>();
  readonly oddities: Oddity[] = [];
  /** Parts that name others. */
  readonly parts: Part[] = [];
  /** How each table was understood. */
  readonly understood: Understood[] = [];
  /** True once a local time was met that no zone places. */
  localTimes = false;
  #namedZone: string | undefined;
  #readings = 0;
  /** The homes of files that name none, by the files' names. */
  readonly #unnamed = new Map<string, string>();
  readonly #ignored = new Map<string, number>();

  constructor(readonly options: ReadOptions) {
    if (options.timeZone !== undefined) Zone.of(options.timeZone);
    const gas = options.gasWattHoursPerCubicMetre;
    if (gas !== undefined && !(Number.isSafeInteger(gas) && gas > 0 && gas < 100_000)) {
      throw readingsErrors.error(
        "bad-argument",
        `${gas} is not energy of a cubic metre of gas, in whole watt-hours`,
        { gasWattHoursPerCubicMetre: gas },
      );
    }
  }

  /** Starts another file; the readings that follow are its. */
  openFile(name: string, format: string): void {
    this.files.push(name);
    this.formats.add(format);
  }

  get file(): string {
    return this.files.at(-1)!;
  }

  get fileIndex(): number {
    return this.files.length - 1;
  }

  /** What all energy is multiplied by, where the file states its unit wrongly. */
  get scale(): number {
    const { scale } = this.options.mapping ?? {};
    return typeof scale === "number" ? scale : 1;
  }

  /** A zone that the file itself names; one given by the caller goes before it. */
  nameZone(name: string): void {
    Zone.of(name);
    this.#namedZone ??= name;
  }

  get zoneIsNamed(): boolean {
    return this.options.timeZone !== undefined || this.#namedZone !== undefined;
  }

  get zone(): Zone {
    return Zone.of(this.options.timeZone ?? this.#namedZone ?? "UTC");
  }

  /** The home of the current file, which names none: what the file is called, or the first of several of one home. */
  unnamedHome(): string {
    const unnamed = this.#unnamed;
    let home = unnamed.get(this.file);
    if (home !== undefined) return home;
    const taken = [...unnamed.values()];
    const stem = stemOf(this.file);
    home = stem === "" || taken.includes(stem) ? this.file : stem;
    if (this.options.mapping?.files === "one") home = taken[0] ?? home;
    unnamed.set(this.file, home);
    return home;
  }

  /** Several files that name no home are months of one, or homes: blocks, estimates and demand differ. @throws readings/question */
  refuseUnnamedFiles(): void {
    if (this.#unnamed.size < 2 || this.options.mapping?.files !== undefined) return;
    const names = [...this.#unnamed.keys()];
    const some = names.length > 4 ? `${names.slice(0, 4).join(", ")} …` : names.join(", ");
    throw questionError(some, [
      {
        about: "files",
        question: `whether these ${names.length} files, which name no home, are of one home or each of another`,
        option: "--files",
        choices: ["one", "each"],
      },
    ]);
  }

  register(register: Register): RegisterReadings {
    const key = JSON.stringify(Object.values(register));
    let found = this.registers.get(key);
    if (found === undefined) {
      if (this.registers.size === mostRegisters) throw this.#tooLarge(`${mostRegisters} registers`);
      found = {
        ...register,
        channel: new ChannelBuilder(this.files),
      };
      this.registers.set(key, found);
    }
    return found;
  }

  /** A reading of an interval. @throws readings/too-large */
  add(to: Pick<RegisterReadings, "channel">, reading: RawReading): void {
    this.#count();
    to.channel.add(reading, this.fileIndex);
  }

  /** All readings of a builder that was filled apart, which is not to be used afterwards. */
  adopt(to: RegisterReadings, readings: ChannelBuilder): void {
    if (to.channel.length === 0) {
      to.channel = readings;
      return;
    }
    for (let i = 0; i < readings.length; i++) to.channel.add(readings.at(i), this.fileIndex);
  }

  /** A state of a cumulative register. @throws readings/too-large */
  addState(
    to: RegisterReadings,
    state: { at: number; microWattHours: number; meter: string; line: number },
  ): void {
    this.#count();
    to.states ??= new RegisterBuilder(this.files, this.options.mapping?.resets);
    to.states.add({
      at: state.at,
      microWattHours: state.microWattHours,
      meter: state.meter,
      file: this.fileIndex,
      line: state.line,
    });
  }

  note(oddity: Oddity): void {
    this.oddities.push(oddity);
  }

  /** Counts something of the current file that is left out; one note for each kind follows. */
  ignore(what: string, count = 1): void {
    const key = `${this.file}: ${what}`;
    this.#ignored.set(key, (this.#ignored.get(key) ?? 0) + count);
  }

  /**
   * A row that cannot be right: refuses the file, or notes it and goes on. `count` says how many
   * readings the row holds.
   *
   * @throws readings/bad-row
   */
  bad({
    line,
    reason,
    home,
    count = 1,
  }: {
    readonly line: number | undefined;
    readonly reason: string;
    readonly home?: string | undefined;
    readonly count?: number;
  }): void {
    const place: Place = { file: this.file, ...(line === undefined ? {} : { line }) };
    if (this.options.badRows !== "missing") throw badRow(place, reason);
    this.note({
      kind: "bad-row",
      message: `${reason}: taken as missing`,
      count,
      ...place,
      ...(home === undefined ? {} : { home }),
    });
  }

  /** The notes of what was left out. */
  ignored(): Oddity[] {
    return [...this.#ignored].map(([message, count]) => ({
      kind: "ignored",
      message: `${message} (${count})`,
      count,
    }));
  }

  #count(): void {
    this.#readings += 1;
    if (this.#readings > mostReadings) throw this.#tooLarge(`${mostReadings} readings`);
  }

  #tooLarge(limit: string): Error {
    return readingsErrors.error("too-large", `${this.file}: more than ${limit}`, {
      file: this.file,
      limit,
    });
  }
}
