/** Plain tables for terminals: no rules, two spaces between columns, numbers to the right. */
import Table from "cli-table3";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
}

/** Columns this narrow are left as they are. */
const NARROW = 12;
const GAP = 2;

/**
 * @param width of the terminal: the widest column of text is shortened until the table fits, as far
 *   as that column stays readable; whole when absent
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  return draw(columns, width === undefined ? rows : fit(columns, rows, width));
}

/** Shortens cells of the widest left-aligned columns, one after the other. */
function fit(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly (readonly string[])[] {
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
    if (most === 0) break;
    const i = columns.findIndex(({ align }, at) => align !== "right" && widths[at] === most);
    widths[i] = Math.max(NARROW, columns[i]!.head.length, most - over);
  }
  return rows.map((row) => row.map((cell, i) => shorten(cell, widths[i]!)));
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function draw(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
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
