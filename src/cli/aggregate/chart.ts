/** The load of a day as a chart of block characters, for terminals. */
import type { SlotSum } from "../../demo/aggregate/index.js";

const ROWS = 8;
const EIGHTHS = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/** Room for the scale to the left. */
const MARGIN = 10;

/** Mean of all sums at each time of day, in order of time; slots without a sum do not count. */
export function dailyMeans(
  slots: readonly SlotSum[],
  timeZone: string,
): { readonly time: string; readonly wattHours: number }[] {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const sums = new Map<string, { total: bigint; count: bigint }>();
  for (const { start, wattHours } of slots) {
    if (wattHours === null) continue;
    const time = clock.format(start);
    const sum = sums.get(time) ?? { total: 0n, count: 0n };
    sums.set(time, { total: sum.total + wattHours, count: sum.count + 1n });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([time, { total, count }]) => ({ time, wattHours: Number(total / count) }));
}

/** A column for each time of day, or for several where the terminal is narrow. */
export function drawDay(
  means: readonly { readonly time: string; readonly wattHours: number }[],
  width: number,
): string {
  const perColumn = Math.max(1, Math.ceil(means.length / Math.max(8, width - MARGIN)));
  const columns: number[] = [];
  for (let i = 0; i < means.length; i += perColumn) {
    const part = means.slice(i, i + perColumn);
    columns.push(part.reduce((sum, m) => sum + m.wattHours, 0) / part.length);
  }
  const top = Math.max(1, ...columns);
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    const scale = row === ROWS - 1 ? `${Math.round(top)}` : row === 0 ? "0" : "";
    const bars = columns.map((value) => {
      const eighths = Math.round((value / top) * ROWS * 8) - row * 8;
      return EIGHTHS[Math.min(8, Math.max(0, eighths))] || " ";
    });
    lines.push(`${scale.padStart(MARGIN - 2)} ${bars.join("")}`.trimEnd());
  }
  const [first, last] = [means[0]?.time ?? "", means.at(-1)?.time ?? ""];
  const gap = Math.max(1, columns.length - first.length - last.length);
  lines.push(`${" ".repeat(MARGIN - 1)}${first}${" ".repeat(gap)}${last}`);
  return lines.join("\n");
}
