/** Whether the times of a table begin or end their intervals, where the whole file fits only one. */
import type { Collector } from "../collector.js";
import type { Order, TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import { commonStep } from "./steps.js";
import type { TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;

/** `undefined` where rows name both ends. */
export function decideLabels({
  rows,
  channels,
  order,
  questions,
}: {
  readonly rows: TableRows;
  readonly channels: readonly TableChannel[];
  readonly order: Order;
  readonly questions: Question[];
}): "start" | "end" | undefined {
  const { plan, collector } = rows;
  if (plan.end !== undefined || plan.range !== undefined || channels.length === 0) return undefined;
  // The number of an hour or a step says which it is.
  const numbered = plan.time.hour !== undefined || plan.cells.some((c) => c.slot !== undefined);
  if (numbered) return "start";
  const said = plan.answers.labels ?? plan.labels;
  if (said !== undefined) return said;
  const edges = edgesOf(rows, channels, order);
  // A day by its date is that day; of a week or a month it may be the first or the last.
  if (rows.onlyDates && edges.step < 1.5 * DAY_MS) return "start";
  const found = rows.midnightAsEnd
    ? ({ labels: "end", why: "a time is 24:00" } as const)
    : wholeDays(edges);
  if (found !== undefined) {
    if (found.why !== undefined) note(collector, found.labels, found.why);
    return found.labels;
  }
  questions.push({
    about: "labels",
    question: "whether a time begins or ends its interval",
    option: "--labels",
    choices: ["start", "end"],
  });
  return "start";
}

interface Edges {
  /** Milliseconds since midnight of the first time and of the last. */
  readonly begins: number;
  readonly ends: number;
  readonly step: number;
}

function edgesOf(
  { instants, plan, collector: { zone } }: TableRows,
  channels: readonly TableChannel[],
  order: Order,
): Edges {
  const filled = channels.flatMap((channel) => {
    const times = channel.times(order).sort();
    const count = times.findLastIndex((t) => !Number.isNaN(t)) + 1;
    return count === 0 ? [] : [times.subarray(0, count)];
  });
  const inDay = (time: number): number => {
    // A file whose times are in UTC has days of UTC.
    const civil = instants && plan.utc !== true ? zone.civil(time) : time;
    return ((civil % DAY_MS) + DAY_MS) % DAY_MS;
  };
  return {
    begins: inDay(Math.min(...filled.map((t) => t[0]!))),
    ends: inDay(Math.max(...filled.map((t) => t.at(-1)!))),
    step: commonStep(filled),
  };
}

/** What makes whole days of a file, where one reading of it does and the other does not. */
function wholeDays({
  begins,
  ends,
  step,
}: Edges): { readonly labels: "start" | "end"; readonly why?: string } | undefined {
  if (step <= 0 || step >= DAY_MS) return undefined;
  const [startsWhole, endsWhole] = [begins === 0, ends === DAY_MS - step];
  const [startsLate, endsLate] = [begins === step, ends === 0];
  if ((startsWhole || endsWhole) && !endsLate && !startsLate) {
    return startsWhole && endsWhole
      ? { labels: "start" }
      : { labels: "start", why: "so the file has whole days" };
  }
  if ((startsLate || endsLate) && !startsWhole && !endsWhole) {
    return { labels: "end", why: "the first is one step after midnight or the last is midnight" };
  }
  return undefined;
}

function note(collector: Collector, labels: "start" | "end", why: string): void {
  collector.note({
    kind: labels === "end" ? "labels-are-ends" : "assumed",
    file: collector.file,
    message: `times are taken as the ${labels}s of intervals: ${why}`,
  });
}
