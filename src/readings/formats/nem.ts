/**
 * NEM12 and NEM13, the files in which Australia's metering data providers send readings (AEMO, Meter
 * Data File Format Specification). NEM12 has a day of intervals in each row; NEM13 has the states of an
 * accumulation register. Times are market time, UTC+10 all year.
 */
import type { Collector } from "../collector.js";
import { parseDecimal } from "../decimal.js";
import { badRow } from "../errors.js";
import { energyUnit, parseEnergy } from "../energy.js";
import type { Quality } from "../interval.js";
import { civilTime } from "../timestamp.js";
import { readCsv } from "./csv-rows.js";
import type { Format } from "./format.js";
import { expectStreams, faultOf, registerOf, type StreamRegister } from "./nem-stream.js";

const marketTimeMs = 36_000_000;
const dayMs = 86_400_000;

export const nemFormat: Format = {
  name: "NEM12/NEM13",

  detect(head) {
    return /^\s*(100,NEM1[23]|(200|250|300),)/.test(head);
  },

  async read(input, collector) {
    collector.nameZone("+10:00");
    const file = new NemFile(collector);
    await readCsv(
      input,
      (fields, line) => {
        file.take(fields, line);
      },
      { ragged: true },
    );
    file.end();
  },
};

/** The stream of one register, after its 200 record. */
interface Stream extends StreamRegister {
  readonly intervalMs: number;
  /** Text of its days, by their dates. */
  readonly days: Map<number, string>;
}

/** A day of intervals, after its 300 record, until the 400 records that may follow are read. */
interface Day {
  readonly stream: Stream;
  readonly start: number;
  readonly values: readonly string[];
  /** Letter of the quality of each interval, "V" where a 400 record gives it. */
  readonly flags: string[];
  readonly issued: number;
  readonly line: number;
}

class NemFile {
  #version: string | undefined;
  #stream: Stream | undefined;
  #day: Day | undefined;
  #ended = false;
  #headless = false;
  #line = 0;

  constructor(private readonly collector: Collector) {}

  take(fields: readonly string[], line: number): void {
    this.#line = line;
    const kind = fields[0]!;
    if (kind === "100") {
      this.#finishStream();
      this.#version = /^NEM1[23]$/.exec(fields[1] ?? "")?.[0];
      if (this.#version === undefined) {
        this.#refuse(line, `the header names the version "${fields[1] ?? ""}"`);
      }
      this.#ended = false;
      return;
    }
    // Portals leave the 100 record out, and with it the 900 record.
    if (this.#version === undefined) {
      if (kind !== "200" && kind !== "250")
        this.#refuse(line, "a 100 or 200 record must come first");
      this.#version = kind === "200" ? "NEM12" : "NEM13";
      this.#headless = true;
      this.collector.note({
        kind: "assumed",
        file: this.collector.file,
        message: "the file has no 100 record: that it is whole cannot be told",
      });
    }
    if (this.#ended) this.#refuse(line, "a record follows the 900 record");
    switch (kind) {
      case "200":
        this.#finishStream();
        this.#stream = this.#open(fields, line);
        return;
      case "300":
        this.#finishDay();
        if (this.#stream === undefined) this.#refuse(line, "a 300 record without a 200 record");
        this.#day = this.#readDay(this.#stream, fields, line);
        return;
      case "400":
        this.#quality(fields, line);
        return;
      case "250":
        this.#accumulation(fields, line);
        return;
      case "500":
      case "550":
        return;
      case "900":
        // Portals that leave the header out leave the end out too: here the header was lost.
        if (this.#headless) this.#refuse(line, "a 100 record must come first");
        this.#finishStream();
        this.#ended = true;
        return;
      default:
        this.collector.bad({ line, reason: `the record "${kind.slice(0, 20)}" is not known` });
    }
  }

  end(): void {
    this.#finishStream();
    if (!this.#ended && !this.#headless)
      this.#refuse(this.#line, "the file ends without a 900 record: it is cut off");
  }

  /** What is wrong with the order of records cannot be taken as a missing reading. */
  #refuse(line: number, reason: string): never {
    throw badRow({ file: this.collector.file, line }, reason);
  }

  #open(fields: readonly string[], line: number): Stream | undefined {
    const [, nmi = "", configuration = "", , suffix = "", , , uom = "", length = ""] = fields;
    const minutes = Number(length);
    if (![5, 10, 15, 30].includes(minutes)) {
      this.collector.bad({ line, reason: `"${length}" is not an interval length in minutes` });
      return undefined;
    }
    if (nmi === "") {
      this.collector.bad({ line, reason: "the record names no meter (NMI)" });
      return undefined;
    }
    const names = { nmi, configuration, suffix, uom };
    const fault = faultOf(names);
    const [intervalMs, days] = [minutes * 60_000, new Map<number, string>()];
    if (fault !== undefined) {
      this.collector.bad({ line, reason: fault, home: nmi });
      return { unit: { numerator: 0n, denominator: 1n }, intervalMs, days };
    }
    expectStreams(this.collector, names);
    return { ...registerOf(this.collector, names), intervalMs, days };
  }

  #readDay(stream: Stream, fields: readonly string[], line: number): Day | undefined {
    const { collector } = this;
    const count = dayMs / stream.intervalMs;
    const start = parseDate(fields[1] ?? "");
    if (start === undefined) {
      collector.bad({ line, reason: `"${fields[1] ?? ""}" is not a date`, count });
      return undefined;
    }
    const values = fields.slice(2, 2 + count);
    const method = fields[2 + count] ?? "";
    if (!/^([AN]|[EFS]\d{2}|V)$/.test(method)) {
      const given = fields.slice(2).findIndex((f) => /^[AEFNSV]/.test(f));
      const found = given < 0 ? fields.length - 2 : given;
      const reason =
        found === count
          ? `"${method}" is not a quality`
          : `${found} values where ${count} of ${stream.intervalMs / 60_000} minutes are due`;
      collector.bad({ line, reason, count });
      return undefined;
    }
    // One 200 record has each day once: days that come again belong to a record that is lost.
    const text = fields.slice(2).join();
    if ((stream.days.get(start) ?? text) !== text) {
      this.#refuse(line, "the day comes twice after one 200 record, with other readings");
    }
    stream.days.set(start, text);
    const issued = parseTime(fields[2 + count + 3] ?? "");
    return {
      stream,
      start: start - marketTimeMs,
      values,
      flags: new Array<string>(count).fill(method[0]!),
      issued: issued === undefined ? 0 : issued / 1000,
      line,
    };
  }

  /** A 400 record: the quality of a run of intervals of the day before it. */
  #quality(fields: readonly string[], line: number): void {
    const day = this.#day;
    if (day === undefined) {
      // A day that was refused takes its qualities along.
      if (this.collector.options.badRows === "missing") return;
      this.#refuse(line, "a 400 record without a 300 record");
    }
    const [first, last] = [Number(fields[1]), Number(fields[2])];
    const method = fields[3] ?? "";
    const sound =
      Number.isSafeInteger(first) && Number.isSafeInteger(last) && 1 <= first && first <= last;
    if (!sound || last > day.flags.length || !/^([AN]|[EFS]\d{2})$/.test(method)) {
      this.#refuse(line, "the run of intervals, or its quality, is wrong");
    }
    for (let i = first - 1; i < last; i++) {
      if (day.flags[i] !== "V") this.#refuse(line, `interval ${i + 1} has a quality already`);
      day.flags[i] = method[0]!;
    }
  }

  #finishStream(): void {
    this.#finishDay();
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream?.register === undefined || stream.days.size > 0) return;
    const { home, register } = stream.register;
    const message = `no reading follows the 200 record of ${register}`;
    this.collector.note({ kind: "no-readings", home, file: this.collector.file, message });
  }

  #finishDay(): void {
    const day = this.#day;
    this.#day = undefined;
    if (day === undefined) return;
    const { register, unit, intervalMs } = day.stream;
    const without = day.flags.indexOf("V");
    if (without >= 0) this.#refuse(day.line, `interval ${without + 1} has no quality`);
    if (register === undefined) return;
    day.values.forEach((text, i) => {
      const flag = day.flags[i]!;
      if (flag === "N") {
        this.collector.ignore(`${register.home}: intervals marked as without data are left out`);
        return;
      }
      const energy = parseEnergy(text, unit);
      if ("bad" in energy) {
        this.collector.bad({
          line: day.line,
          reason: `interval ${i + 1}: ${energy.bad}`,
          home: register.home,
        });
        return;
      }
      this.collector.add(register, {
        start: day.start + i * intervalMs,
        seconds: intervalMs / 1000,
        microWattHours: energy.micro,
        quality: qualityOf(flag),
        issued: day.issued,
        line: day.line,
      });
    });
  }

  /** A 250 record: what an accumulation register counted between two readings. */
  #accumulation(fields: readonly string[], line: number): void {
    const { collector } = this;
    const nmi = fields[1] ?? "";
    const suffix = fields[4] ?? "";
    // Accumulation registers have numbers for names; the direction has a field of its own.
    const letter = { E: "E", I: "B" }[fields[7] ?? ""] ?? "";
    const uom = fields[19] ?? "";
    if (letter === "" || energyUnit(uom) === undefined) {
      const reason = `the direction "${fields[7] ?? ""}" or the unit "${uom.slice(0, 20)}" is not known`;
      collector.bad({ line, reason, home: nmi });
      return;
    }
    const { register, unit } = registerOf(collector, { nmi, suffix: letter + suffix, uom });
    if (register === undefined) return;
    const [from, to] = [parseTime(fields[9] ?? ""), parseTime(fields[14] ?? "")];
    if (nmi === "" || from === undefined || to === undefined || to <= from) {
      collector.bad({ line, reason: "the two readings have no times in order" });
      return;
    }
    const methods = [fields[10] ?? "", fields[15] ?? ""];
    if (methods.some((m) => !/^([AN]|[EFS]\d{2})$/.test(m))) {
      collector.bad({ line, reason: `"${methods.join('", "')}" are not qualities`, home: nmi });
      return;
    }
    if (methods.some((m) => m.startsWith("N"))) return;
    const [before = "", after = "", quantity = ""] = [fields[8], fields[13], fields[18]];
    const energy = isDifference(before, after, quantity)
      ? parseEnergy(quantity, unit)
      : { bad: `from ${before} to ${after} is not the quantity ${quantity}` };
    if ("bad" in energy) {
      collector.bad({ line, reason: energy.bad, home: nmi });
      return;
    }
    const worst = methods.map((m) => qualityOf(m[0]!)).find((q) => q !== "actual") ?? "actual";
    collector.add(register, {
      start: from,
      seconds: (to - from) / 1000,
      microWattHours: energy.micro,
      quality: worst,
      issued: (parseTime(fields[21] ?? "") ?? 0) / 1000,
      line,
    });
  }
}

/** The quantity is the difference, or a whole multiple where a transformer is before the meter. */
function isDifference(before: string, after: string, quantity: string): boolean {
  if ([before, after, quantity].some((text) => parseDecimal(text) === undefined)) return false;
  const [difference, counted] = [Number(after) - Number(before), Number(quantity)];
  // The register went round: how many digits it has is not in the file.
  if (difference < 0) return true;
  const times = Math.max(1, Math.round(counted / Math.max(difference, 1)));
  // Either may be rounded to whole units.
  return Math.abs(counted - times * difference) <= 1;
}

/** A is actual; E, an estimate, and F, a final substitute, and S, a substitute, are what they say. */
function qualityOf(flag: string): Quality {
  switch (flag) {
    case "A":
      return "actual";
    case "E":
      return "estimated";
    default:
      return "substituted";
  }
}

/** `YYYYMMDD` to a civil time. */
function parseDate(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return civilTime({ year, month, day, hour: 0, minute: 0, second: 0 });
}

/** `YYYYMMDDhhmmss`, or without seconds, of market time to an instant. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((f) => Number(f ?? 0));
  const civil = civilTime({
    year: year!,
    month: month!,
    day: day!,
    hour: hour!,
    minute: minute!,
    second: second!,
  });
  return civil === undefined ? undefined : civil - marketTimeMs;
}
