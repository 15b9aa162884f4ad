/** Bars over time, with the table of the same numbers behind them. */
import { html, svg, type TemplateResult } from "lit-html";
import { integer } from "./format.js";
import { table } from "./table.js";

export interface Bar {
  /** Beneath the bar, short. */
  readonly label: string;
  /** In the table and in the bar's title. */
  readonly name: string;
  readonly value: number;
}

const HEIGHT = 220;
/** Room for one label beneath the bars. */
const LABEL = 62;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 8, 14, 30];

export function barChart(title: string, unit: string, bars: readonly Bar[]): TemplateResult {
  // One unit of the drawing is about one pixel, so that its text is readable on a phone as well.
  const frame = Math.max(260, Math.min(1040, document.documentElement.clientWidth - 74));
  const top = niceCeiling(Math.max(...bars.map((b) => b.value), 1));
  const step = (frame - LEFT - RIGHT) / bars.length;
  const width = Math.min(48, step * 0.72);
  const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const ticks = [0, top / 2, top].filter((tick) => Number.isInteger(tick));
  const every = Math.ceil((bars.length * LABEL) / (frame - LEFT - RIGHT));
  const total = bars.reduce((sum, b) => sum + b.value, 0);
  const summary = `${title}: ${integer(total)} ${unit} from ${bars[0]?.name ?? ""} to ${bars.at(-1)?.name ?? ""}.`;
  return html`<figure class="chart card">
    <figcaption>${title}</figcaption>
    <svg
      viewBox="0 0 ${frame} ${HEIGHT}"
      role="img"
      aria-label="${summary} The table below has the numbers."
    >
      ${ticks.map(
        (tick) => svg`
          <line class="grid" x1=${LEFT} x2=${frame - RIGHT} y1=${y(tick)} y2=${y(tick)} />
          <text class="axis" x=${LEFT - 8} y=${y(tick) + 4} text-anchor="end">${integer(tick)}</text>`,
      )}
      ${bars.map((bar, i) => {
        const x = LEFT + step * i + (step - width) / 2;
        return svg`
          <rect class="bar" x=${x} y=${y(bar.value)} width=${width} rx="3"
            height=${Math.max(0, y(0) - y(bar.value))}><title>${bar.name}: ${integer(bar.value)}</title></rect>
          ${
            i % every === 0
              ? svg`<text class="axis" x=${x + width / 2} y=${HEIGHT - 8} text-anchor="middle">${bar.label}</text>`
              : ""
          }`;
      })}
    </svg>
    <details>
      <summary>Show the numbers as a table</summary>
      ${table({
        caption: title,
        columns: [
          { head: "Time (UTC)", names: true, cell: (b: Bar) => b.name },
          { head: unit, number: true, cell: (b: Bar) => integer(b.value) },
        ],
        rows: bars,
        empty: "No numbers.",
      })}
    </details>
  </figure>`;
}

/** The smallest of 1, 2, 4, 5, 10, 20, 40, 50, … that is not below the value. */
function niceCeiling(value: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [1, 2, 4, 5]) if (step * unit >= value) return step * unit;
  }
}
