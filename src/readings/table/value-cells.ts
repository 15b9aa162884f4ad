/** Which columns of a table hold energy, drawn or fed in. */
import { ask, names, sole, type Column } from "./columns.js";
import { isTimeText } from "./layout.js";
import type { Mapping, Question } from "./mapping.js";
import type { Cell } from "./cell.js";
import { flowOf } from "./words.js";

const missingCell = /^(|null|nan|na|n\/a|-|--)$/i;

function isNumeric({ cells }: Column): boolean {
  const filled = cells.filter((c) => !missingCell.test(c));
  return (
    filled.length === 0 ||
    filled.some((c) => /^[-+]?[\d.,'’ \u00a0\u202f]*\d[\d.,]*(e[-+]?\d+)?$/i.test(c))
  );
}

function cellOf(c: Column, direction: Cell["direction"], home?: string): Cell {
  return {
    index: c.index,
    direction,
    register: c.meaning?.register === true,
    ...(c.meaning?.unit === undefined ? {} : { unit: c.meaning.unit }),
    ...(home === undefined ? {} : { home }),
  };
}

export function valueCells({
  columns,
  answers,
  hasFlow,
  questions,
}: {
  readonly columns: readonly Column[];
  readonly answers: Mapping;
  readonly hasFlow: boolean;
  readonly questions: Question[];
}): Cell[] {
  const isValue = (c: Column): boolean =>
    c.meaning === undefined || ["import", "export", "net", "value"].includes(c.meaning.role);
  const numeric = columns.filter((c) => isValue(c) && isNumeric(c));
  const direction = answers.direction ?? "import";
  if (answers.columns === "homes" && sole(columns, "home") === undefined) {
    return columns.filter(isValue).map((c) => cellOf(c, direction, c.name));
  }
  const by = (role: string): Column[] => numeric.filter((c) => c.meaning?.role === role);
  const known = { import: by("import"), export: by("export"), net: by("net") };
  const sure = Object.values(known).flat();
  refuseWords(columns, questions);
  const unclear = by("value");
  // 0.05 may be five past midnight; a column of times has nothing else.
  const isTime = ({ cells }: Column): boolean =>
    cells.filter((x) => !missingCell.test(x)).every((x) => isTimeText(x) && !/^\d+$/.test(x));
  const bare = numeric.filter((c) => c.meaning === undefined && !isTime(c));
  if (sure.length === 0 && unclear.length === 0) {
    questions.push(whichOf(bare.length > 0 ? bare : columns));
    return [];
  }
  const [only] = unclear;
  if (only !== undefined && unclear.length === 1 && sure.length === 0) {
    if (only.meaning?.register !== true && !hasFlow && answers.direction === undefined) {
      questions.push(
        ask(`whether "${only.name}" is energy drawn, fed in, or the difference`, "direction", [
          "import",
          "export",
          "net",
        ]),
      );
    }
    return [cellOf(only, direction)];
  }
  // Beside energy fed in, numbers under a name that is not known may be the energy drawn.
  if (known.export.length === sure.length && bare.length > 0 && !sure.some((c) => c.answered)) {
    questions.push(whichOf([...sure, ...bare]));
    return [];
  }
  if (mayHoldMore({ sure, known, numeric, answers }, questions)) return [];
  // Several columns of one direction add up only where an answer says so.
  const twice = Object.values(known).some((c) => c.length > 1 && c.some((x) => !x.answered));
  if (twice || unclear.length > 0 || (known.net.length > 0 && sure.length > known.net.length)) {
    questions.push(whichOf([...sure, ...unclear]));
    return [];
  }
  return flowCells(known, sure.length === 1 ? answers.direction : undefined);
}

interface Flows {
  readonly sure: readonly Column[];
  readonly known: Readonly<Record<Cell["direction"], readonly Column[]>>;
  readonly numeric: readonly Column[];
  readonly answers: Mapping;
}

/** Asks where all known energy has one direction, and the other may be in the table or missing in it. */
function mayHoldMore({ sure, known, numeric, answers }: Flows, questions: Question[]): boolean {
  // Beside energy drawn, numbers under a name that is not known may be the energy fed in.
  const measured = numeric.filter(isMeasured);
  if (known.import.length === sure.length && measured.length > 0 && answers.columns === undefined) {
    questions.push(whichOf([...sure, ...measured]));
    return true;
  }
  const isExport = known.export.length === sure.length && answers.direction === undefined;
  if (isExport && sure.length > 0 && !sure.some((c) => c.answered)) {
    const question = `whether ${names(sure)} is all: the table has no energy drawn`;
    questions.push(ask(question, "direction", ["export", "import"]));
  }
  return false;
}

/** Numbers of no known name that may be energy: not one number throughout, as of a house or a contract. */
function isMeasured({ cells, meaning }: Column): boolean {
  const filled = cells.filter((c) => !missingCell.test(c));
  if (meaning !== undefined || filled.every((c) => isTimeText(c) && !/^\d+[.,]\d+$/.test(c))) {
    return false;
  }
  return new Set(filled).size > 1 || filled.every((c) => /^0*$|^\d+[.,]\d+$/.test(c));
}

/** A column whose header names energy holds words alone: then something else is the energy. */
function refuseWords(columns: readonly Column[], questions: Question[]): void {
  for (const c of columns) {
    const isFlow = ["import", "export", "net"].includes(c.meaning?.role ?? "");
    if (!isFlow || isNumeric(c)) continue;
    const question = `what "${c.name}" is: its header names energy, and "${c.cells[0]!.slice(0, 20)}" is not a number`;
    questions.push(ask(question, "columns", [`ignore=${c.name}`, "import=NAME"]));
  }
}

function flowCells(
  known: Readonly<Record<Cell["direction"], readonly Column[]>>,
  answer: Cell["direction"] | undefined,
): Cell[] {
  return (["import", "export", "net"] as const).flatMap((direction) =>
    known[direction].map((c) => ({
      ...cellOf(c, answer ?? direction),
      ...(known[direction].length > 1 ? { part: c.name } : {}),
    })),
  );
}

function whichOf(found: readonly Column[]): Question {
  return ask(
    `which columns are the energy drawn and fed in, of ${names(found)}, which of them add up, or whether each is a home`,
    "columns",
    ["import=NAME", "import=NAME+NAME", "import=NAME,export=NAME", "homes"],
  );
}

/** The column that says of each row which way its energy flows, where its words are known. */
export function flowColumn(columns: readonly Column[], questions: Question[]): number | undefined {
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
