/**
 * A neighbourhood of any size in groups: each group's sum is private by itself, and the
 * neighbourhood's is the sum of theirs.
 */
import type { GroupSum } from "./aggregator.js";
import { aggregationErrors } from "./errors.js";
import { RECOMMENDED_GROUP } from "./parameters.js";
import type { Stream } from "./set-up.js";

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

/**
 * One label of one group from values to sum: each home with a value encrypts it, and where some
 * have none the others repair. In one process, for the command line, demonstrations and tests.
 * @throws aggregation/too-few-present and whatever `Member` and `Aggregator` throw
 */
export async function sumLabel(
  { members, aggregator }: Stream,
  label: bigint,
  values: ReadonlyMap<string, bigint>,
): Promise<GroupSum> {
  const names = aggregator.roster.members;
  const present = members.filter(({ index }) => values.has(names[index]!.member));
  for (const member of present) {
    aggregator.add(await member.encrypt(label, values.get(names[member.index]!.member)!));
  }
  if (present.length === members.length) return aggregator.close(label);
  const dropSet = aggregator.declareMissing(label);
  for (const member of present) aggregator.addRepair(await member.repair(dropSet));
  return aggregator.finishRepair(label);
}
