/** Two meters of one home that measure at the same times add up, or are those of two homes: then it is asked. */
import type { ChannelName, TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import { inTime, type Placed } from "./place.js";
import type { TableRows } from "./table-rows.js";

/** At an exchange the old and the new meter may both have measured in one interval. */
const SHARED_AT_EXCHANGE = 2;

export function askOfMeters(
  { plan }: TableRows,
  placed: ReadonlyMap<TableChannel, Placed>,
  questions: Question[],
): void {
  const answer = plan.answers.registers;
  if (plan.meter === undefined || answer === "add") return;
  const channels = [...placed.keys()];
  for (const [k, one] of channels.entries()) {
    const other = channels.slice(k + 1).find((c) => {
      return isBeside(one, c) && shareTimes(placed.get(one)!, placed.get(c)!);
    });
    if (other === undefined) continue;
    const names = [one, other].map(({ name }) => registerName(name));
    // A name that nothing here has is not an answer.
    if (channels.some(({ name }) => name.home === one.name.home && registerName(name) === answer))
      continue;
    const column = plan.layout.header[plan.meter]!;
    questions.push({
      about: "registers",
      question: `whether the meters ${names.join(" and ")} of ${one.name.home}, which measure at the same times, add up; where each is a home, --columns home=${column} says so`,
      option: "--registers",
      choices: ["add", ...names],
    });
    return;
  }
}

/** As its register is called. */
function registerName({ meter, register }: ChannelName): string {
  return [meter, register].join(" ").trim();
}

function isBeside({ name: a }: TableChannel, { name: b }: TableChannel): boolean {
  return (
    a.meter !== b.meter &&
    a.home === b.home &&
    a.direction === b.direction &&
    a.gas === b.gas &&
    a.register === b.register
  );
}

function shareTimes(one: Placed, other: Placed): boolean {
  const [a, b] = [inTime(one), inTime(other)];
  let [i, k, shared] = [0, 0, 0];
  while (i < a.length && k < b.length && shared <= SHARED_AT_EXCHANGE) {
    if (a[i] === b[k]) shared += 1;
    if (a[i]! <= b[k]!) i += 1;
    else k += 1;
  }
  return shared > SHARED_AT_EXCHANGE;
}
