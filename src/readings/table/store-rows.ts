/** The rows of a table, once their times and lengths are known, into the registers of the collector. */
import type { Collector, RegisterReadings } from "../collector.js";
import { instantText } from "../zone.js";
import type { ChannelName, TableChannel } from "./channel.js";
import type { Placed } from "./place.js";
import type { TableRows, Timed } from "./table-rows.js";

/** Rows that are shown as they were understood. */
const SHOWN = 3;

function registerOf(
  collector: Collector,
  name: ChannelName,
  direction: "import" | "export",
): RegisterReadings {
  const register = [name.meter, name.register].filter((part) => part !== "").join(" ");
  return collector.register({
    home: name.home,
    commodity: name.gas ? "gas" : "electricity",
    direction,
    register,
  });
}

/** States of a register that counts up. Meters follow each other in one register, unless an answer names registers. */
export function addStates({
  collector,
  channel,
  placed: { order, at },
  shown,
}: {
  readonly collector: Collector;
  readonly channel: TableChannel;
  readonly placed: Placed;
  readonly shown: string[];
}): void {
  const { name } = channel;
  const direction = name.direction === "export" ? "export" : "import";
  const apart = collector.options.mapping?.registers !== undefined;
  const register = registerOf(collector, apart ? name : { ...name, meter: "" }, direction);
  const meter = name.meter === "" ? "meter" : name.meter;
  for (const i of order) {
    if (Number.isNaN(at[i]!)) continue;
    const state = { at: at[i]!, microWattHours: channel.value(i), line: channel.line(i) };
    collector.addState(register, { ...state, meter });
    if (shown.length < SHOWN) {
      const time = instantText(state.at, collector.zone);
      shown.push(`line ${state.line}: ${time}, register at ${state.microWattHours / 1e9} kWh`);
    }
  }
}

export function addIntervals({
  rows,
  channel,
  timed: {
    placed: { order, at },
    lengths,
    labels,
  },
  shown,
}: {
  readonly rows: TableRows;
  readonly channel: TableChannel;
  readonly timed: Timed;
  readonly shown: string[];
}): void {
  const { collector, plan } = rows;
  const { direction } = channel.name;
  const registerFor = registers(collector, channel.name);
  let rounded = 0;
  let previous = NaN;
  for (const i of order) {
    const length = lengths[i]!;
    if (Number.isNaN(at[i]!) || Number.isNaN(length)) continue;
    const start = labels === "end" ? at[i]! - length : at[i]!;
    const line = channel.line(i);
    if (!(length >= 1000) || length % 1000 !== 0) {
      const reason = "the interval ends before it begins, or within a second";
      collector.bad({ line, reason, home: channel.name.home });
      continue;
    }
    const seconds = length / 1000;
    const value = channel.value(i);
    const energy = channel.kind === "power" ? (value * seconds) / 3600 : value;
    const microWattHours = Math.round(Math.abs(energy));
    if (microWattHours !== Math.abs(energy)) rounded += 1;
    const flow = direction === "net" ? (energy < 0 ? "export" : "import") : direction;
    const quality = channel.quality(i);
    // Of net energy the other direction has nothing: a time without a reading would be estimated.
    for (const way of direction === "net" ? (["import", "export"] as const) : [flow]) {
      const register = registerFor(way);
      if (plan.answers.gaps === "zero" && start > previous) {
        fillZeros(collector, register, { from: previous, to: start, seconds, line });
      }
      const counted = way === flow ? microWattHours : 0;
      collector.add(register, { start, seconds, microWattHours: counted, quality, line });
    }
    previous = start + length;
    if (shown.length < SHOWN) {
      const times = [start, previous].map((t) => instantText(t, collector.zone)).join(" to ");
      const way = flow === "export" ? "fed in" : "drawn";
      shown.push(`line ${line}: ${times}, ${microWattHours / 1e9} kWh ${way}, ${quality}`);
    }
  }
  if (rounded > 0) {
    const message = `${rounded} values are finer than a micro-watt-hour, and are rounded to it`;
    collector.note({ kind: "finer-than-watt-hour", file: collector.file, count: rounded, message });
  }
}

/** The register of each direction, made when its first reading comes. */
function registers(
  collector: Collector,
  name: ChannelName,
): (flow: "import" | "export") => RegisterReadings {
  const known = new Map<string, RegisterReadings>();
  return (flow) => {
    let found = known.get(flow);
    if (found === undefined) known.set(flow, (found = registerOf(collector, name, flow)));
    return found;
  };
}

function fillZeros(
  collector: Collector,
  register: RegisterReadings,
  { from, to, seconds, line }: { from: number; to: number; seconds: number; line: number },
): void {
  for (let start = from; start < to; start += seconds * 1000) {
    const length = Math.min(seconds, (to - start) / 1000);
    collector.add(register, { start, seconds: length, microWattHours: 0, quality: "actual", line });
  }
}
