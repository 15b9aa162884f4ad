/** A tariff made ready for rating: prices as integers, clock times as tables. */
import { parseDecimal, scaled } from "../decimal.js";
import { readingsErrors } from "../errors.js";
import { MONEY_PLACES } from "../money.js";
import { parseStamp } from "../timestamp.js";
import { Zone } from "../zone.js";
import { DynamicPrices } from "./dynamic.js";
import type { Component, Tariff, TariffVersion } from "./tariff.js";
import { TimeOfUse } from "./time-of-use.js";

/** A price as integers: fractions of the minor unit (see money.ts) for each watt-hour, or each day or month. */
export interface Price {
  /** As the tariff writes it, in the major unit per kWh, day or month. */
  readonly text: string;
  readonly net: bigint;
  /** For each tax of the version. */
  readonly taxes: readonly bigint[];
}

/** A price with the name of its band, and until when it certainly holds. */
export interface PriceAt {
  readonly band: string;
  readonly price: Price;
  readonly until: number;
}

export interface EnergyPricer {
  readonly name: string;
  readonly direction: "import" | "export";
  /** `undefined` where there is no price. */
  at(instant: number): PriceAt | undefined;
}

export interface Standing {
  readonly name: string;
  readonly per: "day" | "month";
  readonly price: Price;
}

export interface CompiledVersion {
  /** First instant, -Infinity when the version holds from the beginning. */
  readonly from: number;
  readonly taxNames: readonly string[];
  readonly energy: readonly EnergyPricer[];
  readonly standing: readonly Standing[];
}

export interface CompiledTariff {
  readonly tariff: Tariff;
  readonly zone: Zone;
  /** In order of time. */
  readonly versions: readonly CompiledVersion[];
}

/** Compiled once for all homes of a zone. */
const compiledBefore = new WeakMap<Tariff, Map<Zone, CompiledTariff>>();

/**
 * @param timeZone used where the tariff names none
 * @throws readings/bad-tariff for a price too fine for exact money, or hours without a price
 */
export function compileTariff(tariff: Tariff, timeZone: string): CompiledTariff {
  const zone = Zone.of(tariff.timeZone ?? timeZone);
  let ofTariff = compiledBefore.get(tariff);
  if (ofTariff === undefined) compiledBefore.set(tariff, (ofTariff = new Map()));
  let compiled = ofTariff.get(zone);
  if (compiled === undefined) {
    compiled = {
      tariff,
      zone,
      versions: tariff.versions.map((v) => compileVersion(tariff, v, zone)),
    };
    ofTariff.set(zone, compiled);
  }
  return compiled;
}

function compileVersion(tariff: Tariff, version: TariffVersion, zone: Zone): CompiledVersion {
  const priceOf = (component: Component, text: string, unitPlaces: number): Price => {
    const places = tariff.minorDigits + MONEY_PLACES - unitPlaces;
    const net = scaled(parseDecimal(text)!, places);
    const taxes = version.taxes.map((tax) => {
      if (!component.taxed) return 0n;
      const percent = parseDecimal(tax.percent)!;
      const numerator = (net ?? 0n) * percent.digits;
      const denominator = 10n ** BigInt(percent.scale + 2);
      if (numerator % denominator !== 0n) throw tooFine(tariff, component, `${text} with tax`);
      return numerator / denominator;
    });
    if (net === undefined) throw tooFine(tariff, component, text);
    return { text, net, taxes };
  };
  const energy: EnergyPricer[] = [];
  const standing: Standing[] = [];
  for (const component of version.components) {
    const perKwh = (text: string): Price => priceOf(component, text, 3);
    switch (component.kind) {
      case "flat": {
        const at = { band: "", price: perKwh(component.price), until: Infinity };
        energy.push({ ...component, at: () => at });
        break;
      }
      case "time-of-use":
        energy.push(new TimeOfUse(component, version.holidays, zone, perKwh));
        break;
      case "dynamic":
        energy.push(new DynamicPrices(component, zone, perKwh));
        break;
      case "standing":
        standing.push({ ...component, price: priceOf(component, component.price, 0) });
        break;
    }
  }
  return {
    from: version.from === undefined ? -Infinity : zone.startOf(parseStamp(version.from)!.at),
    taxNames: version.taxes.map((t) => `${t.name} ${t.percent}%`),
    energy,
    standing,
  };
}

function tooFine(tariff: Tariff, component: Component, price: string): Error {
  return readingsErrors.error(
    "bad-tariff",
    `${tariff.name}, ${component.name}: the price ${price} is finer than amounts can be`,
    { tariff: tariff.name, component: component.name, price },
  );
}
