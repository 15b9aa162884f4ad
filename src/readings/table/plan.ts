/** Which column of a table holds what: from its header, its first rows, and the answers given. */
import type { Layout } from "./layout.js";
import { isTimeText, preambleValue, rangeOf } from "./layout.js";
import type { Mapping, Question, Role } from "./mapping.js";
import { profileOf, type Profile } from "./profiles.js";
import { parseClock, TimeReader } from "./time-text.js";
import {
  flowOf,
  headerMeaning,
  plainText,
  unitIn,
  unitNamed,
  type HeaderMeaning,
  type TableUnit,
} from "./words.js";

/** Columns of one time: a date and a clock time together, or in two columns, or an hour of the day. */
export interface TimeColumns {
  readonly full?: number;
  readonly date?: number;
  readonly clock?: number;
  /** Number of the hour of its day, from 1. */
  readonly hour?: number;
}

export interface Cell {
  readonly index: number;
  readonly direction: "import" | "export" | "net";
  readonly home?: string;
  readonly unit?: TableUnit;
  readonly register: boolean;
  /** Of a row that holds a day: since midnight by the clock, or as number of its step. */
  readonly slot?: { readonly clock: number } | { readonly number: number; readonly of: number };
}

export interface Plan {
  readonly layout: Layout;
  readonly profile: Profile | undefined;
  readonly answers: Mapping;
  readonly decimal: "." | ",";
  readonly time: TimeColumns;
  readonly end?: TimeColumns;
  /** Start and end are in one cell. */
  readonly range?: number;
  readonly labels?: "start" | "end";
  readonly cells: readonly Cell[];
  readonly home?: number;
  readonly meter?: number;
  readonly unitColumn?: number;
  readonly quality?: number;
  readonly flow?: number;
}

/** A plan, or what has to be answered before there is one. */
export type Proposal = { readonly plan: Plan } | { readonly questions: readonly Question[] };

interface Column {
  readonly index: number;
  readonly name: string;
  readonly meaning: HeaderMeaning | undefined;
  readonly cells: readonly string[];
}

export function propose(layout: Layout, given: Mapping): Proposal {
  const profile = profileOf(layout);
  const answers: Mapping = { ...profile?.answers, ...given };
  const questions: Question[] = [];
  if (layout.rivals.length > 0) {
    questions.push(
      ask("which character separates the fields", "separator", [
        "comma",
        "semicolon",
        "tab",
        "bar",
      ]),
    );
  }
  const columns = columnsOf(layout, answers);
  const slots = daySlots(columns);
  const times = timeColumns(columns, slots.length > 0);
  if (times === undefined) {
    questions.push(
      ask(`which column holds the time, of ${names(columns)}`, "columns", ["time=NAME", "time=#1"]),
    );
  }
  const decimal = decimalSign(layout, columns, answers);
  if (decimal === undefined) {
    questions.push(
      ask(
        "whether commas and dots within numbers are decimal signs or group thousands",
        "decimal",
        ["dot", "comma"],
      ),
    );
  }
  const flow = flowColumn(columns, questions);
  const unitColumn = sole(columns, "unit");
  const cells =
    slots.length > 0 ? slots : valueCells(columns, answers, flow !== undefined, questions);
  const withUnits = cells.map((cell) =>
    withUnit(cell, answers, questions, { unitColumn, flow, layout, profile }),
  );
  if (questions.length > 0) return { questions: distinct(questions) };
  const [home, meter, quality] = [
    sole(columns, "home"),
    sole(columns, "meter"),
    sole(columns, "quality"),
  ];
  return {
    plan: {
      ...{ layout, profile, answers, decimal: decimal! },
      ...times!,
      cells: withUnits,
      ...(home === undefined ? {} : { home }),
      ...(meter === undefined ? {} : { meter }),
      ...(unitColumn === undefined ? {} : { unitColumn }),
      ...(quality === undefined ? {} : { quality }),
      ...(flow === undefined ? {} : { flow }),
    },
  };
}

function ask(question: string, option: string, choices: readonly string[]): Question {
  return { about: option, question, option: `--${option}`, choices };
}

function distinct(questions: readonly Question[]): Question[] {
  return questions.filter((q, i) => questions.findIndex((p) => p.question === q.question) === i);
}

function names(columns: readonly Column[]): string {
  const some = columns.slice(0, 8).map((c) => `"${c.name.slice(0, 30)}"`);
  return columns.length > 8 ? `${some.join(", ")} …` : some.join(", ");
}

function columnsOf(layout: Layout, { columns: answered }: Mapping): Column[] {
  const named = typeof answered === "object" ? Object.entries(answered) : [];
  return layout.header.map((name, index): Column => {
    const cells = layout.sample.map((row) => row[index] ?? "");
    const answer = named.find(
      ([, to]) => to === `#${index + 1}` || plainText(to) === plainText(name),
    );
    const meaning = headerMeaning(name);
    if (answer !== undefined)
      return { index, name, cells, meaning: { ...meaning, role: answer[0] as Role } };
    const isFlow = ["import", "export", "net"].some((role) => named.some(([r]) => r === role));
    // Once columns of energy are named, no other is one; the same for times.
    const role = meaning?.role ?? "";
    const taken =
      (isFlow && ["import", "export", "value"].includes(role)) ||
      (named.some(([r]) => r === "time") && ["time", "start", "end"].includes(role)) ||
      named.some(([r]) => r === role);
    return { index, name, cells, meaning: taken ? { role: "ignore" } : meaning };
  });
}

function sole(columns: readonly Column[], role: Role): number | undefined {
  return columns.find((c) => c.meaning?.role === role)?.index;
}

type TimeKind = "full" | "date" | "clock" | "hour" | "range";

function timeKind(cells: readonly string[]): TimeKind | undefined {
  const reader = new TimeReader();
  const filled = cells.filter((c) => c !== "");
  // The first row decides; a row that is broken is refused when it is read.
  for (const text of filled.slice(0, 3)) {
    if (rangeOf(text) !== undefined) return "range";
    if (/^\d{1,2}$/.test(text)) return "hour";
    const read = reader.read(text);
    if (read !== undefined) return read.hasClock ? "full" : "date";
    if (parseClock(text) !== undefined) return "clock";
    if (isTimeText(text)) return text.includes(":") ? "full" : "date";
  }
  return undefined;
}

function timeColumns(
  columns: readonly Column[],
  dayRows: boolean,
): Pick<Plan, "time" | "end" | "range" | "labels"> | undefined {
  const of = (role: string, kind: TimeKind): Column | undefined =>
    columns.find((c) => c.meaning?.role === role && timeKind(c.cells) === kind);
  const labelled = (c: Column): { labels?: "start" | "end" } =>
    c.meaning?.labels === undefined ? {} : { labels: c.meaning.labels };
  const range = of("time", "range") ?? of("start", "range");
  if (range !== undefined) return { time: {}, range: range.index };
  const date = of("time", "date");
  const part = (role: "start" | "end"): TimeColumns | undefined => {
    const full = of(role, "full");
    if (full !== undefined) return { full: full.index };
    const day = of(role, "date") ?? date;
    const clock = of(role, "clock");
    if (day === undefined) return undefined;
    if (clock !== undefined) return { date: day.index, clock: clock.index };
    return of(role, "date") === undefined ? undefined : { date: day.index };
  };
  const [start, end] = [part("start"), part("end")];
  if (start !== undefined && end !== undefined) return { time: start, end };
  const full = columns.filter((c) => c.meaning?.role === "time" && timeKind(c.cells) === "full");
  if (full.length === 1) return { time: { full: full[0]!.index }, ...labelled(full[0]!) };
  if (full.length > 1) return undefined;
  if (start !== undefined) return { time: start, labels: "start" };
  if (end !== undefined) return { time: end, labels: "end" };
  if (date === undefined) return undefined;
  if (dayRows) return { time: { date: date.index } };
  const clock = of("time", "clock");
  if (clock !== undefined)
    return { time: { date: date.index, clock: clock.index }, ...labelled(clock) };
  const hour = of("time", "hour");
  if (hour !== undefined) return { time: { date: date.index, hour: hour.index }, labels: "end" };
  return { time: { date: date.index }, labels: "start" };
}

const slotNumber = /^(?:hh|h|hour|interval|kwh|value|v)?\s*0*(\d{1,3})$/;
const slotClock = /^(?:kwh\s*)?(\d{1,2}:\d{2})(?::00)?(?:\s*[-–]\s*\d{1,2}:\d{2}(?::00)?)?$/;

/** Columns that are the steps of a day, in order. */
function daySlots(columns: readonly Column[]): Cell[] {
  const clocks = columns.flatMap((c) => {
    const match = slotClock.exec(plainText(c.name));
    const clock = match === null ? undefined : parseClock(match[1]!);
    return clock === undefined ? [] : [{ index: c.index, clock }];
  });
  const base = { direction: "import", register: false } as const;
  if (clocks.length >= 12) {
    const step = clocks[1]!.clock - clocks[0]!.clock;
    // Labels that begin one step after midnight are the ends of their steps.
    const shift = clocks[0]!.clock === step ? step : 0;
    return clocks.map(({ index, clock }, i) => {
      const at = shift > 0 && clock === 0 && i > 0 ? 86_400_000 : clock;
      return { ...base, index, slot: { clock: at - shift } };
    });
  }
  const numbers = columns.flatMap((c) => {
    const match = slotNumber.exec(plainText(c.name));
    return match === null ? [] : [{ index: c.index, number: Number(match[1]) }];
  });
  const of = [24, 48, 96, 144, 288].find(
    (n) => numbers.length >= n && numbers.length <= n + n / 12 / 2 + 4,
  );
  const inOrder = numbers.every((n, i) => n.number === i + 1);
  if (of === undefined || !inOrder) return [];
  return numbers.map(({ index, number }) => ({ ...base, index, slot: { number, of } }));
}

const missingCell = /^(|null|nan|na|n\/a|-|--)$/i;

function isNumeric({ cells }: Column): boolean {
  const filled = cells.filter((c) => !missingCell.test(c));
  return (
    filled.length === 0 || filled.some((c) => /^[-+]?[\d.,' ]*\d[\d.,]*(e[-+]?\d+)?$/i.test(c))
  );
}

function valueCells(
  columns: readonly Column[],
  answers: Mapping,
  hasFlow: boolean,
  questions: Question[],
): Cell[] {
  const cell = (c: Column, direction: Cell["direction"], home?: string): Cell => ({
    index: c.index,
    direction,
    register: c.meaning?.register === true,
    ...(c.meaning?.unit === undefined ? {} : { unit: c.meaning.unit }),
    ...(home === undefined ? {} : { home }),
  });
  const isValue = (c: Column): boolean =>
    c.meaning === undefined || ["import", "export", "net", "value"].includes(c.meaning.role);
  const numeric = columns.filter((c) => isValue(c) && isNumeric(c));
  const direction = answers.direction ?? "import";
  if (answers.columns === "homes" && sole(columns, "home") === undefined) {
    return columns.filter(isValue).map((c) => cell(c, direction, c.name));
  }
  const by = (role: string): Column[] => numeric.filter((c) => c.meaning?.role === role);
  const [imports, exports, nets, unclear] = [by("import"), by("export"), by("net"), by("value")];
  const which = (found: readonly Column[]): void => {
    const choices = ["import=NAME", "import=NAME,export=NAME", "homes"];
    questions.push(
      ask(
        `which columns are the energy drawn and fed in, of ${names(found)}, or whether each is a home`,
        "columns",
        choices,
      ),
    );
  };
  const known = [...imports, ...exports, ...nets];
  if (known.length === 0 && unclear.length === 0) {
    const bare = numeric.filter(
      (c) => c.meaning === undefined && !c.cells.some((x) => isTimeText(x) && !/^\d+$/.test(x)),
    );
    which(bare.length > 0 ? bare : columns);
    return [];
  }
  if (unclear.length === 1 && known.length === 0) {
    const [only] = unclear;
    if (only!.meaning?.register === true || hasFlow || answers.direction !== undefined) {
      return [cell(only!, direction)];
    }
    questions.push(
      ask(`whether "${only!.name}" is energy drawn, fed in, or the difference`, "direction", [
        "import",
        "export",
        "net",
      ]),
    );
    return [];
  }
  if (
    imports.length > 1 ||
    exports.length > 1 ||
    nets.length > 1 ||
    unclear.length > 0 ||
    (nets.length > 0 && known.length > 1)
  ) {
    which([...known, ...unclear]);
    return [];
  }
  const only =
    known.length === 1 && answers.direction !== undefined ? answers.direction : undefined;
  return [
    ...imports.map((c) => cell(c, only ?? "import")),
    ...exports.map((c) => cell(c, only ?? "export")),
    ...nets.map((c) => cell(c, "net")),
  ];
}

/** The column that says of each row which way its energy flows, where its words are known. */
function flowColumn(columns: readonly Column[], questions: Question[]): number | undefined {
  for (const c of columns) {
    if (c.meaning?.role !== "direction") continue;
    const texts = [...new Set(c.cells.filter((x) => x !== ""))];
    const unknown = texts.filter((x) => flowOf(x) === undefined);
    if (texts.length > 0 && unknown.length === 0) return c.index;
    if (texts.length > 1) {
      questions.push(
        ask(
          `what "${unknown[0]!.slice(0, 30)}" in the column "${c.name}" says: leave the column out if it says nothing of direction`,
          "columns",
          [`ignore=${c.name}`],
        ),
      );
    }
  }
  return undefined;
}

function withUnit(
  cell: Cell,
  answers: Mapping,
  questions: Question[],
  about: {
    unitColumn: number | undefined;
    flow: number | undefined;
    layout: Layout;
    profile: Profile | undefined;
  },
): Cell {
  const name = about.layout.header[cell.index]!;
  const { quantity } = answers;
  if (quantity === "register") {
    return { ...cell, register: true, unit: cell.unit ?? unitNamed("kWh") };
  }
  if (quantity !== undefined) return { ...cell, register: false, unit: unitNamed(quantity) };
  const said =
    cell.unit ?? unitIn(about.layout.sample[0]?.[about.unitColumn ?? about.flow ?? -1] ?? "");
  const before = unitIn(preambleValue(about.layout.preamble, /^(unite|unit|units|eenheid)$/) ?? "");
  if (said === undefined && before !== undefined) {
    const flow = flowOf(preambleValue(about.layout.preamble, /^grandeur metier$/) ?? "");
    const fed = typeof flow === "object" && flow.direction === "export";
    return withUnit(
      { ...cell, unit: before, ...(fed ? { direction: "export" } : {}) },
      answers,
      questions,
      about,
    );
  }
  if (said === undefined) {
    if (about.unitColumn !== undefined) return cell;
    const which = cell.home === undefined ? `"${name}"` : "the columns of homes";
    questions.push(
      ask(`what ${which} measures: the header names no unit`, "quantity", [
        "kWh",
        "Wh",
        "kW",
        "W",
        "register",
      ]),
    );
  } else if (said.kind === "power" && about.profile?.meanPower !== true) {
    questions.push(
      ask(`whether "${name}" in ${said.name} is the mean power over each interval`, "quantity", [
        said.name,
        "kWh",
        "Wh",
      ]),
    );
  }
  return cell;
}

/** The decimal sign, where only one fits all numbers of the first rows. */
function decimalSign(
  layout: Layout,
  columns: readonly Column[],
  { decimal }: Mapping,
): "." | "," | undefined {
  if (decimal !== undefined) return decimal === "comma" ? "," : ".";
  const numbers = columns
    .filter(
      (c) => !["time", "start", "end", "home", "meter", "ignore"].includes(c.meaning?.role ?? ""),
    )
    .flatMap((c) => c.cells)
    .filter((t) => /^[-+]?\d[\d.,]*$/.test(t));
  const fits = (sign: "." | ",", group: "." | ","): boolean => {
    const form = new RegExp(`^[-+]?(\\d+|[1-9]\\d{0,2}(\\${group}\\d{3})+)(\\${sign}\\d*)?$`);
    return numbers.every((t) => form.test(t));
  };
  const [dot, comma] = [fits(".", ","), fits(",", ".")];
  if (dot && !comma) return ".";
  if (comma && !dot) return ",";
  if (!dot) return ".";
  // Whole numbers fit both; so do numbers whose every sign may as well group thousands.
  const plain = numbers.every((t) => /^[-+]?\d+$/.test(t));
  return plain || (layout.separator === "," && !numbers.some((t) => t.includes(",")))
    ? "."
    : undefined;
}
