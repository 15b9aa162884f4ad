/** A tariff made ready for rating: prices as integers, clock times as tables. */
import { parseDecimal, scaled } from "../readings/decimal.js";
import { tariffErrors } from "./errors.js";
import { MONEY_PLACES } from "../readings/money.js";
import { parseStamp } from "../readings/timestamp.js";
import { Zone } from "../readings/zone.js";
import { refuseOtherZone } from "./bill-zone.js";
import { Blocks } from "./blocks.js";
import { Demand } from "./demand.js";
import { DynamicPrices } from "./dynamic.js";
import type { Price, TimePricer } from "./price.js";
import type { Component, Tariff, TariffVersion } from "./tariff.js";
import { TimeOfUse } from "./time-of-use.js";

export interface CompiledEnergy {
  readonly name: string;
  readonly direction: "import" | "export";
  readonly pricer: TimePricer | Blocks;
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
  readonly energy: readonly CompiledEnergy[];
  readonly demand: readonly Demand[];
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
 * @param timeZone the one zone of the bill
 * @throws tariff/bad-tariff for a price too fine for exact money, or hours without a price;
 *   tariff/other-zone where the tariff is of another zone
 */
export function compileTariff(tariff: Tariff, timeZone: string): CompiledTariff {
  refuseOtherZone(tariff, timeZone);
  const zone = Zone.of(timeZone);
  let ofTariff = compiledBefore.get(tariff);
  if (ofTariff === undefined) compiledBefore.set(tariff, (ofTariff = new Map()));
  let compiled = ofTariff.get(zone);
  if (compiled === undefined) {
    const versions = tariff.versions.map((v) => compileVersion(tariff, v, zone));
    compiled = { tariff, zone, versions };
    ofTariff.set(zone, compiled);
  }
  return compiled;
}

function compileVersion(tariff: Tariff, version: TariffVersion, zone: Zone): CompiledVersion {
  const energy: CompiledEnergy[] = [];
  const demand: Demand[] = [];
  const standing: Standing[] = [];
  for (const component of version.components) {
    const price = (text: string, unitPlaces: number): Price =>
      compilePrice({ tariff, version, component, text, unitPlaces });
    const perThousand = (text: string): Price => price(text, 3);
    switch (component.kind) {
      case "flat": {
        const at = { band: "", price: perThousand(component.price), until: Infinity };
        energy.push({ ...component, pricer: { at: () => at } });
        break;
      }
      case "time-of-use": {
        const pricer = new TimeOfUse({
          component,
          holidays: version.holidays,
          zone,
          perKwh: perThousand,
        });
        energy.push({ ...component, pricer });
        break;
      }
      case "dynamic":
        energy.push({ ...component, pricer: new DynamicPrices(component, zone, perThousand) });
        break;
      case "blocks":
        energy.push({ ...component, pricer: new Blocks(component, perThousand) });
        break;
      case "demand":
        if (version.from?.endsWith("-01") === false) {
          throw tariffErrors.error(
            "bad-tariff",
            `${tariff.name}: a version with a demand charge begins on ${version.from}, within a month`,
            { tariff: tariff.name, from: version.from },
          );
        }
        demand.push(
          new Demand({ component, holidays: version.holidays, zone, perKw: perThousand }),
        );
        break;
      case "standing":
        standing.push({ ...component, price: price(component.price, 0) });
        break;
    }
  }
  return {
    from: version.from === undefined ? -Infinity : zone.startOf(parseStamp(version.from)!.at),
    taxNames: version.taxes.map((t) => `${t.name} ${t.percent}%`),
    energy,
    demand,
    standing,
  };
}

function compilePrice({
  tariff,
  version,
  component,
  text,
  unitPlaces,
}: {
  readonly tariff: Tariff;
  readonly version: TariffVersion;
  readonly component: Component;
  readonly text: string;
  readonly unitPlaces: number;
}): Price {
  const tooFine = (what: string): Error =>
    tariffErrors.error(
      "bad-tariff",
      `${tariff.name}, ${component.name}: the price ${what} is finer than amounts can be`,
      { tariff: tariff.name, component: component.name, price: text },
    );
  const net = scaled(parseDecimal(text)!, tariff.minorDigits + MONEY_PLACES - unitPlaces);
  if (net === undefined) throw tooFine(text);
  const taxes = version.taxes.map((tax) => {
    if (!component.taxed) return 0n;
    const percent = parseDecimal(tax.percent)!;
    const numerator = net * percent.digits;
    const denominator = 10n ** BigInt(percent.scale + 2);
    if (numerator % denominator !== 0n) throw tooFine(`${text} with ${tax.name}`);
    return numerator / denominator;
  });
  return { text, net, taxes, gross: taxes.reduce((sum, tax) => sum + tax, net) };
}
