/**
 * Telegrams of the consumer port P1 of smart meters (Dutch Smart Meter Requirements 5.0.2 and its
 * relatives in Belgium, Luxembourg and the Nordic countries): lines of OBIS codes (IEC 62056-61) with
 * the states of registers. Energy of an interval is the difference of two telegrams.
 */
import type { Collector } from "../collector.js";
import { cubicMetre, kilowattHour, megawattHour, parseEnergy, type EnergyUnit } from "../energy.js";
import { civilTime } from "../timestamp.js";
import { Crc16 } from "./crc16.js";
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

/** Registers of electricity: direction, and whether it is the total or the part of one tariff. */
const electricity = /^1-\d+:([12])\.8\.(\d)$/;
/** Registers of other meters on the bus: channel. */
const gasReading = /^0-(\d):24\.2\.[13]$/;
const deviceType = /^0-(\d):24\.1\.0$/;
const serialNumber = /^0-(\d):96\.1\.[01]$/;

/** What one telegram said. */
class Telegram {
  readonly crc = new Crc16();
  at: number | undefined;
  /** Texts of the electric registers by direction and number. */
  readonly electric = { "1": new Map<string, string>(), "2": new Map<string, string>() };
  readonly serials = new Map<string, string>();
  readonly types = new Map<string, string>();
  readonly gas = new Map<string, { at: string; value: string }>();
  /** Of older telegrams: a gas reading without its value, which is on the next line. */
  awaiting: { channel: string; at: string } | undefined;

  constructor(readonly line: number) {}
}

class Telegrams {
  #telegram: Telegram | undefined;
  /** Serial number of the first electricity meter: the name of the home. */
  #home: string | undefined;
  #meter = "meter";
  #line = 0;

  constructor(private readonly collector: Collector) {}

  take(raw: string, line: number): void {
    this.#line = line;
    const text = raw.trim();
    if (text.startsWith("/")) {
      if (this.#telegram !== undefined) this.#bad(this.#telegram.line, "the telegram does not end");
      this.#telegram = new Telegram(line);
      this.#telegram.crc.add(raw);
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
      if (checksum !== "" && checksum.toUpperCase() !== telegram.crc.hex) {
        this.#bad(line, `the checksum is ${telegram.crc.hex}, and the telegram says ${checksum}`);
        return;
      }
      this.#store(telegram);
      return;
    }
    telegram.crc.add(raw);
    if (text !== "") this.#field(telegram, text, line);
  }

  end(): void {
    if (this.#telegram !== undefined) this.#bad(this.#line, "the last telegram is cut off");
  }

  #bad(line: number, reason: string): void {
    this.collector.bad(line, reason, this.#home);
  }

  #field(telegram: Telegram, text: string, line: number): void {
    const match = /^(?:(\d+-\d+:\d+\.\d+\.\d+)(?:\.\d+)?)?((?:\([^()]*\))+)$/.exec(text);
    if (match === null) {
      this.#bad(line, `"${text.slice(0, 40)}" is no line of a telegram`);
      return;
    }
    const [, code = "", groups = ""] = match;
    const values = groups.slice(1, -1).split(")(");
    const awaited = telegram.awaiting;
    telegram.awaiting = undefined;
    if (code === "") {
      if (awaited !== undefined)
        telegram.gas.set(awaited.channel, { at: awaited.at, value: `${values[0]!}*m3` });
      return;
    }
    const register = electricity.exec(code);
    const gas = gasReading.exec(code);
    const type = deviceType.exec(code);
    const serial = serialNumber.exec(code);
    if (code === "0-0:1.0.0") {
      telegram.at = parseTime(values[0]!);
      if (telegram.at === undefined) this.#bad(line, `"${values[0]!.slice(0, 20)}" is no time`);
    } else if (register !== null) {
      telegram.electric[register[1] as "1" | "2"].set(register[2]!, values[0]!);
    } else if (type !== null) telegram.types.set(type[1]!, values[0]!);
    else if (serial !== null) telegram.serials.set(serial[1]!, values[0]!);
    else if (gas !== null) telegram.gas.set(gas[1]!, { at: values[0]!, value: values.at(-1)! });
    else if (/^0-\d:24\.3\.0$/.test(code)) {
      telegram.awaiting = { channel: code[2]!, at: values[0]! };
    }
  }

  #store(telegram: Telegram): void {
    const { collector } = this;
    // A telegram without a serial number comes from the meter before it.
    const serial = telegram.serials.get("0");
    const meter = serial === undefined ? this.#meter : serialText(serial);
    this.#meter = meter;
    this.#home ??= meter;
    if (telegram.at === undefined) {
      this.#bad(telegram.line, "the telegram has no time");
      return;
    }
    for (const [code, direction] of [
      ["1", "import"],
      ["2", "export"],
    ] as const) {
      const total = this.#total(telegram, code);
      // A home that never feeds in has export registers all the same.
      if (total === undefined) continue;
      const register = collector.register({
        home: this.#home,
        commodity: "electricity",
        direction,
        register: "",
      });
      const { at, line } = telegram;
      collector.addState(register, { at, microWattHours: total, meter, line });
    }
    for (const [channel, reading] of telegram.gas) this.#storeGas(telegram, channel, reading);
  }

  /** The total register, or the sum of those of the tariffs. */
  #total(telegram: Telegram, code: "1" | "2"): number | undefined {
    const registers = telegram.electric[code];
    const total = registers.get("0");
    const texts = total === undefined ? [...registers.values()] : [total];
    if (texts.length === 0) return undefined;
    let sum = 0;
    for (const text of texts) {
      const value = this.#energy(telegram, text);
      if (value === undefined) return undefined;
      sum += value;
    }
    return sum;
  }

  #energy(telegram: Telegram, text: string): number | undefined {
    const [number = "", unitName = ""] = text.split("*");
    const unit = unitOf(unitName, this.collector.options.gasWattHoursPerCubicMetre);
    if (unit === undefined) {
      this.#bad(telegram.line, `"${text.slice(0, 40)}" has no unit of energy`);
      return undefined;
    }
    const energy = parseEnergy(number, unit);
    if ("bad" in energy) {
      this.#bad(telegram.line, energy.bad);
      return undefined;
    }
    return energy.micro;
  }

  #storeGas(telegram: Telegram, channel: string, reading: { at: string; value: string }): void {
    const { collector } = this;
    const type = telegram.types.get(channel);
    // 3 is gas; 4, 7 and others are heat and water.
    if (type !== undefined && Number(type) !== 3) {
      collector.ignore(`meters of kind ${type} are neither electricity nor gas, and are left out`);
      return;
    }
    if (/\*m3$/.test(reading.value) && collector.options.gasWattHoursPerCubicMetre === undefined) {
      collector.ignore(
        "gas in cubic metres is left out: tell how much energy a cubic metre of gas holds",
      );
      return;
    }
    const at = parseTime(reading.at);
    if (at === undefined) {
      this.#bad(telegram.line, `"${reading.at.slice(0, 20)}" is no time of a gas reading`);
      return;
    }
    const value = this.#energy(telegram, reading.value);
    if (value === undefined) return;
    const register = collector.register({
      home: this.#home!,
      commodity: "gas",
      direction: "import",
      register: "",
    });
    const meter = serialText(telegram.serials.get(channel) ?? "");
    collector.addState(register, { at, microWattHours: value, meter, line: telegram.line });
  }
}

function unitOf(name: string, gasWattHours: number | undefined): EnergyUnit | undefined {
  switch (name) {
    case "kWh":
      return kilowattHour;
    case "MWh":
      return megawattHour;
    case "m3":
      return gasWattHours === undefined ? undefined : cubicMetre(gasWattHours);
    default:
      return undefined;
  }
}

/** `YYMMDDhhmmssX`, X being W in winter and S in summer, or nothing where a clock has no summer. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([WS])?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const civil = civilTime(2000 + year!, month!, day!, hour!, minute!, second!);
  if (civil === undefined) return undefined;
  return civil - (match[7] === "S" ? 7_200_000 : 3_600_000);
}

/** Serial numbers come as the hexadecimal of their characters. */
function serialText(hex: string): string {
  if (!/^([2-7][\dA-Fa-f])+$/.test(hex)) return hex === "" ? "meter" : hex;
  return Buffer.from(hex, "hex").toString("latin1");
}
