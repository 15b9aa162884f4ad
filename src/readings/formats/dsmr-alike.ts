/**
 * What telegrams of one meter have in common: the same registers in the same units, checksums in all or in none, and
 * clocks that go by one rule. A telegram that differs lost a line, or belongs to another meter.
 */
import { Zone } from "../zone.js";
import type { Telegram } from "./dsmr-telegram.js";

const SUMMER_MS = 7_200_000;

export class AlikeTelegrams {
  readonly #zone: Zone;
  /** By the serial number of the meter. */
  readonly #registers = new Map<string, string>();
  #checked: boolean | undefined;
  /** Some telegram says that it is summer time. */
  #summer = false;
  /** Some telegram says winter time while clocks show summer time: the meter's clock is never changed. */
  #winterInSummer = false;

  constructor(zone: string) {
    this.#zone = Zone.of(zone);
  }

  /** Why a telegram with or without a checksum differs from those before it; `undefined` where it does not. */
  checksum(isThere: boolean): string | undefined {
    this.#checked ??= isThere;
    if (this.#checked === isThere) return undefined;
    return isThere
      ? "the telegram has a checksum, and those before it have none"
      : "the telegram has no checksum, and those before it have one";
  }

  /** The same of its registers and the mark of its time, at an instant. */
  content(telegram: Telegram, meter: string, at: number): string | undefined {
    const said = telegram.forms;
    const before = this.#registers.get(meter) ?? said;
    this.#registers.set(meter, before);
    if (said !== before)
      return `the telegram has the registers ${said}, and those before it have ${before}`;
    return this.#mark(telegram.time!.slice(-1), at);
  }

  #mark(mark: string, at: number): string | undefined {
    if (mark !== "S" && mark !== "W") return undefined;
    const isSummer = this.#zone.offsetAt(at) === SUMMER_MS;
    if (mark === "S" && !isSummer)
      return `the telegram says summer time, and clocks in ${this.#zone.name} show winter time then`;
    this.#summer ||= mark === "S";
    this.#winterInSummer ||= mark === "W" && isSummer;
    return this.#summer && this.#winterInSummer
      ? "telegrams of one summer say both summer time and winter time"
      : undefined;
  }
}
