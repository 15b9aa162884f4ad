/** One price for each step of time. */
import { parseStamp } from "../readings/timestamp.js";
import type { Zone } from "../readings/zone.js";
import type { Price, PriceAt, TimePricer } from "./price.js";
import type { DynamicComponent } from "./tariff.js";

export class DynamicPrices implements TimePricer {
  readonly #from: number;
  readonly #stepMs: number;
  readonly #zone: Zone | undefined;
  readonly #prices: readonly { band: string; price: Price }[];
  /** Index into the prices, for each step. */
  readonly #steps: Uint32Array;

  constructor(component: DynamicComponent, zone: Zone, perKwh: (text: string) => Price) {
    this.#from = parseStamp(component.from)!.at;
    this.#stepMs = component.stepSeconds * 1000;
    this.#zone = component.clock === "local" ? zone : undefined;
    const distinct = new Map<string, number>();
    const prices: { band: string; price: Price }[] = [];
    const steps = new Uint32Array(component.runs.reduce((n, run) => n + run.steps, 0));
    let at = 0;
    for (const run of component.runs) {
      const key = JSON.stringify([run.name, run.price]);
      let index = distinct.get(key);
      if (index === undefined) {
        index = prices.push({ band: run.name, price: perKwh(run.price) }) - 1;
        distinct.set(key, index);
      }
      steps.fill(index, at, at + run.steps);
      at += run.steps;
    }
    this.#prices = prices;
    this.#steps = steps;
  }

  at(instant: number): PriceAt | undefined {
    const clock = this.#zone === undefined ? instant : this.#zone.civil(instant);
    const step = Math.floor((clock - this.#from) / this.#stepMs);
    const index = this.#steps[step];
    if (index === undefined) return undefined;
    const end = instant + (this.#from + (step + 1) * this.#stepMs - clock);
    const until = Math.min(end, this.#zone?.sameOffsetUntil(instant) ?? Infinity);
    return { ...this.#prices[index]!, until };
  }
}
