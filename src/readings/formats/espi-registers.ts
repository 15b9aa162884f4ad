/**
 * Registers of one supply that hold the same energy: the hour and the day of it, or what was delivered,
 * received and their difference. Each energy counts once; where registers overlap and are not the same, it
 * is asked whether they add up.
 */
import type { ChannelBuilder } from "../channel-builder.js";
import type { Collector } from "../collector.js";
import type { Commodity } from "../reading-set.js";
import { questionError } from "../table/question.js";

export interface EspiRegister {
  readonly name: {
    readonly home: string;
    readonly commodity: Commodity;
    readonly direction: "import" | "export" | "net";
    readonly register: string;
  };
  readonly tou: string | undefined;
  /** In micro-watt-hours; of a net register they may be negative. */
  readonly channel: ChannelBuilder;
}

/** @throws readings/question */
export function countedOnce(all: readonly EspiRegister[], collector: Collector): EspiRegister[] {
  const answer = collector.options.mapping?.registers;
  const supplies = new Map<string, EspiRegister[]>();
  for (const one of all) {
    const key = JSON.stringify([one.name.home, one.name.commodity]);
    supplies.set(key, [...(supplies.get(key) ?? []), one]);
  }
  return [...supplies.values()].flatMap((registers) => {
    if (answer === "add") return registers;
    const named = registers.filter((r) => r.name.register === answer);
    if (named.length > 0) return named;
    const flows = withoutNet(registers, collector);
    return (["import", "export", "net"] as const).flatMap((direction) =>
      distinct(
        flows.filter((r) => r.name.direction === direction),
        collector,
      ),
    );
  });
}

/** The difference of delivered and received is energy that is counted already. */
function withoutNet(registers: readonly EspiRegister[], collector: Collector): EspiRegister[] {
  const flows = registers.filter((r) => r.name.direction !== "net");
  const both = ["import", "export"].every((d) => flows.some((r) => r.name.direction === d));
  if (flows.length === registers.length) return flows;
  if (flows.length === 0) return [...registers];
  if (!both) throw openQuestion(registers, collector);
  note(collector, registers[0]!, "net readings are left out: delivered and received are there");
  return flows;
}

/** Registers of one direction, without those whose energy a finer one has. */
function distinct(registers: readonly EspiRegister[], collector: Collector): EspiRegister[] {
  const finestFirst = [...registers].sort((a, b) => b.channel.length - a.channel.length);
  const kept: EspiRegister[] = [];
  for (const one of finestFirst) {
    const verdicts = kept.map((other) => compare(other.channel, one.channel));
    if (verdicts.includes("same")) {
      note(
        collector,
        one,
        `readings of ${one.name.register} are left out: a finer register has them`,
      );
      continue;
    }
    const clash = kept.find((k, i) => verdicts[i] === "different" && !otherTime(k, one));
    if (clash !== undefined) throw openQuestion([clash, one], collector);
    kept.push(one);
  }
  // In the order of the feed.
  return registers.filter((r) => kept.includes(r));
}

/** Registers of different times of use add up. */
function otherTime(a: EspiRegister, b: EspiRegister): boolean {
  return a.tou !== undefined && b.tou !== undefined && a.tou !== b.tou;
}

/** Whether the finer register has the energy of the coarser one, where their times overlap. */
function compare(finer: ChannelBuilder, coarser: ChannelBuilder): "apart" | "same" | "different" {
  const parts = Array.from({ length: finer.length }, (_, i) => finer.at(i)).sort(
    (a, b) => a.start - b.start,
  );
  let [compared, equal, touched] = [0, 0, false];
  for (let i = 0; i < coarser.length; i++) {
    const { start, seconds, microWattHours } = coarser.at(i);
    const end = start + seconds * 1000;
    const inside = parts.slice(firstFrom(parts, start), firstFrom(parts, end));
    if (inside.length === 0) continue;
    touched = true;
    const covered = inside.reduce((sum, p) => sum + p.seconds, 0);
    if (covered !== seconds) continue;
    const sum = inside.reduce((total, p) => total + p.microWattHours, 0);
    compared += 1;
    // Each reading may be rounded to a watt-hour.
    if (Math.abs(sum - microWattHours) <= inside.length * 1e6) equal += 1;
  }
  if (!touched) return "apart";
  return compared > 0 && equal === compared ? "same" : "different";
}

function firstFrom(parts: readonly { readonly start: number }[], instant: number): number {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (parts[middle]!.start < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

function note(collector: Collector, { name }: EspiRegister, message: string): void {
  collector.note({ kind: "ignored", file: collector.file, home: name.home, message });
}

function openQuestion(registers: readonly EspiRegister[], collector: Collector): Error {
  const names = registers.map((r) => r.name.register);
  return questionError(collector.file, [
    {
      about: "registers",
      question: `whether the registers ${names.join(" and ")} of ${registers[0]!.name.home} are the same energy or add up`,
      option: "--registers",
      choices: ["add", ...names],
    },
  ]);
}
