/**
 * Consumption as n3rgy gives it (support.n3rgy.com, "Data, dates, times"): `{"start", "end", "values":
 * [{"value", "timestamp"}], "unit"}`. Times are UTC. Whether they begin or end their half-hours follows from
 * the range that the file says it covers.
 */
import type { Collector } from "../collector.js";
import { cubicMetre, energyUnit, parseEnergy, type EnergyUnit } from "../energy.js";
import { badRow } from "../errors.js";
import { questionError } from "../table/question.js";
import { commonStep, stepsOf } from "../table/steps.js";
import { duration } from "../duration.js";
import { parseStamp } from "../timestamp.js";
import type { Format } from "./format.js";
import { readJson } from "./json-stream.js";

interface Value {
  readonly at: number;
  readonly text: string;
  readonly number: number;
}

export const n3rgyFormat: Format = {
  name: "n3rgy JSON",

  detect(head) {
    return /^\s*\{/.test(head) && /"resource"\s*:/.test(head) && /"values"\s*:/.test(head);
  },

  async read(input, collector) {
    collector.nameZone("Europe/London");
    const values: Value[] = [];
    const fields = new Map<string, string>();
    let number = 0;
    const paths = ["$.values.*", "$.resource", "$.unit", "$.start", "$.end", "$.granularity"];
    await readJson(input, paths, (value, key) => {
      if (typeof key === "string") {
        if (typeof value === "string") fields.set(key, value);
        return;
      }
      number += 1;
      const { value: energy, timestamp } = (value ?? {}) as Record<string, unknown>;
      const stamp = typeof timestamp === "string" ? parseStamp(timestamp) : undefined;
      if (stamp === undefined) {
        return collector.bad({
          line: undefined,
          reason: `value ${number}, of n3rgy JSON, has no "timestamp"`,
        });
      }
      if (energy === undefined) {
        return collector.bad({
          line: undefined,
          reason: `value ${number}, of n3rgy JSON, has no "value"`,
        });
      }
      if (energy === null) collector.ignore("values that are null have no reading");
      else values.push({ at: stamp.at, text: energy as string, number });
    });
    store(
      collector,
      values.sort((a, b) => a.at - b.at),
      fields,
    );
  },
};

function store(
  collector: Collector,
  values: readonly Value[],
  fields: ReadonlyMap<string, string>,
): void {
  const [, commodity = "electricity", kind = "consumption"] =
    /(electricity|gas)\/(consumption|production)/.exec(fields.get("resource") ?? "") ?? [];
  const gas = collector.options.gasWattHoursPerCubicMetre;
  const name = fields.get("unit") ?? (commodity === "gas" ? "m3" : "kWh");
  if (!fields.has("unit")) {
    const message = `the file names no unit: its values are taken as ${name}, as n3rgy gives them`;
    collector.note({ kind: "assumed", file: collector.file, message });
  }
  const unit = unitOf(name, gas, collector.file);
  if (unit === undefined) {
    collector.ignore(
      "gas is left out: tell how much energy a cubic metre of gas holds",
      values.length,
    );
    return;
  }
  const times = Float64Array.from(values, (v) => v.at);
  const labels = collector.options.mapping?.labels ?? labelsOf(times, fields);
  if (labels === undefined && values.length > 0) {
    throw questionError(collector.file, [
      {
        about: "labels",
        question:
          'whether a time begins or ends its interval, which n3rgy JSON tells by its "start" and "end"',
        option: "--labels",
        choices: ["start", "end"],
      },
    ]);
  }
  const lengths = lengthsOf(times, fields, labels ?? "start");
  noteRange(collector, times, { labels, fields, step: lengths[0] ?? 0 });
  const register = collector.register({
    home: collector.unnamedHome(),
    commodity: commodity === "gas" ? "gas" : "electricity",
    direction: kind === "production" ? "export" : "import",
    register: "",
  });
  values.forEach(({ at, text, number }, i) => {
    const energy =
      typeof text === "string" ? parseEnergy(text, unit) : { bad: "it is not a number" };
    if ("bad" in energy) {
      collector.bad({ line: undefined, reason: `value ${number}: ${energy.bad}` });
      return;
    }
    const length = lengths[i]!;
    collector.add(register, {
      start: labels === "end" ? at - length : at,
      seconds: length / 1000,
      microWattHours: energy.micro,
      quality: "actual",
      line: number,
    });
  });
}

/** Intervals whose length the file states, in milliseconds. */
const GRANULARITY: Readonly<Record<string, number>> = { halfhour: 1_800_000, hour: 3_600_000 };

/** Of each value's interval: as the file states, else by the distances of its times. */
function lengthsOf(
  times: Float64Array,
  fields: ReadonlyMap<string, string>,
  labels: "start" | "end",
): Float64Array {
  const stated = GRANULARITY[fields.get("granularity") ?? ""];
  if (stated !== undefined) return times.map(() => stated);
  return stepsOf(times, commonStep([times]) || 1_800_000, labels).lengths;
}

/** Says where the readings do not fill the range that the file names. */
function noteRange(
  collector: Collector,
  times: Float64Array,
  about: {
    readonly labels: "start" | "end" | undefined;
    readonly fields: ReadonlyMap<string, string>;
    readonly step: number;
  },
): void {
  const { labels, fields, step } = about;
  const [start, end] = ["start", "end"].map((name) => rangeTime(fields.get(name) ?? ""));
  if (start === undefined || end === undefined || times.length === 0) return;
  const [from, to] =
    labels === "end" ? [times[0]! - step, times.at(-1)!] : [times[0]!, times.at(-1)! + step];
  const { file } = collector;
  if (from > start) {
    const message = `readings begin ${duration(from - start)} after the range that the file names`;
    collector.note({ kind: "starts-late", file, message });
  }
  if (to < end) {
    const message = `readings end ${duration(end - to)} before the range that the file names`;
    collector.note({ kind: "ends-early", file, message });
  }
}

/** The times lie in the range that the file names: with its first instant, or with its last. */
function labelsOf(
  times: Float64Array,
  fields: ReadonlyMap<string, string>,
): "start" | "end" | undefined {
  const [start, end] = ["start", "end"].map((name) => rangeTime(fields.get(name) ?? ""));
  if (start === undefined || end === undefined || times.length === 0) return undefined;
  const [first, last] = [times[0]!, times.at(-1)!];
  if (first === start && last < end) return "start";
  return last === end && first > start ? "end" : undefined;
}

/** `YYYYMMDDhhmm` */
function rangeTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute] = match;
  return parseStamp(`${year!}-${month!}-${day!} ${hour!}:${minute!}`)?.at;
}

function unitOf(
  name: string,
  gasWattHours: number | undefined,
  file: string,
): EnergyUnit | undefined {
  if (/^m3$/i.test(name)) return gasWattHours === undefined ? undefined : cubicMetre(gasWattHours);
  const unit = energyUnit(name);
  if (unit === undefined) throw badRow({ file }, `"${name.slice(0, 20)}" is not an unit of energy`);
  return unit;
}
