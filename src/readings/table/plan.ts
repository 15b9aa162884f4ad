/** Which column of a table holds what: from its header, its first rows, and the answers given. */
import { withUnit } from "./cell-units.js";
import type { Cell } from "./cell.js";
import { ask, columnsOf, names, sole, type Column } from "./columns.js";
import { daySlots } from "./day-slots.js";
import { decimalSign, type DecimalSign } from "./decimal-sign.js";
import type { Layout } from "./layout.js";
import type { Mapping, Question } from "./mapping.js";
import { profileOf, type Profile } from "./profiles.js";
import { timeColumns, type TimeColumns, type Times } from "./time-columns.js";
import { flowColumn, valueCells } from "./value-cells.js";

export interface Plan extends Times {
  readonly layout: Layout;
  readonly profile: Profile | undefined;
  readonly answers: Mapping;
  readonly decimal: DecimalSign | "later";
  readonly cells: readonly Cell[];
  readonly home?: number;
  readonly meter?: number;
  readonly unitColumn?: number;
  readonly quality?: number;
  readonly flow?: number;
  /** Columns whose headers say nothing that is known, and that nothing uses. */
  readonly leftOut: readonly Column[];
  /** Columns of a direction that say one thing throughout, which is not known to be one. */
  readonly noDirection: readonly Column[];
}

/** A plan, or what has to be answered before there is one. */
export type Proposal = { readonly plan: Plan } | { readonly questions: readonly Question[] };

export function propose(layout: Layout, given: Mapping): Proposal {
  const profile = profileOf(layout);
  const answers: Mapping = { ...profile?.answers, ...given };
  const questions: Question[] = [];
  if (layout.rivals.length > 0) {
    const choices = ["comma", "semicolon", "tab", "bar"];
    questions.push(ask("which character separates the fields", "separator", choices));
  }
  const columns = columnsOf(layout, answers);
  const slots = daySlots(columns);
  const times = timeColumns({ columns, dayRows: slots.length > 0, answers, questions });
  if (times === undefined) {
    const question = `which column holds the time, of ${names(columns)}`;
    questions.push(ask(question, "columns", ["time=NAME", "time=#1"]));
  }
  const decimal = decimalSign(layout.separator, numbersOf(columns), answers);
  if (decimal === undefined) {
    const question = "whether commas and dots within numbers are decimal signs or group thousands";
    questions.push(ask(question, "decimal", ["dot", "comma"]));
  }
  const flow = flowColumn(columns, questions);
  const unitColumn = sole(columns, "unit");
  const cells =
    slots.length > 0
      ? slots
      : valueCells({ columns, answers, hasFlow: flow !== undefined, questions });
  const withUnits = cells.map((cell) =>
    withUnit({ cell, answers, questions, about: { unitColumn, flow, layout, profile } }),
  );
  if (questions.length > 0) return { questions: distinct(questions) };
  const others = {
    home: sole(columns, "home"),
    meter: sole(columns, "meter"),
    quality: sole(columns, "quality"),
    ...{ unitColumn, flow },
  };
  const known = Object.fromEntries(Object.entries(others).filter(([, at]) => at !== undefined));
  const used = new Set([...cells.map((c) => c.index), ...timeIndexes(times!)]);
  const leftOut = columns.filter(
    (c) => c.meaning === undefined && !used.has(c.index) && c.cells.some((text) => text !== ""),
  );
  const noDirection = columns.filter(
    (c) => c.meaning?.role === "direction" && c.index !== flow && c.cells.some((x) => x !== ""),
  );
  return {
    plan: {
      ...{ layout, profile, answers, decimal: decimal!, leftOut, noDirection },
      ...{ ...times!, cells: withUnits, ...known },
    },
  };
}

function timeIndexes({ time, end, range }: Times): (number | undefined)[] {
  const of = ({ full, date, clock, hour }: TimeColumns): (number | undefined)[] => [
    ...[full, date, clock, hour],
  ];
  return [...of(time), ...of(end ?? {}), range];
}

function distinct(questions: readonly Question[]): Question[] {
  // One answer holds for all columns: it is asked once.
  const same = (a: Question, b: Question): boolean =>
    a.option === b.option && a.choices.join() === b.choices.join();
  return questions.filter((q, i) => questions.findIndex((p) => same(p, q)) === i);
}

/** Numbers of the first rows that may be energy. */
function numbersOf(columns: readonly Column[]): string[] {
  const others = ["time", "start", "end", "home", "meter", "ignore"];
  return columns
    .filter((c) => !others.includes(c.meaning?.role ?? ""))
    .flatMap((c) => c.cells)
    .filter((text) => /^[-+]?\d[\d.,]*$/.test(text));
}
