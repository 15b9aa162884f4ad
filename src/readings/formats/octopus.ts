/**
 * Consumption as the interface of Octopus Energy gives it: `{"results": [{"consumption",
 * "interval_start", "interval_end"}, …]}`, or the bare list of results. Electricity is in kWh; gas is in
 * kWh or m³ depending on the meter, which the file does not tell.
 */
import type { Collector, Part, RegisterReadings } from "../collector.js";
import { cubicMetre, kilowattHour, parseEnergy } from "../energy.js";
import { badRow } from "../errors.js";
import { parseStamp } from "../timestamp.js";
import type { Format } from "./format.js";
import { readJson } from "./json-stream.js";

export const octopusFormat: Format = {
  name: "Octopus JSON",

  detect(head) {
    return /^\s*[[{]/.test(head) && head.includes('"interval_start"');
  },

  async read(input, collector) {
    // Octopus sells in Great Britain, whose clocks rule its tariffs.
    collector.nameZone("Europe/London");
    const file = new OctopusFile(collector, input.head, input.name);
    if (/^\s*\[/.test(input.head)) {
      await readJson(input, "$.*", (value) => {
        file.take(value);
      });
      return;
    }
    const links: Record<string, unknown> = {};
    await readJson(input, ["$.results.*", "$.next", "$.previous", "$.count"], (value, key) => {
      if (typeof key === "string") links[key] = value;
      else file.take(value);
    });
    if (file.count === 0 && !/"results"\s*:/.test(input.head)) {
      const reason = `Octopus JSON has a list "results", and this file has none`;
      throw badRow({ file: input.name }, reason);
    }
    const page = pageOf(links);
    const total = Number(links.count ?? NaN);
    collector.parts.push({
      kind: "page",
      file: input.name,
      ...page,
      // A list whose meter is not named stands for itself.
      of: page.of === "" ? input.name : page.of,
      ...(Number.isSafeInteger(total) ? { total, held: file.count } : {}),
    });
  },
};

/** Which page this is, and which follow it and come before it, of which meter. */
function pageOf({ next, previous }: Record<string, unknown>): Pick<Part, "of" | "own" | "linked"> {
  const number = (link: unknown): number | undefined => {
    if (typeof link !== "string") return undefined;
    return Number(/[?&]page=(\d+)/.exec(link)?.[1] ?? "1");
  };
  const [after, before] = [number(next), number(previous)];
  const meter = /\/((?:electricity|gas)-meter-points\/\w+)\//.exec(
    `${String(next)} ${String(previous)}`,
  );
  const own = before === undefined ? (after === undefined ? 1 : after - 1) : before + 1;
  const linked = [before, after].filter((page) => page !== undefined);
  return { of: meter?.[1] ?? "", own: String(own), linked: linked.map(String) };
}

/** One list of results. */
class OctopusFile {
  readonly #register: RegisterReadings | undefined;
  readonly #unit;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  constructor(
    private readonly collector: Collector,
    head: string,
    name: string,
  ) {
    // The addresses of the next and the previous page name the meter.
    const meter = /\/(electricity|gas)-meter-points\/(\w+)\//.exec(head);
    const commodity = meter?.[1] === "gas" ? "gas" : "electricity";
    const gas = collector.options.gasWattHoursPerCubicMetre;
    this.#unit = commodity === "gas" ? cubicMetre(gas ?? 0) : kilowattHour;
    if (meter === null) {
      collector.note({
        kind: "assumed",
        file: name,
        message: "the file does not name its meter: it is taken as electricity in kWh",
      });
    }
    if (commodity === "gas" && gas === undefined) return;
    this.#register = collector.register({
      home: meter?.[2] ?? collector.unnamedHome(),
      commodity,
      direction: "import",
      register: "",
    });
  }

  take(value: unknown): void {
    this.#count += 1;
    const { collector } = this;
    const bad = (reason: string): void =>
      collector.bad({
        line: undefined,
        reason: `result ${this.#count}: ${reason}`,
        home: this.#register?.home,
      });
    if (typeof value !== "object" || value === null) return bad("it is not an object");
    const {
      consumption,
      interval_start: from,
      interval_end: to,
    } = value as Record<string, unknown>;
    const start = typeof from === "string" ? parseStamp(from) : undefined;
    const end = typeof to === "string" ? parseStamp(to) : undefined;
    if (start?.isInstant !== true || end?.isInstant !== true) {
      return bad("the interval of Octopus JSON has no start and end with their offsets");
    }
    const seconds = (end.at - start.at) / 1000;
    if (seconds <= 0 || seconds > 0xffff_ffff) return bad("the interval ends before it begins");
    if (this.#register === undefined) {
      collector.ignore("gas is left out: tell how much energy a cubic metre of gas holds");
      return;
    }
    // Missing readings come as null.
    if (consumption === null) {
      collector.ignore('results whose "consumption" is null have no reading');
      return;
    }
    const energy =
      typeof consumption === "string"
        ? parseEnergy(consumption, this.#unit)
        : { bad: 'the "consumption" of Octopus JSON is not a number' };
    if ("bad" in energy) return bad(energy.bad);
    collector.add(this.#register, {
      start: start.at,
      seconds,
      microWattHours: energy.micro,
      quality: "actual",
      line: this.#count,
    });
  }
}
