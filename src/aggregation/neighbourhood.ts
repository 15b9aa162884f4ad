/**
 * A neighbourhood of any size in groups: each group's sum is private by itself, and the
 * neighbourhood's is the sum of theirs.
 */
import type { GroupSum } from "./aggregator.js";
import { aggregationErrors } from "./errors.js";
import { RECOMMENDED_GROUP } from "./parameters.js";
import type { Roster } from "./roster.js";
import type { DmcfeStream, Stream } from "./set-up.js";

/**
 * Splits homes into groups of nearly equal size, none above `most` unless that would leave a group
 * of one home.
 * @throws aggregation/group-too-small for fewer than two homes
 */
export function splitIntoGroups(
  homes: readonly string[],
  most: number = RECOMMENDED_GROUP.most,
): string[][] {
  if (homes.length < 2 || most < 2) {
    throw aggregationErrors.error(
      "group-too-small",
      `${homes.length} homes in groups of at most ${most} leave a home alone`,
      { homes: homes.length, most },
    );
  }
  const count = Math.min(Math.ceil(homes.length / most), Math.floor(homes.length / 2));
  return Array.from({ length: count }, (_, g) =>
    homes.slice(
      Math.floor((g * homes.length) / count),
      Math.floor(((g + 1) * homes.length) / count),
    ),
  );
}

/** Milliseconds of each operation, for anyone who wants to know. */
export interface Timings {
  readonly encrypt: number[];
  /** From all contributions to the sum, when nobody is missing. */
  readonly decrypt: number[];
  /** From the contributions of those present to their sum, all their answers included. */
  readonly repair: number[];
}

/**
 * One label of one group from values to sum: each home with a value encrypts it, and where some
 * have none the others repair. In one process, for the command line, demonstrations and tests: the members'
 * time for objections has passed as soon as all have seen the drop-set.
 * @throws aggregation/too-few-present and what `Member` and `Aggregator` throw
 */
export async function sumLabel({
  stream: { members, aggregator },
  label,
  values,
  timings,
}: {
  readonly stream: Stream;
  readonly label: bigint;
  readonly values: ReadonlyMap<string, bigint>;
  readonly timings?: Timings;
}): Promise<GroupSum> {
  const present = membersWithValue(members, aggregator.roster, values);
  await aggregator.openLabel(label);
  const contributions: Uint8Array[] = [];
  for (const [member, value] of present) {
    const start = performance.now();
    contributions.push(await member.encrypt(label, value));
    timings?.encrypt.push(performance.now() - start);
  }
  const start = performance.now();
  for (const [i, taken] of (await aggregator.take(contributions)).entries()) {
    if ("error" in taken) throw taken.error;
    await present[i]![0].receive(taken.receipt);
  }
  if (present.length === members.length) {
    const sum = await aggregator.close(label);
    timings?.decrypt.push(performance.now() - start);
    return sum;
  }
  let dropSet: Uint8Array;
  try {
    dropSet = await aggregator.postDropSet(label);
  } catch (error) {
    await aggregator.abandon(label);
    throw error;
  }
  for (const member of members) await member.see(dropSet);
  for (const [member] of present) await aggregator.takeRepair(await member.repair(label));
  const sum = await aggregator.finishRepair(label);
  timings?.repair.push(performance.now() - start);
  return sum;
}

/**
 * The same with the inner-product scheme, which has no repair: every home with a weight is needed. Where one
 * is missing, the aggregator says who, so that it cannot say it falsely, and the label is lost.
 * @throws aggregation/members-missing and what `DmcfeMember` and `DmcfeAggregator` throw
 */
export async function sumDmcfeLabel({
  stream: { members, aggregator, intake },
  label,
  values,
  timings,
}: {
  readonly stream: DmcfeStream;
  readonly label: bigint;
  readonly values: ReadonlyMap<string, bigint>;
  readonly timings?: Timings;
}): Promise<GroupSum> {
  const present = membersWithValue(members, aggregator.roster, values);
  await intake.openLabel(label);
  const contributions: Uint8Array[] = [];
  for (const [member, value] of present) {
    const start = performance.now();
    contributions.push(await member.encrypt(label, value));
    timings?.encrypt.push(performance.now() - start);
  }
  const start = performance.now();
  for (const [i, taken] of (await intake.take(contributions)).entries()) {
    if ("error" in taken) throw taken.error;
    await present[i]![0].receive(taken.receipt);
  }
  try {
    const sum = await aggregator.close(intake, label);
    timings?.decrypt.push(performance.now() - start);
    return sum;
  } catch (error) {
    const dropSet = await intake.postDropSet(label);
    for (const member of members) await member.see(dropSet);
    await intake.close(label);
    throw error;
  }
}

function membersWithValue<M extends { readonly index: number }>(
  members: readonly M[],
  roster: Roster,
  values: ReadonlyMap<string, bigint>,
): (readonly [M, bigint])[] {
  return members.flatMap((member) => {
    const value = values.get(roster.members[member.index]!.member);
    return value === undefined ? [] : [[member, value] as const];
  });
}
