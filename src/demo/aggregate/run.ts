/** The aggregation of a month of slots, group by group, with every role in this process. */
import {
  agreeGroup,
  LABELS_PER_KEY,
  openDmcfeStream,
  openStream,
  splitIntoGroups,
  sumDmcfeLabel,
  sumLabel,
  type AgreedGroup,
  type GroupSum,
  type Timings,
} from "../../aggregation/index.js";
import type { Bn254 } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { MAX_WATT_HOURS, type Slot, type SlotTable } from "./slots.js";

export type Scheme = "psa" | "dmcfe";

/** What came out of one interval. */
export interface SlotSum {
  readonly start: number;
  /** `null` when no group could be decrypted. */
  readonly wattHours: bigint | null;
  /** Homes in the sum. */
  readonly homes: number;
  readonly missing: readonly string[];
}

export interface Run {
  readonly groups: readonly number[];
  readonly slots: readonly SlotSum[];
  readonly setupMs: number;
  readonly timings: Timings;
}

/** Sums one group's values at one label. */
type GroupSummer = (label: bigint, values: ReadonlyMap<string, bigint>) => Promise<GroupSum>;

export async function runAggregation(
  table: Pick<SlotTable, "homes" | "slots">,
  options: {
    readonly scheme: Scheme;
    readonly groupSize: number;
    /** Greatest value of a home; `MAX_WATT_HOURS` unless given. */
    readonly largest?: bigint;
    readonly curve: Bn254;
    readonly progress: (text: string) => void;
  },
): Promise<Run> {
  const { scheme, curve, progress } = options;
  const timings: Timings = { encrypt: [], decrypt: [], repair: [] };
  const partition = splitIntoGroups(table.homes, options.groupSize);

  const began = performance.now();
  const groups: { agreed: AgreedGroup; members: readonly string[] }[] = [];
  for (const [g, members] of partition.entries()) {
    progress(`key set-up of group ${g + 1} of ${partition.length}: ${members.length} homes`);
    const group = `neighbourhood/${g + 1}`;
    groups.push({
      agreed: await agreeGroup({ group, members, maxValue: options.largest ?? MAX_WATT_HOURS }),
      members,
    });
  }
  let setupMs = performance.now() - began;

  const slots: SlotSum[] = [];
  for (let from = 0; from < table.slots.length; from += LABELS_PER_KEY) {
    // A key serves so many labels and no more: then every home makes a new one.
    const epoch = from / LABELS_PER_KEY + 1;
    const start = performance.now();
    const summers: GroupSummer[] = [];
    for (const { agreed } of groups) {
      summers.push(await openSummer({ scheme, curve, agreed, epoch, timings }));
    }
    setupMs += performance.now() - start;
    for (const [i, slot] of table.slots.slice(from, from + LABELS_PER_KEY).entries()) {
      if ((from + i) % 480 === 0) progress(`interval ${from + i + 1} of ${table.slots.length}`);
      slots.push(await sumSlot(slot, summers, partition));
    }
  }
  return { groups: partition.map((g) => g.length), slots, setupMs, timings };
}

async function openSummer({
  scheme,
  curve,
  agreed,
  epoch,
  timings,
}: {
  readonly scheme: Scheme;
  readonly curve: Bn254;
  readonly agreed: AgreedGroup;
  readonly epoch: number;
  readonly timings: Timings;
}): Promise<GroupSummer> {
  const stream = "load-wh";
  if (scheme === "dmcfe") {
    const opened = await openDmcfeStream(curve, agreed, { stream, epoch });
    return (label, values) => sumDmcfeLabel({ stream: opened, label, values, timings });
  }
  const opened = await openStream(agreed, { stream, epoch });
  return (label, values) => sumLabel({ stream: opened, label, values, timings });
}

async function sumSlot(
  { start, values }: Slot,
  summers: readonly GroupSummer[],
  partition: readonly (readonly string[])[],
): Promise<SlotSum> {
  const label = BigInt(start / 1000);
  let wattHours: bigint | null = null;
  let homes = 0;
  const missing: string[] = [];
  for (const [g, sum] of summers.entries()) {
    const members = partition[g]!;
    const own = new Map(members.flatMap((m) => (values.has(m) ? [[m, values.get(m)!]] : [])));
    try {
      const result = await sum(label, own);
      wattHours = (wattHours ?? 0n) + result.sum;
      homes += result.present;
      missing.push(...result.missing);
    } catch (error) {
      // Too many are missing for a sum that hides the others: the group is left out of this one.
      if (
        !isSipsterError(error, "aggregation/too-few-present") &&
        !isSipsterError(error, "aggregation/members-missing")
      ) {
        throw error;
      }
      missing.push(...members);
    }
  }
  return { start, wattHours, homes, missing };
}

/** The sums of the same homes without any encryption. */
export function plainSum(slot: Slot, sum: SlotSum): bigint {
  const missing = new Set(sum.missing);
  let total = 0n;
  for (const [home, value] of slot.values) if (!missing.has(home)) total += value;
  return total;
}

/** Are all sums those of the plain readings? Intervals without a sum do not count. */
export function allExact(slots: readonly Slot[], sums: readonly SlotSum[]): boolean {
  return sums.every((s, i) => s.wattHours === null || s.wattHours === plainSum(slots[i]!, s));
}

/** The middle value; 0 of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
