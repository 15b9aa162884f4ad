/**
 * What a 200 record of NEM12 says a stream is: its letter, its unit, and the configuration of its meter (AEMO,
 * Meter Data File Format Specification, and the suffixes of the NMI procedure).
 */
import type { Collector, Direction, RegisterReadings } from "../collector.js";
import { energyUnit, type EnergyUnit } from "../energy.js";

/** A suffix: what is measured, and the number of the meter. */
const suffixForm = /^[A-Z][0-9A-Z]$/;
const configurationForm = /^([A-Z][0-9A-Z])+$/;

/** E is energy that the grid delivers, B is energy fed into it. */
const directions: Readonly<Record<string, Direction>> = { E: "import", B: "export" };
/** Energy too: averages, and meters that check others. */
const besides = /^[ACDF]/;
/** Reactive and apparent energy, power factor, demand, volts, and marks of quality. */
const others = /^[GHJ-MP-WYZ]/;

const none: EnergyUnit = { numerator: 0n, denominator: 1n };

export interface StreamRegister {
  /** Absent where the stream is left out. */
  readonly register?: RegisterReadings;
  readonly unit: EnergyUnit;
}

export interface StreamNames {
  readonly nmi: string;
  readonly configuration: string;
  readonly suffix: string;
  readonly uom: string;
}

/** Why the names of a stream cannot be right; `undefined` where they can. */
export function faultOf({ configuration, suffix, uom }: StreamNames): string | undefined {
  if (!suffixForm.test(suffix)) return `"${suffix.slice(0, 20)}" is not the suffix of a stream`;
  if (configuration !== "") {
    if (!configurationForm.test(configuration))
      return `"${configuration.slice(0, 40)}" is not the configuration of a meter`;
    if (!suffixesOf(configuration).includes(suffix))
      return `the stream ${suffix} is not in the configuration ${configuration} of its meter`;
  }
  const isEnergy = energyUnit(uom) !== undefined;
  if (directions[suffix[0]!] !== undefined && !isEnergy)
    return `the stream ${suffix} is energy, and "${uom.slice(0, 20)}" is not a unit of energy`;
  if (directions[suffix[0]!] !== undefined || besides.test(suffix)) return undefined;
  if (isEnergy || !others.test(suffix))
    return `whether the stream ${suffix} in "${uom.slice(0, 20)}" is drawn or fed in is not known`;
  return undefined;
}

/** The register of a stream of energy; others are left out, and this is said. */
export function registerOf(
  collector: Collector,
  { nmi, suffix, uom }: Omit<StreamNames, "configuration">,
): StreamRegister {
  const unit = energyUnit(uom);
  const direction = directions[suffix[0] ?? ""];
  if (unit === undefined || direction === undefined) {
    const what = `register ${suffix} in "${uom}" is not energy drawn or fed in, and is left out`;
    collector.ignore(`${nmi}: ${what}`);
    return { unit: none };
  }
  const register = collector.register({
    ...{ home: nmi, commodity: "electricity", direction },
    register: suffix,
  });
  return { register, unit };
}

/** A file holds all streams of energy that the meter has, or others hold the rest. */
export function expectStreams(collector: Collector, names: StreamNames): void {
  const { nmi, suffix, configuration } = names;
  const energy = suffixesOf(configuration).filter((s) => directions[s[0]!] !== undefined);
  collector.parts.push({
    ...{ kind: "stream", file: collector.file, of: nmi },
    ...{ own: suffix, linked: energy },
  });
}

function suffixesOf(configuration: string): string[] {
  return configuration.match(/../g) ?? [];
}
