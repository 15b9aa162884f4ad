/** Which rows each table of docs/privacy.md has. */
import { HABITS, type EventName } from "../../../src/attack/index.js";

export interface TableRow {
  readonly policy: string;
  readonly homes: number;
  /** As `sipster attack --denominations` takes them. */
  readonly denominations: string;
  readonly event: EventName;
  readonly trials: number;
}

export const TABLES = ["policies", "denominations", "populations", "events"] as const;
export type TableName = (typeof TABLES)[number];

const DEFAULT = "1,10,100,1000";
const OFFERED = ["common-deadline", "next-month"];
const POPULATIONS = [2, 5, 11, 21, 100];
const EVENTS: readonly EventName[] = [
  "none",
  "withheld-answer",
  "known-outage",
  "late-return",
  "restore",
  "moving-in",
  "relay-colludes",
];

const row = (policy: string, changes: Partial<TableRow> = {}): TableRow => ({
  ...{ policy, homes: 1000, denominations: DEFAULT, event: "none", trials: 2 },
  ...changes,
});

/** Months enough for about a thousand homes, a hundred at most. */
const months = (homes: number): number => Math.min(100, Math.ceil(1_000 / homes));

export function rowsOf(table: TableName): TableRow[] {
  switch (table) {
    case "policies":
      return HABITS.map(({ name }) => row(name, { trials: OFFERED.includes(name) ? 8 : 3 }));
    case "denominations":
      return [DEFAULT, "1,10,100", "binary"].flatMap((denominations) =>
        OFFERED.map((policy) => row(policy, { denominations, trials: trialsOf(denominations) })),
      );
    case "populations":
      return OFFERED.flatMap((policy) => [
        ...POPULATIONS.map((homes) => row(policy, { homes, trials: months(homes) })),
        row(policy, { trials: 8 }),
      ]);
    case "events":
      return EVENTS.flatMap((event) => [
        row("common-deadline", { event, homes: 100, trials: months(100) }),
        ...(event === "none" ? [row("no-dummies", { homes: 100, trials: months(100) })] : []),
      ]);
  }
}

/** The default's rows are those of the other tables. */
function trialsOf(denominations: string): number {
  return denominations === DEFAULT ? 8 : 3;
}

/** Equal for equal rows, also of different tables. */
export function nameOf({ policy, homes, denominations, event, trials }: TableRow): string {
  return [policy, homes, denominations, event, trials].join(" ");
}
