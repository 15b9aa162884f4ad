/**
 * Hours as the interface of Datadis gives them (datadis.es, `get-consumption-data`): a list of `{"cups", "date",
 * "time", "consumptionKWh", "obtainMethod", "surplusEnergyKWh"}`. It has the columns of the download in CSV, with the
 * same ends of hours in local time up to 24:00, and is read as that table.
 */
import { badRow } from "../errors.js";
import type { Input } from "../source.js";
import { RESEMBLES } from "../table/profiles.js";
import { csvFormat } from "./csv.js";
import type { Format } from "./format.js";
import { readJson } from "./json-stream.js";

/** Fields, and the columns of the download that hold them. */
const COLUMNS = {
  cups: "CUPS",
  date: "Fecha",
  time: "Hora",
  consumptionKWh: "Consumo_kWh",
  obtainMethod: "Metodo_obtencion",
} as const;
const FED_IN = "surplusEnergyKWh";
/** Of energy that never passes the meter of the grid. */
const OWN = ["generationEnergyKWh", "selfConsumptionEnergyKWh"] as const;

export const datadisFormat: Format = {
  name: "Datadis JSON",

  detect(head) {
    return /^\s*[[{]/.test(head) && head.includes('"consumptionKWh"') && head.includes('"cups"');
  },

  async read(input, collector) {
    const rows: Record<string, unknown>[] = [];
    const path = /^\s*\[/.test(input.head) ? "$.*" : "$.*.*";
    await readJson(input, path, (value) => {
      rows.push((value ?? {}) as Record<string, unknown>);
    });
    const feedsIn = rows.some((row) => row[FED_IN] !== undefined && row[FED_IN] !== null);
    const nulls = rows.filter((row) => row.consumptionKWh === null).length;
    if (nulls > 0) collector.ignore('hours whose "consumptionKWh" is null have no reading', nulls);
    if (!feedsIn) {
      const message = `${RESEMBLES}Datadis JSON, but it has no "${FED_IN}": energy fed in is not in it`;
      collector.note({ kind: "assumed", file: input.name, message });
    }
    for (const field of OWN) {
      const count = rows.filter((row) => row[field] !== undefined && row[field] !== null).length;
      if (count > 0)
        collector.ignore(`"${field}" does not pass the meter of the grid, and is left out`, count);
    }
    const header = [...Object.values(COLUMNS), ...(feedsIn ? ["Energia_vertida_kWh"] : [])];
    const lines = rows.map((row, i) => lineOf(row, i + 1, { input, feedsIn }));
    await csvFormat.read(tableOf(input, `${header.join(";")}\n${lines.join("\n")}\n`), collector);
  },
};

/** @throws readings/bad-row */
function lineOf(
  row: Record<string, unknown>,
  number: number,
  { input, feedsIn }: { readonly input: Input; readonly feedsIn: boolean },
): string {
  const fields = [...Object.keys(COLUMNS), ...(feedsIn ? [FED_IN] : [])];
  const cells = fields.map((field) => {
    const value = row[field];
    // A missing reading is null; without the field it is another list.
    if (value === null && /KWh$/.test(field)) return "";
    const isEnergy = /KWh$/.test(field);
    const form = isEnergy ? /^-?\d+(\.\d+)?$/ : /^[^;\n"]+$/;
    if (typeof value !== "string" || !form.test(value)) {
      const reason = `hour ${number} has no "${field}", which Datadis JSON gives`;
      throw badRow({ file: input.name }, reason);
    }
    // Four decimals group no thousands, with either decimal sign.
    return isEnergy ? padded(value) : value;
  });
  return cells.join(";");
}

function padded(value: string): string {
  const [whole = "", fraction = ""] = value.split(".");
  return `${whole}.${fraction.padEnd(4, "0")}`;
}

/** The same input, with the text of the table. */
function tableOf({ name }: Input, text: string): Input {
  const bytes = Buffer.from(text);
  async function* once(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return { name, bytes, head: text.slice(0, 65_536), raw: once, chunks: once };
}
