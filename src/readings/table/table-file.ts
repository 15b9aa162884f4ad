/** One table while it is read: rows into channels, as the plan says. */
import type { Collector } from "../collector.js";
import { parseSignedEnergy } from "../energy.js";
import { rangeOf } from "./layout.js";
import { TableChannel, type ChannelName } from "./channel.js";
import type { Cell, Plan, TimeColumns } from "./plan.js";
import { settle, type Settled } from "./settle.js";
import { parseClock, TimeReader, type TimeText } from "./time-text.js";
import { flowOf, qualityNamed, unitIn, type TableUnit } from "./words.js";

const DAY_MS = 86_400_000;
const missing = /^(|null|nan|na|n\/a|-|--)$/i;

interface Times {
  readonly start: TimeText;
  readonly end?: TimeText;
}

export class TableFile {
  readonly #channels = new Map<string, TableChannel>();
  readonly #start = new TimeReader();
  readonly #end = new TimeReader();
  #instants: boolean | undefined;
  #midnightAsEnd = false;
  #rounded = 0;
  readonly #home: string;

  constructor(
    private readonly collector: Collector,
    private readonly plan: Plan,
    home: string,
  ) {
    this.#home = home;
  }

  /** @throws readings/bad-row */
  take(fields: readonly string[], line: number): void {
    const { plan, collector } = this;
    const times = this.#times(fields, line);
    if (times === undefined) return;
    if (this.#instants !== undefined && times.start.isInstant !== this.#instants) {
      collector.bad(line, "some times have an offset and some have none");
      return;
    }
    this.#instants = times.start.isInstant;
    const home = plan.home === undefined ? this.#home : fields[plan.home]!;
    if (home === "" && plan.cells[0]?.home === undefined) {
      collector.bad(line, "the row names no home");
      return;
    }
    const flow = plan.flow === undefined ? undefined : flowOf(fields[plan.flow]!);
    if (plan.flow !== undefined && flow === undefined) {
      collector.bad(
        line,
        `"${fields[plan.flow]!.slice(0, 40)}" says no direction that is known`,
        home,
      );
      return;
    }
    if (flow === "other") {
      collector.ignore(
        `rows of "${fields[plan.flow!]!.slice(0, 40)}" are no energy drawn or fed in`,
      );
      return;
    }
    const quality = plan.quality === undefined ? "actual" : qualityNamed(fields[plan.quality]!);
    if (quality === undefined) {
      const said = fields[plan.quality!]!.slice(0, 40);
      collector.bad(
        line,
        `the quality "${said}" is not known (--columns quality=- leaves it out)`,
        home,
      );
      return;
    }
    const meter = plan.meter === undefined ? "" : fields[plan.meter]!;
    for (const cell of plan.cells) {
      this.#cell(cell, { fields, line, times, home: cell.home ?? home, meter, flow, quality });
    }
  }

  #cell(
    cell: Cell,
    row: {
      fields: readonly string[];
      line: number;
      times: Times;
      home: string;
      meter: string;
      flow: { direction: "import" | "export"; gas?: true } | undefined;
      quality: TableChannel["quality"] extends (i: number) => infer Q ? Q : never;
    },
  ): void {
    const { plan, collector } = this;
    const { fields, line, home, flow } = row;
    const text = fields[cell.index] ?? "";
    if (missing.test(text)) return;
    const unit = this.#unit(cell, fields);
    if (unit === undefined) {
      const said = fields[plan.unitColumn ?? plan.flow ?? -1] ?? "";
      collector.ignore(`readings in "${said.slice(0, 20)}" are no energy, and are left out`);
      return;
    }
    const energy = parseSignedEnergy(decimal(text, plan.decimal), unit.unit);
    if ("bad" in energy) {
      collector.bad(line, `home ${home}: ${energy.bad}`, home);
      return;
    }
    const direction = cell.direction === "import" ? (flow?.direction ?? "import") : cell.direction;
    if (energy.micro < 0 && direction !== "net") {
      collector.bad(
        line,
        `home ${home}: the energy ${text} is negative (--direction net takes it as fed in)`,
        home,
      );
      return;
    }
    if (energy.rounded) this.#rounded += 1;
    const kind = cell.register ? "register" : unit.kind === "power" ? "power" : "energy";
    const channel = this.#channel(
      {
        home,
        direction,
        meter: row.meter,
        register: flow === undefined ? "" : fields[plan.flow!]!,
        gas: flow?.gas === true || unit.kind === "gas",
      },
      kind,
    );
    const shift = this.#slotShift(cell);
    const { start, end } = row.times;
    channel.push({
      dayFirst: start.dayFirst + shift,
      monthFirst: start.monthFirst + shift,
      ...(end === undefined ? {} : { end }),
      value: energy.micro,
      quality: row.quality,
      line,
    });
  }

  #slotShift({ slot }: Cell): number {
    if (slot === undefined) return 0;
    return "clock" in slot ? slot.clock : ((slot.number - 1) * DAY_MS) / slot.of;
  }

  #unit(cell: Cell, fields: readonly string[]): TableUnit | undefined {
    const { plan } = this;
    if (cell.unit !== undefined) return cell.unit;
    if (plan.unitColumn !== undefined) return unitIn(fields[plan.unitColumn] ?? "");
    return plan.flow === undefined ? undefined : unitIn(fields[plan.flow]!);
  }

  #times(fields: readonly string[], line: number): Times | undefined {
    const { plan, collector } = this;
    if (plan.range !== undefined) {
      const range = rangeOf(fields[plan.range] ?? "");
      const [start, end] = [range?.[0], range?.[1]].map((t, i) =>
        t === undefined ? undefined : (i === 0 ? this.#start : this.#end).read(t),
      );
      if (start !== undefined && end !== undefined) return { start, end };
      collector.bad(line, `"${(fields[plan.range] ?? "").slice(0, 50)}" is not a start and an end`);
      return undefined;
    }
    const start = this.#time(plan.time, this.#start, fields, line);
    if (start === undefined) return undefined;
    if (plan.end === undefined) return { start };
    const end = this.#time(plan.end, this.#end, fields, line);
    if (end === undefined) return undefined;
    // A clock time alone that is not later belongs to the next day.
    const alone = plan.end.date === plan.time.date && plan.end.clock !== undefined;
    const next = alone && end.dayFirst < start.dayFirst ? DAY_MS : 0;
    return {
      start,
      end: { ...end, dayFirst: end.dayFirst + next, monthFirst: end.monthFirst + next },
    };
  }

  #time(
    columns: TimeColumns,
    reader: TimeReader,
    fields: readonly string[],
    line: number,
  ): TimeText | undefined {
    const text = fields[columns.full ?? columns.date!] ?? "";
    const time = reader.read(text);
    if (time === undefined) {
      this.collector.bad(
        line,
        `"${text.slice(0, 40)}" is not a date and time`,
        undefined,
        this.plan.cells.length,
      );
      return undefined;
    }
    if (columns.hour !== undefined) {
      const hour = Number(fields[columns.hour]);
      if (!Number.isInteger(hour) || hour < 1 || hour > 25) {
        this.collector.bad(line, `"${fields[columns.hour]!.slice(0, 20)}" is no hour of a day`);
        return undefined;
      }
      return this.#later(time, hour * 3_600_000);
    }
    if (columns.clock === undefined) {
      this.#midnightAsEnd ||= text.includes("24:00");
      return time;
    }
    const clock = fields[columns.clock] ?? "";
    const ms = parseClock(clock);
    if (ms === undefined) {
      this.collector.bad(line, `"${clock.slice(0, 20)}" is not a time of day`);
      return undefined;
    }
    this.#midnightAsEnd ||= ms === DAY_MS;
    return this.#later(time, ms);
  }

  #later(time: TimeText, ms: number): TimeText {
    return { ...time, dayFirst: time.dayFirst + ms, monthFirst: time.monthFirst + ms };
  }

  #channel(name: ChannelName, kind: TableChannel["kind"]): TableChannel {
    const meter = kind === "register" ? "" : name.meter;
    const key = `${name.home}\n${meter}\n${name.direction}\n${name.register}\n${kind}`;
    const full = kind === "register" ? `${key}\n${name.meter}` : key;
    let channel = this.#channels.get(full);
    if (channel === undefined) this.#channels.set(full, (channel = new TableChannel(name, kind)));
    return channel;
  }

  /** @throws readings/question */
  settle(): Settled {
    const { collector, plan } = this;
    const settled = settle({
      ...{ plan, collector },
      channels: [...this.#channels.values()].filter((c) => c.length > 0),
      instants: this.#instants === true,
      midnightAsEnd: this.#midnightAsEnd,
    });
    if (this.#rounded > 0) {
      const message = `${this.#rounded} values are finer than a micro-watt-hour, and are rounded to it`;
      collector.note({
        kind: "finer-than-watt-hour",
        file: collector.file,
        count: this.#rounded,
        message,
      });
    }
    return settled;
  }
}

function decimal(text: string, sign: "." | ","): string {
  if (sign === ",") return text.replaceAll(".", "").replace(",", ".");
  return text.includes(",") ? text.replaceAll(",", "") : text;
}
