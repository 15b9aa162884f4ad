/** One table while it is read: rows into channels, as the plan says. */
import type { Collector } from "../collector.js";
import type { Quality } from "../interval.js";
import { cubicMetre, parseSignedEnergy } from "../energy.js";
import { questionError } from "./question.js";
import { TableChannel, type ChannelName } from "./channel.js";
import { ask } from "./columns.js";
import { NumberReader } from "./decimal-sign.js";
import type { Cell } from "./cell.js";
import type { Plan } from "./plan.js";
import { RowTimesReader, type RowTimes } from "./row-times.js";
import { settle, type Settled } from "./settle.js";
import { flowOf, qualityNamed, unitIn, type Flow, type TableUnit } from "./words.js";

const DAY_MS = 86_400_000;
const missing = /^(|null|nan|na|n\/a|-|--)$/i;

/** A row without its numbers. */
interface Row {
  readonly fields: readonly string[];
  readonly line: number;
  readonly times: RowTimes;
  readonly home: string;
  readonly meter: string;
  readonly flow: Flow | undefined;
  readonly quality: Quality;
}

export class TableFile {
  readonly #channels = new Map<string, TableChannel>();
  /** The channel of each cell in the row before: rows of one home follow each other. */
  readonly #latest: { readonly name: ChannelName; readonly channel: TableChannel }[] = [];
  readonly #times: RowTimesReader;
  #instants: boolean | undefined;
  readonly #numbers: NumberReader;
  #rounded = 0;
  /** Of rows that name no home. */
  #home: string | undefined;

  constructor(
    private readonly collector: Collector,
    private readonly plan: Plan,
    named: string | undefined,
  ) {
    this.#home = named;
    this.#times = new RowTimesReader(collector, plan);
    this.#numbers = new NumberReader(plan.decimal, plan.layout.separator);
  }

  /** @throws readings/bad-row, readings/question */
  take(fields: readonly string[], line: number): void {
    const { plan, collector } = this;
    const times = this.#times.read(fields, line);
    if (times === undefined) return;
    if (this.#instants !== undefined && times.start.isInstant !== this.#instants) {
      const reason = "some times have an offset and some have none";
      collector.bad({ line, reason, count: plan.cells.length });
      return;
    }
    this.#instants = times.start.isInstant;
    const isNamed = plan.cells[0]?.home !== undefined;
    const home = isNamed
      ? ""
      : plan.home === undefined
        ? (this.#home ??= collector.unnamedHome())
        : fields[plan.home]!;
    if (home === "" && !isNamed) {
      collector.bad({ line, reason: "the row names no home" });
      return;
    }
    const said = (column: number): string => fields[column]!.slice(0, 40);
    const flow = plan.flow === undefined ? undefined : flowOf(fields[plan.flow]!);
    if (plan.flow !== undefined && flow === undefined) {
      collector.bad({ line, reason: `"${said(plan.flow)}" says no direction that is known`, home });
      return;
    }
    if (flow === "other") {
      collector.ignore(`rows of "${said(plan.flow!)}" are not energy drawn or fed in`);
      return;
    }
    const quality = plan.quality === undefined ? "actual" : qualityNamed(fields[plan.quality]!);
    if (quality === undefined) {
      const cure = "(--columns quality=- leaves it out)";
      collector.bad({
        line,
        reason: `the quality "${said(plan.quality!)}" is not known ${cure}`,
        home,
      });
      return;
    }
    const meter = plan.meter === undefined ? "" : fields[plan.meter]!;
    for (const cell of plan.cells) {
      this.#cell(cell, { fields, line, times, home: cell.home ?? home, meter, flow, quality });
    }
  }

  #cell(cell: Cell, row: Row): void {
    const { collector } = this;
    const { fields, line, home, flow } = row;
    const text = fields[cell.index] ?? "";
    if (missing.test(text)) return;
    const unit = this.#unit(cell, fields);
    if (unit === undefined) return;
    const number = this.#number(text, row);
    if (number === undefined) return;
    const energy = parseSignedEnergy(number, unit.unit);
    if ("bad" in energy) {
      collector.bad({ line, reason: `home ${home}: ${energy.bad}`, home });
      return;
    }
    const direction = cell.direction === "import" ? (flow?.direction ?? "import") : cell.direction;
    if (energy.micro < 0 && direction === "import") {
      const cure = "(--direction net takes it as fed in)";
      collector.bad({ line, reason: `home ${home}: the energy ${text} is negative ${cure}`, home });
      return;
    }
    if (energy.rounded) this.#rounded += 1;
    const channel = this.#channel(cell, row, { direction, unit });
    const step = slotOf(cell);
    const { start, end, offset } = row.times;
    const shift = step?.shift ?? 0;
    const numbered = step?.isNumber === true ? step.shift : offset;
    channel.push({
      dayFirst: start.dayFirst + shift,
      monthFirst: start.monthFirst + shift,
      ...(numbered === undefined ? {} : { offset: numbered }),
      ...(end === undefined ? {} : { end }),
      value: energy.micro,
      quality: row.quality,
      line,
    });
  }

  /** @throws readings/question where a number may be one or a thousand */
  #number(cell: string, { line, home }: Row): string | undefined {
    const read = this.#numbers.read(cell);
    if (read === "both-fit") {
      const question = `whether commas and dots within numbers, as in ${cell.slice(0, 20)} at line ${line}, are decimal signs or group thousands`;
      throw questionError(this.collector.file, [ask(question, "decimal", ["dot", "comma"])]);
    }
    if ("number" in read) return read.number;
    this.collector.bad({ line, reason: `home ${home}: ${read.bad}`, home });
    return undefined;
  }

  /** The unit of a cell; `undefined`, and a note, where what it holds is left out. */
  #unit(cell: Cell, fields: readonly string[]): TableUnit | undefined {
    const { plan, collector } = this;
    const named = plan.unitColumn ?? plan.flow;
    const said = named === undefined ? "" : (fields[named] ?? "");
    const unit = cell.unit ?? unitIn(said);
    if (unit === undefined) {
      collector.ignore(`readings in "${said.slice(0, 20)}" are not energy, and are left out`);
      return undefined;
    }
    if (unit.kind !== "volume") return unit;
    const gas = collector.options.gasWattHoursPerCubicMetre;
    if (gas !== undefined) return { ...unit, unit: cubicMetre(gas) };
    collector.ignore(
      "gas in cubic metres is left out: tell how much energy a cubic metre of gas holds (--gas)",
    );
    return undefined;
  }

  #channel(
    cell: Cell,
    { fields, home, meter, flow }: Row,
    { direction, unit }: { direction: ChannelName["direction"]; unit: TableUnit },
  ): TableChannel {
    const { plan } = this;
    const name: ChannelName = {
      ...{ home, direction, meter },
      register: cell.part ?? (flow === undefined ? "" : fields[plan.flow!]!),
      gas: flow?.gas === true || unit.kind === "gas" || unit.kind === "volume",
      ...(unit.kind === "volume" ? { byVolume: true } : {}),
    };
    const counts = cell.register || flow?.register === true;
    const kind = counts ? "register" : unit.kind === "power" ? "power" : "energy";
    const latest = this.#latest[cell.index];
    if (latest?.channel.kind === kind && sameName(latest.name, name)) return latest.channel;
    const key = JSON.stringify([...Object.values(name), kind]);
    let channel = this.#channels.get(key);
    if (channel === undefined) this.#channels.set(key, (channel = new TableChannel(name, kind)));
    this.#latest[cell.index] = { name, channel };
    return channel;
  }

  /** @throws readings/question */
  settle(): Settled {
    const { collector, plan } = this;
    const { sign } = this.#numbers;
    const { midnightAsEnd, onlyDates, endsAreDates } = this.#times;
    const settled = settle({
      ...{ plan, collector, midnightAsEnd, onlyDates, endsAreDates },
      channels: gasOnce([...this.#channels.values()], collector),
      instants: this.#instants === true,
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
    return { ...settled, ...(sign === undefined ? {} : { decimal: sign }) };
  }
}

/** Gas comes by volume and by energy in some files, row by row: what is measured in energy counts. */
function gasOnce(channels: readonly TableChannel[], collector: Collector): TableChannel[] {
  return channels.filter((volume) => {
    if (volume.name.byVolume !== true) return true;
    const same = channels.find(
      ({ name }) =>
        name.byVolume !== true &&
        name.home === volume.name.home &&
        name.meter === volume.name.meter &&
        name.register === volume.name.register,
    );
    if (same === undefined) return true;
    same.name = { ...same.name, gas: true };
    collector.ignore("gas in cubic metres is there in units of energy too", volume.length);
    return false;
  });
}

function slotOf({
  slot,
}: Cell): { readonly shift: number; readonly isNumber: boolean } | undefined {
  if (slot === undefined) return undefined;
  if ("clock" in slot) return { shift: slot.clock, isNumber: false };
  return { shift: ((slot.number - 1) * DAY_MS) / slot.of, isNumber: true };
}

function sameName(a: ChannelName, b: ChannelName): boolean {
  return (
    a.home === b.home &&
    a.meter === b.meter &&
    a.direction === b.direction &&
    a.register === b.register &&
    a.gas === b.gas &&
    a.byVolume === b.byVolume
  );
}
