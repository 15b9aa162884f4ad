/** Prices by the clock, the day of the week and the month. */
import { tariffErrors } from "./errors.js";
import type { Zone } from "../readings/zone.js";
import { ClockTable } from "./clock-table.js";
import type { Price, PriceAt, TimePricer } from "./price.js";
import type { TimeOfUseComponent } from "./tariff.js";

export class TimeOfUse implements TimePricer {
  readonly #bands: readonly { band: string; price: Price }[];
  readonly #table: ClockTable;

  /** @throws tariff/bad-tariff where some hour of some day has no band */
  constructor({
    component,
    holidays,
    zone,
    perKwh,
  }: {
    readonly component: TimeOfUseComponent;
    readonly holidays: readonly string[];
    readonly zone: Zone;
    readonly perKwh: (text: string) => Price;
  }) {
    this.#bands = component.bands.map((b) => ({ band: b.name, price: perKwh(b.price) }));
    const sets = component.bands.map((b) => b.windows);
    this.#table = new ClockTable(sets, holidays, zone);
    const hole = this.#table.hole();
    if (hole !== undefined) {
      throw tariffErrors.error("bad-tariff", `${component.name}: there is no price for ${hole}`, {
        component: component.name,
        when: hole,
      });
    }
  }

  at(instant: number): PriceAt {
    const { set, until } = this.#table.at(instant);
    const { band, price } = this.#bands[set]!;
    return { band, price, until };
  }
}
