/**
 * NEM12 and NEM13, the files in which Australia's metering data providers send readings (AEMO, Meter
 * Data File Format Specification). NEM12 has a day of intervals in each row; NEM13 has the states of an
 * accumulation register. Times are market time, UTC+10 all year.
 */
import type { Collector, RegisterReadings } from "../collector.js";
import { badRow } from "../errors.js";
import { energyUnit, parseEnergy, type EnergyUnit } from "../energy.js";
import type { Quality } from "../interval.js";
import { civilTime } from "../timestamp.js";
import { readCsv } from "./csv-rows.js";
import type { Format } from "./format.js";

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
interface Stream {
  /** Absent where the stream is no energy, and is left out. */
  readonly register?: RegisterReadings;
  readonly unit: EnergyUnit;
  readonly intervalMs: number;
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
      this.#finishDay();
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
        this.#finishDay();
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
        this.#finishDay();
        this.#ended = true;
        return;
      default:
        this.collector.bad(line, `the record "${kind.slice(0, 20)}" is not known`);
    }
  }

  end(): void {
    this.#finishDay();
    if (!this.#ended && !this.#headless)
      this.#refuse(this.#line, "the file ends without a 900 record: it is cut off");
  }

  /** What is wrong with the order of records cannot be taken as a missing reading. */
  #refuse(line: number, reason: string): never {
    throw badRow({ file: this.collector.file, line }, reason);
  }

  #open(fields: readonly string[], line: number): Stream | undefined {
    const [, nmi = "", , , suffix = "", , , uom = "", length = ""] = fields;
    const minutes = Number(length);
    if (![5, 10, 15, 30].includes(minutes)) {
      this.collector.bad(line, `"${length}" is no interval length in minutes`);
      return undefined;
    }
    if (nmi === "") {
      this.collector.bad(line, "the record names no meter (NMI)");
      return undefined;
    }
    return { ...this.#register(nmi, suffix, uom), intervalMs: minutes * 60_000 };
  }

  /** E is energy that the grid delivers, B is energy fed into it; all else is left out. */
  #register(nmi: string, suffix: string, uom: string): Pick<Stream, "register" | "unit"> {
    const unit = energyUnit(uom);
    const direction = ({ E: "import", B: "export" } as const)[suffix[0] ?? ""];
    if (unit === undefined || direction === undefined) {
      const what = `register ${suffix} in "${uom}" is no energy drawn or fed in, and is left out`;
      this.collector.ignore(`${nmi}: ${what}`);
      return { unit: { numerator: 0n, denominator: 1n } };
    }
    const register = this.collector.register({
      home: nmi,
      commodity: "electricity",
      direction,
      register: suffix,
    });
    return { register, unit };
  }

  #readDay(stream: Stream, fields: readonly string[], line: number): Day | undefined {
    const { collector } = this;
    const count = dayMs / stream.intervalMs;
    const start = parseDate(fields[1] ?? "");
    if (start === undefined) {
      collector.bad(line, `"${fields[1] ?? ""}" is no date`, undefined, count);
      return undefined;
    }
    const values = fields.slice(2, 2 + count);
    const method = fields[2 + count] ?? "";
    if (!/^([AN]|[EFS]\d{2}|V)$/.test(method)) {
      const given = fields.slice(2).findIndex((f) => /^[AEFNSV]/.test(f));
      const found = given < 0 ? fields.length - 2 : given;
      const reason =
        found === count
          ? `"${method}" is no quality`
          : `${found} values where ${count} of ${stream.intervalMs / 60_000} minutes are due`;
      collector.bad(line, reason, undefined, count);
      return undefined;
    }
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
        this.collector.bad(day.line, `interval ${i + 1}: ${energy.bad}`, register.home);
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
    const { register, unit } = this.#register(nmi, letter + suffix, fields[19] ?? "");
    if (register === undefined) return;
    const [from, to] = [parseTime(fields[9] ?? ""), parseTime(fields[14] ?? "")];
    if (nmi === "" || from === undefined || to === undefined || to <= from) {
      collector.bad(line, "the two readings have no times in order");
      return;
    }
    const methods = [fields[10] ?? "", fields[15] ?? ""];
    if (methods.some((m) => !/^([AN]|[EFS]\d{2})$/.test(m))) {
      collector.bad(line, `"${methods.join('", "')}" are no qualities`, nmi);
      return;
    }
    if (methods.some((m) => m.startsWith("N"))) return;
    const energy = parseEnergy(fields[18] ?? "", unit);
    if ("bad" in energy) {
      collector.bad(line, energy.bad, nmi);
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
  return civilTime(year, month, day, 0, 0, 0);
}

/** `YYYYMMDDhhmmss`, or without seconds, of market time to an instant. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((f) => Number(f ?? 0));
  const civil = civilTime(year!, month!, day!, hour!, minute!, second!);
  return civil === undefined ? undefined : civil - marketTimeMs;
}
