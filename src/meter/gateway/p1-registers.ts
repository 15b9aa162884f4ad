/**
 * The consumer port P1, live: telegrams as they come, and what the electricity registers show in each.
 * A telegram with a wrong checksum, or cut off, is left out: the next one shows the same registers.
 */
import { energyUnit, parseEnergy } from "../../readings/energy.js";
import { Telegram } from "../../readings/formats/dsmr-telegram.js";
import type { Registers } from "./source.js";

/** Longer than any telegram: a port that sends no end must not fill the memory. */
const MOST_CHARACTERS = 65_536;

export class P1Registers {
  /** Telegrams that were left out: damaged, cut off, or without a register that can be read. */
  refused = 0;
  #rest = "";
  #telegram: Telegram | null = null;

  /** Takes characters of one byte each. @returns the registers of every telegram that ends in them */
  take(text: string): Registers[] {
    const found: Registers[] = [];
    this.#rest += text;
    if (this.#rest.length > MOST_CHARACTERS) {
      this.#rest = "";
      this.refused++;
    }
    for (let at = this.#rest.indexOf("\n"); at >= 0; at = this.#rest.indexOf("\n")) {
      const line = this.#rest.slice(0, at + 1);
      this.#rest = this.#rest.slice(at + 1);
      const registers = this.#line(line);
      if (registers !== null) found.push(registers);
    }
    return found;
  }

  #line(raw: string): Registers | null {
    const text = raw.trim();
    if (text.startsWith("/")) {
      if (this.#telegram !== null) this.refused++;
      this.#telegram = new Telegram(0);
    }
    const telegram = this.#telegram;
    if (telegram === null) return null;
    if (!text.startsWith("!")) {
      telegram.crc.add(raw);
      if (!text.startsWith("/") && text !== "") telegram.take(text);
      return null;
    }
    this.#telegram = null;
    const registers = registersIn(telegram, text);
    if (registers === null) this.refused++;
    return registers;
  }
}

/** What a whole telegram shows; `null` if it is damaged. @param end its last line */
function registersIn(telegram: Telegram, end: string): Registers | null {
  telegram.crc.add("!");
  const said = end.slice(1).trim();
  if (said !== "" && Number.parseInt(said, 16) !== Number.parseInt(telegram.crc.hex, 16)) {
    return null;
  }
  const imported = wattHours(telegram.registers("1"));
  if (imported === null) return null;
  return { imported, exported: wattHours(telegram.registers("2")) ?? 0 };
}

/** The sum of registers in whole watt-hours, rounded down; `null` where one is not to be read. */
function wattHours(texts: readonly string[]): number | null {
  if (texts.length === 0) return null;
  let sum = 0;
  for (const text of texts) {
    const [number = "", name = ""] = text.split("*");
    const unit = energyUnit(name);
    const energy = unit === undefined ? null : parseEnergy(number, unit);
    if (energy === null || "bad" in energy) return null;
    sum += energy.micro;
  }
  return Math.floor(sum / 1_000_000);
}
