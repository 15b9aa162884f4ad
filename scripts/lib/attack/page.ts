/** The tables of docs/privacy.md, between their marks, from what was measured. */
import { measuredRows, type Result, type Results } from "./results.js";
import { TABLES, type TableName, type TableRow } from "./tables.js";

interface Column {
  readonly head: string;
  readonly left?: true;
  readonly of: (result: Result, row: TableRow) => string;
}

type Interval = readonly [number, number] | null | undefined;

const number = (value: number | null | undefined): string => value?.toFixed(3) ?? "";
const span = (value: number | null | undefined, interval: Interval): string =>
  value === null || value === undefined || interval === null || interval === undefined
    ? ""
    : `${number(value)} [${interval.map(number).join(", ")}]`;

const policy: Column = { head: "policy", left: true, of: (r) => `\`${r.policy}\`` };
const linkage: Column = { head: "linkage", of: (r) => span(r.linkage, r.interval) };
const largest: Column = { head: "largest denomination", of: (r) => span(r.top, r.topInterval) };
const knowing: Column = {
  head: "… with curves known",
  of: ({ outsideKnowledge: o }) => span(o.top, o.topInterval),
};
const rank: Column = { head: "rank", of: (r) => span(r.rank, r.rankInterval) };
const error: Column = { head: "bill error", of: (r) => number(r.billError) };
const guess: Column = { head: "public guess", of: (r) => number(r.publicError) };
const months: Column = { head: "months", of: (_, row) => String(row.trials) };
const days: Column = { head: "days", of: (r) => r.delayDays.toFixed(1) };
const tokens: Column = { head: "tokens", of: (r) => r.receipts.toFixed(1) };
const bound: Column = { head: "money", of: (r) => r.moneyBound.toFixed(2) };
const holds: Column = { head: "check", of: (r) => (r.holds ? "holds" : "fails") };
const joint: Column = {
  head: "joint",
  of: ({ joint: j }) => span(j?.linkage?.value, j?.linkage?.interval),
};
const jointKnowing: Column = {
  head: "joint, curves known",
  of: ({ jointKnowing: j }) => span(j?.linkage?.value, j?.linkage?.interval),
};
const touched: Column = {
  head: "homes it touched",
  of: (r) => span(r.touched, r.touchedInterval),
};
const event: Column = {
  head: "event",
  left: true,
  of: (r) =>
    r.policy === "no-dummies" ? "a relay that counts, no dummies" : r.event.replaceAll("-", " "),
};
const homes: Column = { head: "homes", of: (r) => String(r.homes) };
const denominations: Column = {
  head: "denominations",
  left: true,
  of: (_, row) =>
    row.denominations === "binary" ? "1, 2, 4 … 8192" : row.denominations.replaceAll(",", ", "),
};

const COLUMNS: Readonly<Record<TableName, readonly Column[]>> = {
  policies: [
    ...[policy, linkage, largest, knowing, rank, error, guess, days, tokens],
    ...[months, holds],
  ],
  denominations: [
    ...[policy, denominations, linkage, largest, knowing, rank, error, guess],
    ...[days, tokens, bound],
  ],
  populations: [policy, homes, months, linkage, largest, joint, jointKnowing, rank, error, guess],
  events: [event, linkage, touched, largest, rank, error, guess],
};

const marks = (name: TableName): [string, string] => [
  `<!-- ${name}:begin -->`,
  `<!-- ${name}:end -->`,
];

function tableOf(results: Results, name: TableName): string {
  const columns = COLUMNS[name];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map(({ left }) => (left === true ? "---" : "---:"))),
    ...measuredRows(results, name).map(({ row, result }) =>
      line(columns.map(({ of }) => of(result, row))),
    ),
  ].join("\n");
}

/** The page with its tables made again. @throws Error if a mark is missing */
export function withTables(text: string, results: Results): string {
  return TABLES.reduce((page, name) => {
    const [begin, end] = marks(name);
    const [from, to] = [page.indexOf(begin), page.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/privacy.md has no ${begin} … ${end}`);
    return `${page.slice(0, from + begin.length)}\n\n${tableOf(results, name)}\n\n${page.slice(to)}`;
  }, text);
}
