/**
 * Telegrams of the consumer port P1 of smart meters (Dutch Smart Meter Requirements 5.0.2 and its
 * relatives in Belgium, Luxembourg and the Nordic countries): lines of OBIS codes (IEC 62056-61) with
 * the states of registers. Energy of an interval is the difference of two telegrams.
 */
import type { Collector, Register, RegisterReadings } from "../collector.js";
import {
  cubicMetre,
  kilowattHour,
  megawattHour,
  parseEnergy,
  wattHour,
  type EnergyUnit,
} from "../energy.js";
import { AlikeTelegrams } from "./dsmr-alike.js";
import { Telegram, telegramTime } from "./dsmr-telegram.js";
import type { Format } from "./format.js";
import { readLines } from "./text-lines.js";

const zoneName = "Europe/Amsterdam";

export const dsmrFormat: Format = {
  name: "P1 telegrams",

  detect(head) {
    return /^\s*\/[\x20-\x7e]{4,}\r?\n/.test(head) && /\d+-\d+:\d+\.\d+\.\d+\(/.test(head);
  },

  async read(input, collector) {
    collector.nameZone(zoneName);
    const telegrams = new Telegrams(collector);
    await readLines(input, (text, line) => {
      telegrams.take(text, line);
    });
    telegrams.end();
  },
};

type Supply = Pick<Register, "commodity" | "direction">;
const drawn: Supply = { commodity: "electricity", direction: "import" };
const fedIn: Supply = { commodity: "electricity", direction: "export" };
const gasDrawn: Supply = { commodity: "gas", direction: "import" };

/** A home whose telegrams name no meter. */
const UNNAMED = "meter";

class Telegrams {
  #telegram: Telegram | undefined;
  /** Serial number of the first electricity meter: the name of the home. */
  #home: string | undefined;
  #meter = UNNAMED;
  #line = 0;
  readonly #alike = new AlikeTelegrams(zoneName);
  readonly #registers = new Map<Supply, RegisterReadings>();

  constructor(private readonly collector: Collector) {}

  take(raw: string, line: number): void {
    this.#line = line;
    const text = raw.trim();
    if (text.startsWith("/")) {
      if (this.#telegram !== undefined) this.#bad(this.#telegram.line, "the telegram does not end");
      this.#telegram = new Telegram(line);
      this.#add(this.#telegram, raw);
      return;
    }
    const telegram = this.#telegram;
    if (telegram === undefined) {
      if (text !== "") this.#bad(line, "the line is in no telegram");
      return;
    }
    if (text.startsWith("!")) {
      telegram.crc.add("!");
      this.#telegram = undefined;
      const checksum = text.slice(1).trim();
      const padded = checksum.toUpperCase().padStart(4, "0");
      telegram.lineEnds.add("!");
      if (checksum !== "" && padded !== telegram.crc.hex && padded !== telegram.lineEnds.hex) {
        const said = checksum.slice(0, 20);
        this.#bad(line, `the checksum is ${telegram.crc.hex}, and the telegram says ${said}`);
        return;
      }
      const other = this.#alike.checksum(checksum !== "");
      if (other !== undefined) return this.#bad(line, other);
      this.#store(telegram);
      return;
    }
    this.#add(telegram, raw);
    if (text !== "" && !telegram.take(text)) {
      this.#bad(line, `"${text.slice(0, 40)}" is not a line of a telegram`);
    }
  }

  /** Loggers may have changed the ends of lines, which the checksum covers. */
  #add(telegram: Telegram, raw: string): void {
    telegram.crc.add(raw);
    telegram.lineEnds.add(raw.replace(/\r?\n$/, "\r\n"));
  }

  end(): void {
    if (this.#telegram !== undefined) this.#bad(this.#line, "the last telegram is cut off");
  }

  #bad(line: number, reason: string): void {
    this.collector.bad({ line, reason, home: this.#home });
  }

  #store(telegram: Telegram): void {
    // A telegram without a serial number comes from the meter before it.
    const serial = telegram.serial("0");
    if (serial !== undefined && this.#home === UNNAMED)
      return this.#bad(telegram.line, "the telegram names its meter, and those before it do not");
    this.#meter = serial ?? this.#meter;
    this.#home ??= this.#meter;
    const { time, line } = telegram;
    const at = time === undefined ? undefined : telegramTime(time);
    if (at === undefined) {
      const reason =
        time === undefined ? "the telegram has no time" : `"${time.slice(0, 20)}" is not a time`;
      this.#bad(line, reason);
      return;
    }
    const twice = telegram.contradicted;
    const fault =
      twice === undefined
        ? this.#alike.content(telegram, this.#meter, at)
        : `the telegram has ${twice} twice, with other values`;
    if (fault !== undefined) return this.#bad(line, fault);
    // A home that never feeds in has registers for it all the same.
    for (const [code, supply] of [
      ["1", drawn],
      ["2", fedIn],
    ] as const) {
      const total = this.#total(telegram, telegram.registers(code));
      if (total !== undefined)
        this.#state({ supply, at, microWattHours: total, meter: this.#meter, line });
    }
    for (const other of telegram.others()) this.#storeGas(telegram, other);
  }

  #state({
    supply,
    at,
    microWattHours,
    meter,
    line,
  }: {
    readonly supply: Supply;
    readonly at: number;
    readonly microWattHours: number;
    readonly meter: string;
    readonly line: number;
  }): void {
    let register = this.#registers.get(supply);
    if (register === undefined) {
      register = this.collector.register({ home: this.#home!, ...supply, register: "P1" });
      this.#registers.set(supply, register);
    }
    this.collector.addState(register, { at, microWattHours, meter, line });
  }

  /** The sum of registers; `undefined` where there are none, or one of them is wrong. */
  #total(telegram: Telegram, texts: readonly string[]): number | undefined {
    if (texts.length === 0) return undefined;
    let sum = 0;
    for (const text of texts) {
      const value = this.#energy(telegram, text);
      if (value === undefined) return undefined;
      sum += value;
    }
    if (Number.isSafeInteger(sum)) return sum;
    this.#bad(telegram.line, "the energy is beyond any meter");
    return undefined;
  }

  #energy(telegram: Telegram, text: string): number | undefined {
    const [number = "", unitName = ""] = text.split("*");
    const unit = unitOf(unitName, this.collector.options.gasWattHoursPerCubicMetre);
    const energy =
      unit === undefined
        ? { bad: `"${text.slice(0, 40)}" has no unit of energy` }
        : parseEnergy(number, unit);
    if (!("bad" in energy)) return energy.micro;
    this.#bad(telegram.line, energy.bad);
    return undefined;
  }

  #storeGas(
    telegram: Telegram,
    reading: { channel: string; kind: string | undefined; at: string; value: string },
  ): void {
    const { collector } = this;
    const { channel, kind, value } = reading;
    // 3 is gas; 4, 7 and others are heat and water.
    if (kind !== undefined && Number(kind) !== 3) {
      collector.ignore(`meters of kind ${kind} are neither electricity nor gas, and are left out`);
      return;
    }
    const at = telegramTime(reading.at);
    if (isGone(reading, at, telegram.serial(channel))) {
      collector.ignore(`channel ${channel} has no meter any more, and is left out`);
      return;
    }
    if (at === undefined) {
      this.#bad(telegram.line, `"${reading.at.slice(0, 20)}" is not a time of a gas reading`);
      return;
    }
    if (kind === undefined) {
      this.#bad(
        telegram.line,
        `the telegram does not say what the meter of channel ${channel} measures`,
      );
      return;
    }
    if (value.endsWith("*m3") && collector.options.gasWattHoursPerCubicMetre === undefined) {
      collector.ignore(
        "gas in cubic metres is left out: tell how much energy a cubic metre of gas holds",
      );
      return;
    }
    const energy = this.#energy(telegram, value);
    if (energy === undefined) return;
    this.#state({
      supply: gasDrawn,
      at,
      microWattHours: energy,
      meter: telegram.serial(channel) ?? "meter",
      line: telegram.line,
    });
  }
}

/** A channel whose meter is gone: it has no value, or a zero without a time, a unit or a serial number. */
function isGone(
  { at: time, value }: { readonly at: string; readonly value: string },
  at: number | undefined,
  serial: string | undefined,
): boolean {
  if (value === "" || (at === undefined && /^(63|00)|25252525/.test(time))) return true;
  if (!/^0*\.?0*(\*m3)?$/.test(value)) return false;
  return at === undefined || serial === undefined || !value.endsWith("*m3");
}

function unitOf(name: string, gasWattHours: number | undefined): EnergyUnit | undefined {
  switch (name.toLowerCase()) {
    case "wh":
      return wattHour;
    case "kwh":
      return kilowattHour;
    case "mwh":
      return megawattHour;
    case "m3":
      return gasWattHours === undefined ? undefined : cubicMetre(gasWattHours);
    default:
      return undefined;
  }
}
