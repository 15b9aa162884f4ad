/** All policies in one picture: linkage with its interval, over the days until the money comes. */
import type { rowJson } from "./report.js";
import type { Measured } from "./scorer/bootstrap.js";

const WIDTH = 860;
const ROW = 30;
const LEFT = 220;
const RIGHT = 150;
const TOP = 70;
/** Linkage is drawn by its cube root, so that 0.01 and 1 can both be read. */
const TICKS = [-0.01, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

interface Bar {
  readonly label: string;
  readonly days: number;
  readonly all: Measured;
  readonly largest: Measured | undefined;
}

/** The columns of a row that are drawn. */
export type ChartRow = Pick<
  ReturnType<typeof rowJson>,
  | "policy"
  | "event"
  | "homes"
  | "denominations"
  | "delayDays"
  | "linkage"
  | "interval"
  | "top"
  | "topInterval"
>;

export function chart(rows: readonly ChartRow[], title: string): string {
  const bars = rows.flatMap(barOf);
  const height = TOP + ROW * bars.length + 50;
  const x = (value: number): number => {
    const span = Math.cbrt(1) - Math.cbrt(-0.02);
    return LEFT + ((Math.cbrt(value) - Math.cbrt(-0.02)) / span) * (WIDTH - LEFT - RIGHT);
  };
  const bottom = TOP + ROW * bars.length;
  const grid = TICKS.map(
    (t) =>
      `<line x1="${px(x(t))}" y1="${TOP - 8}" x2="${px(x(t))}" y2="${bottom}" stroke="${t === 0.02 ? "#b3261e" : "#ddd"}"/>` +
      `<text x="${px(x(t))}" y="${bottom + 18}" text-anchor="middle">${t}</text>`,
  );
  const lines = bars.map((bar, i) => {
    const y = TOP + ROW * i + ROW / 2;
    return [
      `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${escape(bar.label)}</text>`,
      mark({ x, measured: bar.all, y: y - 4, colour: "#1f5fa8" }),
      bar.largest === undefined
        ? ""
        : mark({ x, measured: bar.largest, y: y + 6, colour: "#c47a00" }),
      `<text x="${WIDTH - RIGHT + 20}" y="${y + 4}">${bar.days.toFixed(1)} days</text>`,
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="20" y="26" font-size="16">${escape(title)}</text>
<text x="20" y="46" fill="#1f5fa8">linkage of all pairs</text><text x="160" y="46" fill="#c47a00">of the largest denomination</text><text x="360" y="46" fill="#b3261e">bound 0.02</text><text x="${WIDTH - RIGHT + 20}" y="46">use to payment</text>
${grid.join("\n")}
${lines.join("\n")}
</svg>
`;
}

function barOf(row: ChartRow): Bar[] {
  const measured = (value: number | null, interval: readonly [number, number] | null) =>
    value === null || interval === null ? undefined : { value, interval };
  const all = measured(row.linkage, row.interval);
  if (all === undefined) return [];
  const label = row.event === "none" ? row.policy : `${row.policy}, ${row.event}`;
  const size = `${row.homes} homes, ${row.denominations.at(-1)!}`;
  const largest = measured(row.top, row.topInterval);
  return [{ label: `${label} (${size})`, days: row.delayDays, all, largest }];
}

function mark({
  x,
  measured: m,
  y,
  colour,
}: {
  readonly x: (v: number) => number;
  readonly measured: Measured;
  readonly y: number;
  readonly colour: string;
}): string {
  const [low, high] = m.interval.map((v) => x(Math.max(-0.02, v))) as [number, number];
  return (
    `<line x1="${px(low)}" y1="${y}" x2="${px(high)}" y2="${y}" stroke="${colour}" stroke-width="3"/>` +
    `<circle cx="${px(x(Math.max(-0.02, m.value)))}" cy="${y}" r="4" fill="${colour}"/>`
  );
}

const px = (value: number): string => value.toFixed(1);

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
