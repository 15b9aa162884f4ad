/** Plain tables for terminals: no rules, two spaces between columns, numbers to the right. */
import Table from "cli-table3";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
  /**
   * What becomes of text that is too long: `cut` at its end, when absent; `wrap`ped into lines, for
   * sentences; or its `middle` left out, for addresses and hashes.
   */
  readonly long?: "cut" | "wrap" | "middle";
}

type Rows = readonly (readonly string[])[];

/** Columns this narrow are left as they are. */
const NARROW = 12;
const GAP = 2;

/**
 * @param width of the terminal: the widest columns of text are narrowed until the table fits, as far
 *   as they stay readable; where that is not enough, each row is a list of its own. Whole when absent
 */
export function table(columns: readonly Column[], rows: Rows, width?: number): string {
  if (width === undefined) return draw(columns, rows);
  const widths = fit(columns, rows, width);
  if (widths === null) return lists(columns, rows, width);
  return draw(
    columns,
    rows.map((row) => row.map((cell, i) => narrow(cell, widths[i]!, columns[i]!.long))),
  );
}

/** Widths of the columns, the widest left-aligned ones narrowed; `null` if they cannot be enough. */
function fit(columns: readonly Column[], rows: Rows, width: number): readonly number[] | null {
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]!.length)),
  );
  const excess = (): number => widths.reduce((n, w) => n + w + GAP, -GAP) - width;
  for (let over = excess(); over > 0; over = excess()) {
    const most = Math.max(
      ...columns.map(({ align, head }, i) =>
        align === "right" || widths[i]! <= Math.max(NARROW, head.length) ? 0 : widths[i]!,
      ),
    );
    if (most === 0) return null;
    const i = columns.findIndex(({ align }, at) => align !== "right" && widths[at] === most);
    widths[i] = Math.max(NARROW, columns[i]!.head.length, most - over);
  }
  return widths;
}

/** A row below the other, each a list of the columns' names with what they hold. */
function lists(columns: readonly Column[], rows: Rows, width: number): string {
  const names = Math.max(...columns.map(({ head }) => head.length));
  const room = Math.max(NARROW, width - names - GAP);
  return rows
    .map((row) =>
      columns
        .flatMap(({ head, long }, i) =>
          narrow(row[i]!, room, long)
            .split("\n")
            .map((line, at) => `${(at === 0 ? head : "").padEnd(names + GAP)}${line}`.trimEnd()),
        )
        .join("\n"),
    )
    .join("\n\n");
}

function narrow(text: string, width: number, how: Column["long"] = "cut"): string {
  if (text.length <= width) return text;
  if (how === "wrap") return wrapText(text, width);
  const end = how === "middle" ? Math.floor((width - 1) / 3) : 0;
  return `${text.slice(0, width - 1 - end)}…${end === 0 ? "" : text.slice(-end)}`;
}

/** Lines of at most `width`, broken between words; a word that is longer is broken too. */
export function wrapText(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line].join("\n");
}

function draw(columns: readonly Column[], rows: Rows): string {
  const none = "";
  const t = new Table({
    head: columns.map((c) => c.head),
    colAligns: columns.map((c) => c.align ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: none,
    },
  });
  t.push(...rows.map((row) => [...row]));
  return t
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
